package kratosconf_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// refuses holds an error to its beginning, which names the field, to a part of
// it, and to the rest of the house's rules. An empty want is no error.
func refuses(t *testing.T, err error, field, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	if err == nil {
		t.Errorf("not refused: want %q", want)
		return
	}
	if !strings.HasPrefix(err.Error(), "cannot use "+field) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %q, want %q for %s", err, want, field)
	}
	if fault.KindOf(err) != fault.Usage || strings.Contains(err.Error(), mark) {
		t.Errorf("kind %s: %v", fault.KindOf(err), err)
	}
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]string{"warn": "warning", "warning": "warning", "info": "info", "panic": "panic"} {
		if got, err := kratosconf.LogLevel("log_level", level); got != want || err != nil {
			t.Errorf("%s: %q %v", level, got, err)
		}
	}
	for _, level := range []string{"", "chatty", "INFO", " info"} {
		_, err := kratosconf.LogLevel("log_level", level)
		refuses(t, err, "log_level", "none of trace")
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://example.com":                    "",
		"http://127.0.0.1:4455/login?x=y":        "",
		"":                                       "is empty",
		"example.com":                            "does not begin with",
		"/login":                                 "does not begin with",
		"ftp://example.com":                      "does not begin with",
		"https://":                               "names no host",
		"https://:80/":                           "names no host",
		"https://u:" + mark + "@h:port/":         "is no URL",
		"https://u:" + mark + "%zz@example.com/": "is no URL",
		"https://example.com/\n" + mark:          "is no URL",
		"javascript://example.com/%0a" + "alert()": "does not begin with",
	} {
		refuses(t, kratosconf.CheckURL("login_url", url), "login_url", want)
	}
}

func TestCheckUnique(t *testing.T) {
	t.Parallel()
	refuses(t, kratosconf.CheckUnique("providers", []string{"a", "b"}), "providers", "")
	refuses(t, kratosconf.CheckUnique("providers", nil), "providers", "")
	refuses(t, kratosconf.CheckUnique("providers", []string{"a", "b", "a"}), "providers", `"a" is there twice`)
	refuses(t, kratosconf.CheckUnique("providers", []string{"a", ""}), "providers", "empty")
}

