package kratosconf_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// nasty are texts that went wrong where configurations were pasted together, or
// that YAML, JSON and URLs have a meaning for.
func nasty() []string {
	return []string{
		"ab: cd", "@bcd", "123456", "0123", "0x1f", "1e3", "1_000", "12:30:45", "2026-01-01", "true", "yes", "on", "No", "null", "~", "", " ", " x ", "-", "- a",
		"# comment", "a #b", "'", `"`, `\`, `\n`, "a\nb", "a\n", "\na", "\n  a\n b\n\n", "a\r\nb", "\t", "\ta", "{{ .X }}", "{% x %}", "${HOME}", "$HOME", "%41", "a%", "&a", "*a",
		"!a", "!!int 3", "|", ">", "|-\n a", "? a", "a: b: c", "[a", "{a", "a, b", "---", "...", "--- x", "a\u0085b", "a\u2028b", "\ufeffa", "a\u00a0b", "ü€😀", ":", "/", "#", "@/:#?&=+ ",
		"-----BEGIN PRIVATE KEY-----\nMIGT\n-----END PRIVATE KEY-----\n", "<<", "=", "0o17", ".inf", ".nan", "a\x01b", "a\x7fb", "\u200b",
		"x\nselfservice:\n  methods: {}\n",
	}
}

// Whatever stands in a string comes back as it was.
func TestNastyStrings(t *testing.T) {
	t.Parallel()
	for _, value := range nasty() {
		roundTrip(t, value)
	}
}

func FuzzStrings(f *testing.F) {
	for _, seed := range nasty() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) { roundTrip(t, value) })
}

// roundTrip puts the text into every string of a configuration, and reads it.
func roundTrip(t *testing.T, value string) {
	t.Helper()
	want := full("")
	fill(reflect.ValueOf(&want).Elem(), value)
	var got kratosconf.Config
	marshalled, err := want.YAML()
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	if err := yaml.Unmarshal(marshalled, &got); err != nil {
		t.Fatalf("%q: %v\n%s", value, err, marshalled)
	}
	if !reflect.DeepEqual(want, got) {
		t.Errorf("%q does not come back:\n%s", value, cmp.Diff(want, got))
	}
}

// fill sets every string below v, but for those in a map of anything.
func fill(v reflect.Value, value string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), value)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), value)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Interface {
			return
		}
		for _, k := range v.MapKeys() {
			c := reflect.New(v.Type().Elem()).Elem()
			c.Set(v.MapIndex(k))
			fill(c, value)
			v.SetMapIndex(k, c)
		}
	case reflect.String:
		v.SetString(value)
	}
}

func TestUnknownMethod(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"hooks", "pasword", "default_browser_return_url"} {
		c := minimal()
		c.SelfService.Flows.Login = &kratosconf.LoginFlow{After: &kratosconf.After{Methods: map[string]kratosconf.AfterMethod{key: {}}}}
		if got, err := c.YAML(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v\n%s", key, err, got)
		}
	}
}

// Printed by mistake, a secret is not shown.
func TestSecretHides(t *testing.T) {
	t.Parallel()
	p := kratosconf.Provider{ID: "p", ClientSecret: mark, ApplePrivateKey: mark}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "p", p, "s", p.ClientSecret)
	for _, got := range []string{
		fmt.Sprint(p), fmt.Sprintf("%+v %#v %s %q %v %x", p, p, p.ClientSecret, p.ClientSecret, &p, p.ClientSecret), log.String(),
		fmt.Sprint(kratosconf.Environment{CookieSecrets: []kratosconf.Secret{mark}, DSN: mark}),
	} {
		if strings.Contains(got, mark) || strings.Contains(got, fmt.Sprintf("%x", mark)) {
			t.Errorf("shown: %s", got)
		}
	}
}

// A provider reads from the JSON of a ConfigMap under the names of the file.
func TestProviderJSON(t *testing.T) {
	t.Parallel()
	for _, want := range oidc("x") {
		var fromYAML map[string]any
		text, err := yaml.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, &fromYAML); err != nil {
			t.Fatal(err)
		}
		asJSON, err := json.Marshal(fromYAML)
		if err != nil {
			t.Fatal(err)
		}
		var got kratosconf.Provider
		d := json.NewDecoder(strings.NewReader(string(asJSON)))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}
