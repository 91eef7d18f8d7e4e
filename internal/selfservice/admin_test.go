package selfservice_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

// The admin API in place of the public one: nothing of it is served, and the
// server says what is wrong and ends.
func TestAdminAPIInPlaceOfThePublicOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	email, id := r.person(t)
	newBrowser(t).signIn(r.origin, email).want("/settings", http.StatusOK)
	for name, address := range map[string]string{"with its path": r.AdminURL + "/admin", "without": r.AdminURL} {
		t.Run(name, func(t *testing.T) {
			o := selfservice.Options{KratosURL: parse(t, address), PublicURL: parse(t, r.origin)}
			s, err := selfservice.New(o)
			if err != nil {
				t.Fatal(err)
			}
			h := httptest.NewServer(s.Handler())
			t.Cleanup(h.Close)
			for _, accept := range []string{"application/json", "*/*", "text/html"} {
				for _, method := range []string{http.MethodGet, http.MethodDelete} {
					for _, path := range []string{"/sessions", "/sessions/" + id, "/schemas/default", "/self-service/login/api"} {
						a, text := send(t.Context(), t, method, h.URL+path, map[string]string{"Accept": accept}, "")
						if a.StatusCode != http.StatusServiceUnavailable || strings.Contains(text, email) || strings.Contains(text, id) {
							t.Errorf("%s %s for %s: %d %s", method, path, accept, a.StatusCode, text)
						}
						if isJSON := strings.HasPrefix(text, "{"); isJSON == (accept == "text/html") {
							t.Errorf("%s %s for %s: %s", method, path, accept, text)
						}
					}
				}
			}
			for _, page := range []string{"/", "/login?flow=f", "/health/ready"} {
				if a, _ := send(t.Context(), t, http.MethodGet, h.URL+page, nil, ""); a.StatusCode != http.StatusServiceUnavailable {
					t.Errorf("%s: %d", page, a.StatusCode)
				}
			}
			_, _, ended := served(t, o)
			err = result(t, ended)
			if fault.KindOf(err) != fault.Precondition || fault.ExitCode(fault.KindOf(err)) != 4 || !strings.Contains(fault.HintOf(err), "4433") {
				t.Errorf("it ends with %v (%s)", err, fault.HintOf(err))
			}
		})
	}
	if status, _, err := r.Admin(t.Context(), http.MethodGet, "/admin/identities/"+id+"/sessions", nil); err != nil || status != http.StatusOK {
		t.Errorf("the person's sessions: %d %v", status, err)
	}
}

// Nothing reaches what has not answered as Kratos' public API does, however it
// answers, and everything as soon as it does.
func TestNothingIsHandedOnBeforeTheCheck(t *testing.T) {
	t.Parallel()
	var kratos *seen
	is := make(chan http.HandlerFunc, 1)
	is <- answers(http.StatusServiceUnavailable, "text/plain", "")
	kratos = &seen{then: func(w http.ResponseWriter, q *http.Request) {
		h := <-is
		is <- h
		h(w, q)
	}}
	upstream := httptest.NewServer(kratos)
	t.Cleanup(upstream.Close)
	l := listen(t)
	origin := "http://" + l.Addr().String()
	r := &rig{Server: &kratostest.Server{PublicURL: upstream.URL}, origin: origin, log: &logBuffer{}}
	startHandler(t, l, r.handler(t, nil).Handler())
	for range 3 {
		a, _ := send(t.Context(), t, http.MethodDelete, origin+"/sessions", map[string]string{"Cookie": "ory_kratos_session=s3cr3t-mark"}, "")
		if a.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%d", a.StatusCode)
		}
	}
	for _, path := range kratos.paths() {
		if path != "GET /self-service/login/api" {
			t.Errorf("%s was handed on", path)
		}
	}
	<-is
	is <- callsItself(origin + "/")
	becomes(t, origin+"/sessions/whoami", http.StatusOK)
}
