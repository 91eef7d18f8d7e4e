package kratostest_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/mailtest"
)

// A server is ready although nobody listens where its pages will be, and says of
// itself what the pages are told.
func TestPages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		pages        kratostest.Pages
		base         string
		registration int
	}{
		"one origin":   {kratostest.Pages{URL: "http://localhost:1"}, "http://localhost:1/", http.StatusOK},
		"siblings":     {kratostest.Pages{URL: "http://ui.example:1", PublicURL: "http://kratos.example:2"}, "http://kratos.example:2/", http.StatusOK},
		"invited only": {kratostest.Pages{URL: "http://localhost:1", InvitedOnly: true}, "http://localhost:1/", http.StatusBadRequest},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := kratostest.New(t, kratostest.Config{DSN: kratostest.FileDSN(t.TempDir()), Settings: test.pages.Settings()})
			if status, body := get(t, s.PublicURL+"/self-service/registration/api"); status != test.registration {
				t.Errorf("registration: %d %s", status, body)
			}
			status, body := get(t, s.PublicURL+"/self-service/recovery/api")
			flow := decode[struct{ UI struct{ Action string } }](t, body)
			if status != http.StatusOK || !strings.HasPrefix(flow.UI.Action, test.base) {
				t.Errorf("recovery: %d %s", status, body)
			}
			if !strings.Contains(string(body), `"active":"code"`) {
				t.Errorf("recovery is not by code: %s", body)
			}
		})
	}
}

func get(t *testing.T, url string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

// A server with a courier sends what it mails.
func TestCourier(t *testing.T) {
	t.Parallel()
	mails, email := mailtest.Start(t), kratostest.Email(t)
	s := kratostest.New(t, kratostest.Config{
		DSN: kratostest.FileDSN(t.TempDir()), Courier: true,
		Settings: kratostest.Pages{URL: "http://localhost:1", SMTP: mails.URL}.Settings(),
	})
	must[string](t)(s.CreateIdentity(t.Context(), kratostest.DefaultSchema, map[string]any{"email": email}))
	_, body := get(t, s.PublicURL+"/self-service/recovery/api")
	flow := decode[struct{ ID string }](t, body)
	resp, err := http.PostForm(s.PublicURL+"/self-service/recovery?flow="+flow.ID, url.Values{"method": {"code"}, "email": {email}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	m, err := mails.Next(ctx, email)
	if err != nil || m.Code() == "" {
		t.Errorf("%v: %+v", err, m)
	}
}
