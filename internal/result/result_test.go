package result_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/result"
)

func TestFieldText(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 2*60*60)
	cases := map[string]struct {
		value any
		want  string
	}{
		"text":       {"a b", "a b"},
		"boolean":    {false, "false"},
		"number":     {7, "7"},
		"time":       {time.Date(2026, 11, 21, 12, 0, 0, 123, zone), "2026-11-21T10:00:00Z"},
		"list":       {[]string{"a", "b"}, "a\nb"},
		"empty list": {[]string{}, ""},
	}
	for name, c := range cases {
		if got := (result.Field{Key: "k", Value: c.value}).Text(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestFlatKeepsTheFieldsOverTheDocument(t *testing.T) {
	t.Parallel()
	var r result.Result
	r.Set("identity-id", "1")
	r.Set("state", "old")
	r.Set("state", "new")
	r.Identity = json.RawMessage(`{"id": "1", "state": "old", "schema_id": "s"}`)
	got, _ := r.Flat()
	want := []result.Field{{Key: "identity-id", Value: "1"}, {Key: "state", Value: "new"}, {Key: "id", Value: "1"}, {Key: "schema-id", Value: "s"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
