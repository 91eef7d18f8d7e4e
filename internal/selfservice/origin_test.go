package selfservice_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

// callsItself is a Kratos with the base URL.
func callsItself(base string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"id":"f","ui":{"action":"%sself-service/login?flow=f","nodes":[]}}`, base)
	}
}

func check(t *testing.T, kratos http.HandlerFunc, public string) (selfservice.Relation, error) {
	t.Helper()
	r := fakeKratos(t, kratos, func(o *selfservice.Options) { o.PublicURL = parse(t, public) })
	return r.server.Check(t.Context())
}

func TestCheckServes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		public, base string
		kind         selfservice.RelationKind
		line         []string
	}{
		"the same":            {"https://accounts.bar.com", "https://accounts.bar.com/", selfservice.SameOrigin, nil},
		"written otherwise":   {"https://Accounts.bar.com:443/", "https://accounts.bar.com/", selfservice.SameOrigin, nil},
		"localhost":           {"http://localhost:4455", "http://localhost:4455/", selfservice.SameOrigin, nil},
		"siblings":            {"https://ui.bar.com", "https://kratos.bar.com/", selfservice.Siblings, []string{"cookies.domain: bar.com", "serve.public.cors", `"https://ui.bar.com"`}},
		"a child":             {"https://bar.com", "https://kratos.bar.com/", selfservice.Siblings, []string{"cookies.domain: bar.com"}},
		"a longer suffix":     {"https://a.bar.co.uk", "https://b.c.bar.co.uk/", selfservice.Siblings, []string{"cookies.domain: bar.co.uk"}},
		"two ports":           {"http://localhost:4455", "http://localhost:4433/", selfservice.Siblings, []string{"serve.public.base_url: http://localhost:4455/", "serve.public.cors"}},
		"two ports of an IP":  {"http://10.0.0.1:4455", "http://10.0.0.1:4433/", selfservice.Siblings, []string{"serve.public.cors"}},
		"a path":              {"https://bar.com", "https://bar.com/kratos/", selfservice.Siblings, []string{"serve.public.base_url: https://bar.com/"}},
		"another scheme":      {"https://bar.com", "http://bar.com/", selfservice.Siblings, []string{"serve.public.base_url: https://bar.com/"}},
		"inside of a cluster": {"http://ui.kratos.svc.cluster.local", "http://api.kratos.svc.cluster.local/", selfservice.Siblings, []string{"cookies.domain: cluster.local"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rel, err := check(t, callsItself(test.base), test.public)
			if err != nil || rel.Kind != test.kind || (rel.Line == "") != (test.line == nil) || rel.Kratos.String() != test.base {
				t.Fatalf("%+v, %v", rel, err)
			}
			for _, part := range test.line {
				if !strings.Contains(rel.Line, part) {
					t.Errorf("%q does not say %q", rel.Line, part)
				}
			}
		})
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ public, base string }{
		"two domains":              {"https://ui.bar.com", "https://kratos.foo.com/"},
		"a suffix that all share":  {"https://bar.co.uk", "https://foo.co.uk/"},
		"tenants of one host":      {"https://one.github.io", "https://two.github.io/"},
		"two names of one machine": {"http://localhost:4455", "http://127.0.0.1:4455/"},
		"two addresses":            {"http://10.0.0.1:4455", "http://10.0.0.2:4455/"},
		"two names without a dot":  {"http://ui:4455", "http://kratos:4433/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := check(t, callsItself(test.base), test.public)
			if fault.KindOf(err) != fault.Precondition {
				t.Fatalf("%v", err)
			}
			text := err.Error() + fault.HintOf(err)
			for _, part := range []string{test.public, test.base, "serve.public.base_url", "--public-url", "KRATOS_AGENT_UI_PUBLIC_URL"} {
				if !strings.Contains(text, part) {
					t.Errorf("%q does not name %q", text, part)
				}
			}
		})
	}
}

func TestCheckOfWhatIsNoKratos(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		kratos http.HandlerFunc
		kind   fault.Kind
	}{
		"another program": {answers(200, "text/html", "hello"), fault.Precondition},
		"not found":       {answers(404, "application/json", `{"error":{"code":404}}`), fault.Precondition},
		"elsewhere":       {answers(307, "text/html", ""), fault.Precondition},
		"an odd form":     {answers(200, "application/json", `{"id":"f","ui":{"action":"/elsewhere"}}`), fault.Precondition},
		"too many":        {answers(429, "text/plain", ""), fault.Unavailable},
		"a bad gateway":   {answers(502, "text/html", "<h1>nginx</h1>"), fault.Unavailable},
		"away":            {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := check(t, test.kratos, "http://localhost:4455")
			var f *fault.Error
			if fault.KindOf(err) != test.kind || !errors.As(err, &f) || !strings.Contains(fault.HintOf(err), "KRATOS_PUBLIC_URL") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCheckOfARealKratos(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	rel, err := r.server.Check(t.Context())
	if err != nil || rel.Kind != selfservice.SameOrigin || rel.Kratos.String() != r.origin+"/" {
		t.Errorf("%+v, %v", rel, err)
	}
}

func TestCheckTellsWhatSiblingsDoNotEnforce(t *testing.T) {
	t.Parallel()
	r := fakeKratos(t, callsItself("https://kratos.bar.com/"), func(o *selfservice.Options) {
		o.PublicURL, o.EnforceMFA = parse(t, "https://ui.bar.com"), true
	})
	if rel, err := r.server.Check(t.Context()); err != nil || !strings.Contains(rel.Line, "second factor") {
		t.Errorf("%+v, %v", rel, err)
	}
}

// Where Kratos calls itself by another host, forms lead there. Its script comes
// from ours.
func TestPolicyNamesASibling(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base    string
		origins []string
		forms   string
	}{
		"no origin is given":  {"https://kratos.bar.com/", nil, ""},
		"a provider is given": {"https://kratos.bar.com/", []string{"https://idp.test"}, "; form-action 'self' https://kratos.bar.com https://idp.test"},
		"by a path":           {"https://ui.bar.com/kratos/", []string{"https://idp.test"}, "; form-action 'self' https://idp.test"},
		"the same origin":     {"https://ui.bar.com/", []string{"https://idp.test"}, "; form-action 'self' https://idp.test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := fakeKratos(t, callsItself(test.base), func(o *selfservice.Options) {
				o.PublicURL, o.FormActionOrigins = parse(t, "https://ui.bar.com"), test.origins
			})
			if _, err := r.server.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			a, _ := send(t.Context(), t, http.MethodGet, r.origin+"/no-such-page", nil, "")
			if got, want := a.Header.Get("Content-Security-Policy"), policy+test.forms; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
