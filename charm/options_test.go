package charm

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	kratosagent "github.com/kratos-agent/kratos-agent"
)

// TestOptions holds the declared options and the ones that are read to each
// other, names and types.
func TestOptions(t *testing.T) {
	t.Parallel()
	var declared struct {
		Options map[string]struct {
			Type        string
			Default     any
			Description string
		}
	}
	d := yaml.NewDecoder(bytes.NewReader(kratosagent.Config))
	d.KnownFields(true)
	if err := d.Decode(&declared); err != nil {
		t.Fatal(err)
	}
	want, have := map[string]string{}, map[string]string{}
	given := map[string]any{}
	for name, o := range declared.Options {
		want[name] = o.Type
		if given[name] = o.Default; o.Description == "" {
			t.Errorf("%s is not described", name)
		}
	}
	fields := reflect.TypeFor[Options]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		have[f.Tag.Get("option")] = map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean"}[f.Type.Kind()]
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-declared +read)\n%s", diff)
	}
	o, err := readOptions(given)
	if err != nil || o.SenderEmail != defaultSender || !o.LocalIDP || o.LogLevel != "info" {
		t.Errorf("the defaults are read as %+v, %v", o, err)
	}
	if _, err := readOptions(map[string]any{"log_level": true, "of_an_older_revision": 1}); err == nil {
		t.Error("an option of another type is read")
	}
}

// TestObserveProgram: the program is read where it is to be put into the
// container, and nowhere else: it is long.
func TestObserveProgram(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"":                                  "",
		"config: {enable_builtin_ui: true}": "ELF",
		"config: {enable_builtin_ui: true}\nrelations: [{id: \"ui-endpoint-info:5\", app: login-ui}]": "",
	} {
		s := surround(t, state)
		s.Program = func() ([]byte, error) { return []byte("ELF"), nil }
		s.hook("config-changed")
		if have := string(s.observe(t).Program); have != want {
			t.Errorf("%q: the program is %q", state, have)
		}
	}
}