func TestParseSchemas(t *testing.T) {
	t.Parallel()
	got, err := kratosconf.ParseSchemas("identity_schemas", ` {"b": {"x": 1.0}, "a": {}} `)
	want := []kratosconf.Schema{{ID: "b", JSON: []byte(`{"x": 1.0}`)}, {ID: "a", JSON: []byte(`{}`)}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for text, want := range map[string]string{
		"":                      "is not JSON",
		"{":                     "is not JSON",
		`{"a": {}`:              "is not JSON",
		`{"a": {`:               "is not JSON",
		`{"a" {}}`:              "is not JSON near byte 5",
		`{"a": {} "b": {}}`:     "is not JSON near byte",
		`{"a": {}} x`:           "goes on after",
		`{"a": {}} {}`:          "goes on after",
		`[]`:                    "no JSON object",
		`null`:                  "no JSON object",
		`"x"`:                   "no JSON object",
		`{}`:                    "holds no schema",
		`{"a": []}`:             `the schema "a" is no JSON object`,
		`{"a": null}`:           `the schema "a" is no JSON object`,
		`{"a": {}, "a": {}}`:    `"a" is there twice`,
		`{"": {}}`:              "an id is empty",
		`{'a': {}}`:             "is not JSON near byte",
		"{\"a\": {\"x\": tru}}": "is not JSON near byte",
	} {
		_, err := kratosconf.ParseSchemas("identity_schemas", text)
		refuses(t, err, "identity_schemas", want)
	}
}

func TestDefaultSchema(t *testing.T) {
	t.Parallel()
	schemas := []kratosconf.Schema{{ID: "a"}}
	refuses(t, kratosconf.CheckDefaultSchema("default_identity_schema_id", "a", schemas), "", "")
	refuses(t, kratosconf.CheckDefaultSchema("default_identity_schema_id", "nope", schemas), `default_identity_schema_id "nope"`, "no identity schema")
}

func TestWithBuiltIn(t *testing.T) {
	t.Parallel()
	own := kratosconf.Schema{ID: kratosconf.AdminSchema, JSON: []byte(`{"own":true}`)}
	var got []string
	for _, s := range kratosconf.WithBuiltIn([]kratosconf.Schema{own, {ID: "x"}}) {
		got = append(got, fmt.Sprint(s.ID, " ", string(s.JSON) == string(own.JSON)))
	}
	want := []string{"admin_v0 true", "x false", "social_user_v0 false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func apple(p *kratosconf.Provider) {
	p.Provider, p.ClientSecret, p.AppleTeamID, p.ApplePrivateKeyID, p.ApplePrivateKey = "apple", "", "team", "key", mark
}

// What the tests have Kratos serve on passes.
func TestCheckProviderOfFull(t *testing.T) {
	t.Parallel()
	for _, p := range oidc("x") {
		refuses(t, kratosconf.CheckProvider(p), "", "")
	}
}

func TestCheckProvider(t *testing.T) {
	t.Parallel()
	with := func(change func(*kratosconf.Provider)) kratosconf.Provider {
		p := kratosconf.Provider{
			ID: "p", Provider: "github", ClientID: "id", ClientSecret: mark, MapperURL: kratosconf.DefaultMapper("github"),
		}
		change(&p)
		return p
	}
	for name, c := range map[string]struct {
		change func(*kratosconf.Provider)
		want   string
	}{
		"good":            {func(*kratosconf.Provider) {}, ""},
		"no id":           {func(p *kratosconf.Provider) { p.ID = "" }, "id is empty"},
		"unknown":         {func(p *kratosconf.Provider) { p.Provider = "myspace" }, `no provider "myspace"`},
		"no client":       {func(p *kratosconf.Provider) { p.ClientID = "" }, "github needs client_id"},
		"no secret":       {func(p *kratosconf.Provider) { p.ClientSecret = "" }, "github needs client_secret"},
		"no mapper":       {func(p *kratosconf.Provider) { p.MapperURL = "" }, "github needs mapper_url"},
		"bad mapper":      {func(p *kratosconf.Provider) { p.MapperURL = "local claims = 1" }, "mapper_url is no"},
		"generic":         {func(p *kratosconf.Provider) { p.Provider = "generic" }, "generic needs issuer_url"},
		"auth0":           {func(p *kratosconf.Provider) { p.Provider = "auth0" }, "auth0 needs issuer_url"},
		"good generic":    {func(p *kratosconf.Provider) { p.Provider, p.IssuerURL = "generic", "https://i.example.com" }, ""},
		"bad issuer":      {func(p *kratosconf.Provider) { p.Provider, p.IssuerURL = "generic", mark }, `"p": issuer_url: it does not begin`},
		"microsoft":       {func(p *kratosconf.Provider) { p.Provider = "microsoft" }, "microsoft needs microsoft_tenant"},
		"apple":           {func(p *kratosconf.Provider) { p.Provider, p.ClientSecret = "apple", "" }, "apple needs apple_team_id"},
		"apple by secret": {func(p *kratosconf.Provider) { apple(p); p.ClientSecret = mark }, "apple takes no client_secret"},
		"good apple":      {apple, ""},
		"a tenant":        {func(p *kratosconf.Provider) { p.MicrosoftTenant = "t" }, "github takes no microsoft_tenant"},
		"a key of apple":  {func(p *kratosconf.Provider) { p.ApplePrivateKey = mark }, "github takes no apple_private_key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refuses(t, kratosconf.CheckProvider(with(c.change)), "the provider", c.want)
		})
	}
}

func TestQuantity(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1": 1, "512Mi": 512 << 20, "1Gi": 1 << 30, "1.5Gi": 3 << 29, ".5Ki": 512, "5.": 5, "+2": 2, "1k": 1000, "1E": 1e18, "1Ei": 1 << 60,
		"2e3": 2000, "2E3": 2000, "2e+3": 2000, "1e-3": 1, "100m": 1, "1500m": 2, "1n": 1, "1u": 1, "3M": 3e6, "1P": 1e15, "9999999Ei": 1<<63 - 1,
	} {
		q, err := kratosconf.ParseQuantity("memory", text)
		if got := q.Bytes(); got != want || err != nil {
			t.Errorf("%s: %d, want %d: %v", text, got, want, err)
		}
	}
	for text, want := range map[string]string{
		"": "is no quantity", "Mi": "is no quantity", "1 Gi": "is no quantity", "1GB": "is no quantity", "1gi": "is no quantity", "1K": "is no quantity",
		"1e": "is no quantity", "1e99": "is no quantity", "0x10": "is no quantity", "1i": "is no quantity", "1iM": "is no quantity", ".": "is no quantity",
		"1 ": "is no quantity", "--1": "is no quantity", "-1": "is no quantity", "0": "is not above zero", "0Mi": "is not above zero", "1Mi3": "is no quantity",
		strings.Repeat("1", 99): "is no quantity", "ten": "is no quantity", "1_0": "is no quantity", "1m5": "is no quantity", "1iG": "is no quantity",
	} {
		_, err := kratosconf.ParseQuantity("memory", text)
		refuses(t, err, "memory", want)
	}
}

func TestQuantityCmp(t *testing.T) {
	t.Parallel()
	parse := func(s string) kratosconf.Quantity {
		q, err := kratosconf.ParseQuantity("cpu", s)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	if parse("0.5").Cmp(parse("500m")) != 0 || parse("1Gi").Cmp(parse("1G")) <= 0 || (kratosconf.Quantity{}).Cmp(parse("1n")) >= 0 {
		t.Error("wrong order")
	}
}
