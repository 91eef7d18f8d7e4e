package kratosconf_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

func TestSMTP(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server kratosconf.SMTP
		want   kratosconf.Secret
	}{
		"plain": {kratosconf.SMTP{Host: "mail", Port: 1025, Security: "none"}, "smtp://mail:1025/?disable_starttls=true"},
		"starttls": {
			kratosconf.SMTP{Host: "mail.example.com", Port: 587, User: "u", Password: "p", Security: "starttls"}, "smtp://u:p@mail.example.com:587/",
		},
		"tls": {
			kratosconf.SMTP{Host: "::1", Port: 465, User: "AKIA", Password: "ab/cd+e#f", Security: "tls", SkipVerify: true},
			"smtps://AKIA:ab%2Fcd%2Be%23f@[::1]:465/?skip_ssl_verify=true",
		},
	} {
		if got, err := c.server.URI(); got != c.want || err != nil {
			t.Errorf("%s: %q %v", name, string(got), err)
		}
	}
	for want, s := range map[string]kratosconf.SMTP{
		"smtp port 0":               {Host: "mail", Security: "none", Password: mark},
		"smtp port 65536":           {Host: "mail", Port: 65536, Security: "none"},
		"the smtp host":             {Host: "mail/" + mark, Port: 25, Security: "none"},
		"the smtp host: it":         {Host: "", Port: 25, Security: "none"},
		"the smtp host: it is no":   {Host: "u:" + mark + "@mail", Port: 25, Security: "none"},
		`smtp transport security "`: {Host: "mail", Port: 25, Security: "ssl"},
	} {
		_, err := s.URI()
		refuses(t, err, "", want)
	}
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	good := kratosconf.Postgres{User: "u", Password: "p", Endpoint: "pg.model.svc:5432", Database: "model_kratos"}
	for name, c := range map[string]struct {
		change func(*kratosconf.Postgres)
		want   kratosconf.Secret
	}{
		"plain":   {func(*kratosconf.Postgres) {}, "postgres://u:p@pg.model.svc:5432/model_kratos"},
		"no port": {func(p *kratosconf.Postgres) { p.Endpoint = "10.0.0.1" }, "postgres://u:p@10.0.0.1/model_kratos"},
		"bare v6": {func(p *kratosconf.Postgres) { p.Endpoint = "fd00::1" }, "postgres://u:p@[fd00::1]/model_kratos"},
		"v6":      {func(p *kratosconf.Postgres) { p.Endpoint = "[fd00::1]:5432" }, "postgres://u:p@[fd00::1]:5432/model_kratos"},
		"verified": {func(p *kratosconf.Postgres) {
			p.TLS = kratosconf.PostgresTLS{Mode: "verify-full", RootCert: "/etc/a b/ca.pem"}
		}, "postgres://u:p@pg.model.svc:5432/model_kratos?sslmode=verify-full&sslrootcert=%2Fetc%2Fa%20b%2Fca.pem"},
	} {
		p := good
		c.change(&p)
		if got, err := p.DSN(); got != c.want || err != nil {
			t.Errorf("%s: %q %v", name, string(got), err)
		}
	}
	for want, change := range map[string]func(*kratosconf.Postgres){
		"the database: its user":  func(p *kratosconf.Postgres) { p.User = "" },
		"the database: its name":  func(p *kratosconf.Postgres) { p.Database = "" },
		"begins with a slash":     func(p *kratosconf.Postgres) { p.Database = "/x" },
		"the database endpoint":   func(p *kratosconf.Postgres) { p.Endpoint = "" },
		"endpoint: it is no host": func(p *kratosconf.Postgres) { p.Endpoint = mark + "@pg:5432" },
		"no host, or host:port":   func(p *kratosconf.Postgres) { p.Endpoint = "[fd00::1%eth0]:5432" },
		"is no host":              func(p *kratosconf.Postgres) { p.Endpoint = "[fd00::1" },
		"its port is":             func(p *kratosconf.Postgres) { p.Endpoint = "pg:" + mark },
		"port is no number":       func(p *kratosconf.Postgres) { p.Endpoint = "pg:" },
		"between 1 and":           func(p *kratosconf.Postgres) { p.Endpoint = "pg:0" },
		"it is no host, or":       func(p *kratosconf.Postgres) { p.Endpoint = "pg/x:1" },
	} {
		p := good
		p.Password = mark
		change(&p)
		_, err := p.DSN()
		refuses(t, err, "the database", want)
	}
}

func TestNastyURIs(t *testing.T) {
	t.Parallel()
	for _, value := range append(nasty(), "\xff\xfe", "a:b@c/d?e#f%g") {
		arrives(t, value)
	}
}

func FuzzURIs(f *testing.F) {
	for _, seed := range nasty() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) { arrives(t, value) })
}

// arrives puts the text into each part of both URIs, and reads them as a client
// does: with net/url.
func arrives(t *testing.T, value string) {
	t.Helper()
	smtp, err := kratosconf.SMTP{Host: "mail", Port: 25, User: value, Password: kratosconf.Secret(value), Security: "tls"}.URI()
	if err != nil {
		t.Fatal(err)
	}
	wantUser, wantHost := value, "mail:25"
	check := func(uri kratosconf.Secret, path string) {
		u, err := url.Parse(string(uri))
		if err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		password, _ := u.User.Password()
		got, want := []string{u.User.Username(), password, u.Host, u.Path}, []string{wantUser, wantUser, wantHost, path}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", value, diff)
		}
	}
	check(smtp, "/")
	if value == "" || strings.HasPrefix(value, "/") {
		return
	}
	dsn, err := kratosconf.Postgres{
		User: value, Password: kratosconf.Secret(value), Endpoint: "mail:25", Database: value, TLS: kratosconf.PostgresTLS{RootCert: value},
	}.DSN()
	if err != nil {
		t.Fatal(err)
	}
	check(dsn, "/"+value)
	if u, err := url.Parse(string(dsn)); err != nil || u.Query().Get("sslrootcert") != value {
		t.Errorf("%q: the parameter is %q", value, u.Query().Get("sslrootcert"))
	}
}
