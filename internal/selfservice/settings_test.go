package selfservice_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/selfservice/page"
)

func TestSettingsAreNamedAlike(t *testing.T) {
	t.Parallel()
	flags := map[string]bool{}
	for _, s := range selfservice.Settings() {
		want := "KRATOS_AGENT_UI_" + strings.ToUpper(strings.ReplaceAll(s.Flag, "-", "_"))
		if s.Flag == "kratos-public-url" {
			want = "KRATOS_PUBLIC_URL"
		}
		if s.Env != want || s.Usage == "" || strings.HasSuffix(s.Usage, ".") || flags[s.Flag] {
			t.Errorf("%+v, want the variable %s", s, want)
		}
		flags[s.Flag] = true
	}
}

func said(values map[string]string) func(string) string {
	return func(flag string) string { return values[flag] }
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	logo := filepath.Join(t.TempDir(), "Logo.SVG")
	if err := os.WriteFile(logo, []byte("<svg/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, listen, err := selfservice.Configure(said(map[string]string{
		"kratos-public-url": "http://10.1.2.3/model-kratos", "listen": ":8080", "public-url": "https://accounts.bar.com",
		"trusted-proxy": "10.0.0.0/8, 192.168.1.7", "form-action-origin": "https://a.test,https://b.test:8443", "enforce-mfa": "true",
		"brand-name": "Bar", "brand-colour": "#0b5fff", "brand-logo": logo, "footer": "Bar Ltd",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if listen != ":8080" || o.KratosURL.String() != "http://10.1.2.3/model-kratos" || o.PublicURL.String() != "https://accounts.bar.com" || !o.EnforceMFA {
		t.Errorf("%s %+v", listen, o)
	}
	if diff := cmp.Diff([]string{"10.0.0.0/8", "192.168.1.7/32"}, texts(o.TrustedProxies)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"https://a.test", "https://b.test:8443"}, o.FormActionOrigins); diff != "" {
		t.Error(diff)
	}
	want := page.Brand{Name: "Bar", Colour: "#0b5fff", Footer: "Bar Ltd", Logo: "data:image/svg+xml;base64,PHN2Zy8+"}
	if diff := cmp.Diff(want, o.Brand); diff != "" {
		t.Error(diff)
	}
	if _, err := selfservice.New(o); err != nil {
		t.Error(err)
	}
}

func texts(prefixes []netip.Prefix) []string {
	var all []string
	for _, p := range prefixes {
		all = append(all, p.String())
	}
	return all
}

func TestConfigureByDefault(t *testing.T) {
	t.Parallel()
	o, listen, err := selfservice.Configure(said(map[string]string{"kratos-public-url": "http://127.0.0.1:4433"}))
	if err != nil || listen != "127.0.0.1:4455" || o.PublicURL.String() != "http://localhost:4455" || o.EnforceMFA || len(o.TrustedProxies) > 0 || len(o.FormActionOrigins) > 0 {
		t.Errorf("%s %+v %v", listen, o, err)
	}
}

func TestConfigureRefuses(t *testing.T) {
	t.Parallel()
	large := filepath.Join(t.TempDir(), "large.png")
	if err := os.WriteFile(large, make([]byte, 64<<10+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		flag, value string
		want        string
	}{
		"no Kratos":           {"kratos-public-url", "", "--kratos-public-url (KRATOS_PUBLIC_URL) is missing"},
		"Kratos without http": {"kratos-public-url", "127.0.0.1:4433", "KRATOS_PUBLIC_URL"},
		"another scheme":      {"kratos-public-url", "ftp://kratos", "neither http:// nor https://"},
		"a user":              {"kratos-public-url", "http://me:s3cr3t-mark@kratos", "user name"},
		"odd, with a secret":  {"kratos-public-url", "http://me:s3cr3t-mark@kratos:port", "KRATOS_PUBLIC_URL"},
		"the admin API":       {"kratos-public-url", "http://kratos:4434/admin", "admin API"},
		"it, and a slash":     {"kratos-public-url", "http://kratos:4434/%61dmin//", "admin API"},
		"it below a path":     {"kratos-public-url", "https://gate.test/model-kratos/admin/", "admin API"},
		"it, by dots":         {"kratos-public-url", "http://kratos:4434/admin/.", "admin API"},
		"a query":             {"kratos-public-url", "http://kratos/?x=1", "query"},
		"listening nowhere":   {"listen", "4455", "address:port"},
		"listening on a name": {"listen", "127.0.0.1:http", "number"},
		"listening on any":    {"listen", "127.0.0.1:0", "number"},
		"public unknown":      {"listen", "0.0.0.0:4455", "--public-url (KRATOS_AGENT_UI_PUBLIC_URL) is missing"},
		"public with a path":  {"public-url", "https://bar.com/kratos", "path"},
		"proxies":             {"trusted-proxy", "10.0.0.0/8,traefik", `"traefik"`},
		"an origin with more": {"form-action-origin", "https://a.test/login", "https://host[:port]"},
		"an origin that ends": {"form-action-origin", "https://a.test;script-src", "https://host[:port]"},
		"a wildcard":          {"form-action-origin", "*", "https://host[:port]"},
		"perhaps":             {"enforce-mfa", "perhaps", "KRATOS_AGENT_UI_ENFORCE_MFA"},
		"no colour":           {"brand-colour", "blue", "colour"},
		"a logo that is not":  {"brand-logo", "/no/such/logo.png", "cannot be opened"},
		"a logo of a sort":    {"brand-logo", "/etc/passwd", ".svg"},
		"a logo too large":    {"brand-logo", large, "larger"},
		"a logo from the web": {"brand-logo", "https://cdn.test/logo.png", "cannot be opened"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := map[string]string{"kratos-public-url": "http://127.0.0.1:4433", test.flag: test.value}
			_, _, err := selfservice.Configure(said(values))
			if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "s3cr3t-mark") {
				t.Errorf("%v, want a usage error that says %q", err, test.want)
			}
		})
	}
}
