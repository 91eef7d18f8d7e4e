package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	flowDir = "testdata/flows"
	pageDir = "testdata/pages"
)

// record keeps the flow that the browser is at as testdata/flows/<kind>.<name>.json
// when the tests run with -update. What differs from run to run is replaced.
func (v visit) record(name string) visit {
	v.b.t.Helper()
	if *update {
		file := filepath.Join(flowDir, string(v.Kind)+"."+name+".json")
		if err := os.WriteFile(file, stable(v.b.t, v.text, v.b), 0o644); err != nil {
			v.b.t.Fatal(err)
		}
	}
	return v
}

const onePixel = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

var (
	uuids    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	instants = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`)
	tokensIn = regexp.MustCompile(`token=[A-Za-z0-9]+`)
	// Where the identity schema names no trait for it, Kratos takes any.
	displayName = regexp.MustCompile(`"displayNameFieldName":"[a-z_.]+"`)
	challenge   = regexp.MustCompile(`"(challenge|id)":\s*"[A-Za-z0-9+/_=-]{16,}"`)
	hosts       = regexp.MustCompile(`127\.0\.0\.1(:|%3A)\d+`)
	duration    = regexp.MustCompile(`\d+\.\d\d minutes`)
)

// stabiliser replaces what differs from run to run, the same by the same.
type stabiliser struct {
	address string
	ids     map[string]string
}

func stable(t testing.TB, text []byte, b *browser) []byte {
	t.Helper()
	var flow map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&flow); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	delete(flow, "identity")
	delete(flow, "continue_with")
	s := stabiliser{address: b.address, ids: map[string]string{}}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s.value("", flow)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (s stabiliser) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		return s.object(v)
	case []any:
		for i := range v {
			v[i] = s.value(key, v[i])
		}
	case json.Number:
		if strings.HasSuffix(key, "_unix") {
			return json.Number(fmt.Sprint(today.Unix() + 15*60))
		}
	case string:
		return s.text(v)
	}
	return v
}

// object knows the nodes that hold secrets.
func (s stabiliser) object(o map[string]any) map[string]any {
	switch {
	case o["name"] == "csrf_token":
		o["value"] = "s3cr3t-mark-csrf"
	case o["id"] == "totp_qr":
		o["src"] = onePixel
	case o["id"] == "totp_secret_key":
		o["text"] = map[string]any{"id": json.Number("1050006"), "type": "info", "text": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "context": map[string]any{"secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}}
	case o["id"] == "lookup_secret_codes":
		renameCodes(o["text"].(map[string]any))
	}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		o[key] = s.value(key, o[key])
	}
	return o
}

// renameCodes gives backup codes names that do not change.
func renameCodes(text map[string]any) {
	var all []string
	secrets := text["context"].(map[string]any)["secrets"].([]any)
	for i, one := range secrets {
		entry := one.(map[string]any)
		context := entry["context"].(map[string]any)
		if _, used := context["used_at"]; used {
			entry["text"] = "Secret was used"
			all = append(all, "used")
			continue
		}
		name := fmt.Sprintf("code%04d", i+1)
		entry["text"], context["secret"] = name, name
		all = append(all, name)
	}
	text["text"] = strings.Join(all, ", ")
}

func (s stabiliser) text(v string) string {
	if instants.MatchString(v) {
		return "2030-01-01T00:00:00Z"
	}
	v = strings.ReplaceAll(v, s.address, "ada@example.com")
	v = hosts.ReplaceAllString(v, "localhost${1}4455")
	v = displayName.ReplaceAllString(v, `"displayNameFieldName":"traits.family_name"`)
	v = tokensIn.ReplaceAllString(v, "token=TOKEN")
	v = duration.ReplaceAllString(v, "15.00 minutes")
	v = challenge.ReplaceAllString(v, `"$1":"c3RhYmxl"`)
	return uuids.ReplaceAllStringFunc(v, func(id string) string {
		if s.ids[id] == "" {
			s.ids[id] = fmt.Sprintf("00000000-0000-4000-8000-%012d", len(s.ids)+1)
		}
		return s.ids[id]
	})
}
