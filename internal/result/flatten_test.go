package result_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/result"
)

func flat(t *testing.T, doc string) (map[string]string, bool) {
	t.Helper()
	fields, cut := result.Flatten(json.RawMessage(doc))
	got := map[string]string{}
	for _, f := range fields {
		if _, twice := got[f.Key]; twice {
			t.Errorf("key %s is there twice", f.Key)
		}
		got[f.Key] = f.Text()
	}
	return got, cut
}

func TestFlatten(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		doc  string
		want map[string]string
	}{
		"nested keys":       {`{"a_b": {"c_d": "x", "e": {"f": "y"}}}`, map[string]string{"a-b.c-d": "x", "a-b.e.f": "y"}},
		"null is left out":  {`{"a": null, "b": {"c": null, "d": 1}}`, map[string]string{"b.d": "1"}},
		"numbers":           {`{"a": 12345678901234567890, "b": 1.50, "c": 1e400}`, map[string]string{"a": "12345678901234567890", "b": "1.50", "c": "1e400"}},
		"booleans":          {`{"a": true, "b": false}`, map[string]string{"a": "true", "b": "false"}},
		"empty":             {`{"a": "", "b": {}, "c": []}`, map[string]string{"a": "", "b": "{}", "c": "[]"}},
		"lists":             {`{"a": [{"b_c": 1},  null]}`, map[string]string{"a": `[{"b_c":1},null]`}},
		"camel case":        {`{"t": {"firstName": "A", "n": {"x": 1}}}`, map[string]string{"t": `{"firstName":"A","n":{"x":1}}`}},
		"camel case within": {`{"t": {"n": {"firstName": "A"}, "x": "y"}}`, map[string]string{"t.n": `{"firstName":"A"}`, "t.x": "y"}},
		"keys that fold":    {`{"t": {"a_b": 1, "a-b": 2}}`, map[string]string{"t": `{"a_b":1,"a-b":2}`}},
		"reserved":          {`{"t": {"stdout": 1}, "u": {"stderr-encoding": 1}}`, map[string]string{"t": `{"stdout":1}`, "u": `{"stderr-encoding":1}`}},
		"odd keys":          {`{"t": {"": 1}, "u": {"a.b": 1}, "v": {"_a": 1}, "w": {"ä": 1}}`, map[string]string{"t": `{"":1}`, "u": `{"a.b":1}`, "v": `{"_a":1}`, "w": `{"ä":1}`}},
		"scalars":           {`{"metadata_admin": "text", "metadata_public": 7}`, map[string]string{"metadata-admin": "text", "metadata-public": "7"}},
		"NUL":               {`{"a": "x\u0000y"}`, map[string]string{"a": `"x\u0000y"`}},
		"no object":         {`[1]`, map[string]string{}},
		"no JSON":           {`{"a"`, map[string]string{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, cut := flat(t, c.doc)
			if diff := cmp.Diff(c.want, got); diff != "" || cut {
				t.Errorf("cut %t (-want +got)\n%s", cut, diff)
			}
		})
	}
}

func TestFlattenCuts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 100_000) // 200 KB
	var keys []string
	for i := range 40_000 {
		keys = append(keys, fmt.Sprintf(`"key-%d":"v"`, i))
	}
	for name, doc := range map[string]string{
		"one long value":   `{"id": "x", "traits": {"a": "` + long + `", "b": "short"}}`,
		"long JSON":        `{"id": "x", "traits": {"firstName": "` + long + `"}}`,
		"many keys":        `{"id": "x", "traits": {` + strings.Join(keys, ",") + `}}`,
		"many long values": `{"id": "x", "a": "` + long + `","b":"` + long + `","c":"` + long + `","d":"` + long + `","e":"` + long + `","f":"` + long + `","g":"` + long + `","h":"` + long + `","i":"` + long + `","j":"` + long + `","k":"` + long + `","l":"` + long + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fields, cut := result.Flatten(json.RawMessage(doc))
			if !cut || fields[0].Text() != "x" {
				t.Fatalf("cut %t, first field %v", cut, fields[0])
			}
			total, noted := 0, false
			for _, f := range fields {
				total += len(f.Key) + len(f.Text()) + 2
				noted = noted || strings.Contains(f.Text(), "get-identity ID --format json")
				if len(f.Text()) > 131_000 || !utf8.ValidString(f.Text()) {
					t.Errorf("%s has %d bytes", f.Key, len(f.Text()))
				}
			}
			if total > 1_100_000 || !noted {
				t.Errorf("%d bytes in all, noted %t", total, noted)
			}
		})
	}
}

var jujuKey = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// FuzzFlatten checks what action-set checks, for a document as Kratos frames
// it: whatever stands in traits, no key is refused and no value is lost.
func FuzzFlatten(f *testing.F) {
	for _, seed := range []string{`{"a": 1}`, `{"A": {"b": null}}`, `[]`, `"x"`, `7`, `{"a_b": 1, "a-b": 2}`, `{"stdout": "x"}`, `{"a": {"b": "\u0000"}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, traits string) {
		if !json.Valid([]byte(traits)) {
			return // no JSON: no such input reaches it
		}
		fields, _ := result.Flatten(json.RawMessage(`{"id": "x", "traits": ` + traits + `}`))
		seen := map[string]bool{}
		for _, f := range fields {
			for _, segment := range strings.Split(f.Key, ".") {
				switch segment {
				case "stdout", "stdout-encoding", "stderr", "stderr-encoding":
					t.Errorf("key %q is reserved", f.Key)
				}
			}
			if !jujuKey.MatchString(f.Key) || seen[f.Key] || strings.ContainsRune(f.Text(), 0) {
				t.Errorf("key %q (seen: %t), value %q", f.Key, seen[f.Key], f.Text())
			}
			seen[f.Key] = true
		}
	})
}
