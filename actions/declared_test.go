package actions_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

func declared(t testing.TB) []spec.Action {
	t.Helper()
	all, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// fields gives the types of a parameter struct's fields by parameter.
func fields(typ reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Anonymous {
			for name, t := range fields(f.Type) {
				all[name] = t
			}
			continue
		}
		all[f.Tag.Get("param")] = f.Type
	}
	return all
}

// wants gives the Go type that holds a parameter, and whether nil must be
// possible because a missing one differs from an empty one.
func wants(p spec.Param) reflect.Type {
	return map[spec.Type]reflect.Type{
		spec.String:  reflect.TypeFor[string](),
		spec.Boolean: reflect.TypeFor[bool](),
		spec.Object:  reflect.TypeFor[map[string]any](),
		spec.Number:  reflect.TypeFor[json.Number](),
	}[p.Type()]
}

func TestDeclaredRegisteredAndTypedAreOne(t *testing.T) {
	t.Parallel()
	var names, registered []string
	for _, a := range declared(t) {
		names = append(names, a.Name)
		handler, ok := actions.Find(a.Name)
		if !ok {
			continue
		}
		have := fields(reflect.TypeOf(handler.Params))
		for _, p := range a.Params {
			typ, ok := have[p.Name]
			if ok && typ.Kind() == reflect.Pointer {
				typ = typ.Elem()
			}
			if !ok || typ != wants(p) {
				t.Errorf("%s: parameter %s is declared as %s, and the handler has %v", a.Name, p.Name, p.Type(), typ)
			}
			delete(have, p.Name)
		}
		for name := range have {
			t.Errorf("%s: the handler takes %q, which is not declared", a.Name, name)
		}
	}
	for _, h := range actions.All() {
		registered = append(registered, h.Name)
	}
	if diff := cmp.Diff(names, registered); diff != "" {
		t.Errorf("(-declared +registered)\n%s", diff)
	}
}

// TestDescriptionsNameWhatExists finds a renamed action in the text of another.
func TestDescriptionsNameWhatExists(t *testing.T) {
	t.Parallel()
	all := declared(t)
	known := []string{"password-secret-id", "add-secret", "grant-secret"}
	for _, a := range all {
		known = append(known, a.Name)
		for _, p := range a.Params {
			known = append(known, p.Name)
		}
	}
	name := regexp.MustCompile(`(?:^|[ (;:,])([a-z]+(?:-[a-z]+)+)(?:[ ,.;:)]|$)`)
	for _, a := range all {
		texts := []string{a.Description}
		for _, p := range a.Params {
			texts = append(texts, p.Description)
		}
		for _, text := range texts {
			for _, m := range name.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(known, m[1]) {
					t.Errorf("%s: %q is neither an action nor a parameter", a.Name, m[1])
				}
			}
		}
	}
}
