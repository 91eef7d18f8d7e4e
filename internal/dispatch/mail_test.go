package dispatch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/mailtest"
)

// TestMail: a recovery code comes by mail, through a server that wants a password
// of awkward characters, from the sender that the relation names.
func TestMail(t *testing.T) {
	t.Parallel()
	const password = "ab/cd+e#f%20@:?" + mark
	sink := mailtest.Start(t)
	sink.Ask("AKIA", password)
	at, err := url.Parse(sink.URL)
	if err != nil {
		t.Fatal(err)
	}
	program, rootFile := below(t, kratostest.Binaries(t)[0])
	c := newModel(t, program).deploy(t, jujutest.NewUnit(t, ""))
	if err := os.WriteFile(rootFile, []byte(c.pod.Root), 0o600); err != nil {
		t.Fatal(err)
	}
	c.come(mark)
	c.configure("recovery_email_template", "<p>Your way back: {{ .RecoveryCode }}</p>")
	smtp := c.integrate("smtp", "smtp-integrator", nil)
	c.unit.Change(func(st *jujutest.State) {
		secret := st.AddSecret("smtp-integrator", "", map[string]string{"password": password})
		secret.Grants = append(secret.Grants, "kratos")
		st.Relation(smtp).AppData = map[string]string{
			"host": at.Hostname(), "port": at.Port(), "transport_security": "none", "auth_type": "plain",
			"user": "AKIA", "password_id": "secret:" + secret.ID, "smtp_sender": "people@example.com",
		}
	})
	c.about(smtp, "changed")
	c.status("active", "No pages for sign-in and recovery: missing integration ui-endpoint-info")
	c.completed("invite-user", map[string]any{"email": "bob@example.com"})
	c.askForCode("bob@example.com")

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	mail, err := sink.Next(ctx, "bob@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if mail.Sender != "people@example.com" || !bytes.Contains([]byte(mail.HTML), []byte("<p>Your way back: ")) {
		t.Errorf("a mail from %s: %s", mail.Sender, mail.HTML)
	}
}

// askForCode does what somebody does who forgot a password.
func (c *charmed) askForCode(email string) {
	c.t.Helper()
	var flow struct{ UI struct{ Action string } }
	c.json(http.MethodGet, c.kratos().PublicURL+"/self-service/recovery/api", nil, &flow)
	c.json(http.MethodPost, c.local(flow.UI.Action), map[string]string{"method": "code", "email": email}, nil)
}

func (c *charmed) json(method, url string, body, answer any) {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, url, bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		c.t.Fatalf("%s %s: %d", method, url, response.StatusCode)
	}
	if answer != nil {
		if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
			c.t.Fatal(err)
		}
	}
}
