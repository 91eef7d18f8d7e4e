package relation_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/charm/relation"
)

var update = flag.Bool("update", false, "write the golden files anew")

// mark stands in every secret of the examples. No error may hold it.
const mark = "s3cr3t-mark"

// example is what was observed of an endpoint: a file in testdata.
type example struct {
	Relations []observed
	Secrets   relation.Secrets
}

type observed struct {
	ID          int
	Endpoint    string
	App         string
	RemoteApp   relation.Databag            `yaml:"remote-app"`
	RemoteUnits map[string]relation.Databag `yaml:"remote-units"`
	LocalApp    relation.Databag            `yaml:"local-app"`
	LocalUnit   relation.Databag            `yaml:"local-unit"`
}

// first gives the example's only relation.
func (e example) first() relation.Relation { return relation.Relation(e.Relations[0]) }

func (e example) all() []relation.Relation {
	var all []relation.Relation
	for _, o := range e.Relations {
		all = append(all, relation.Relation(o))
	}
	return all
}

// readers are the readers under test, by the folder of their examples.
func readers() map[string]func(example) (any, error) {
	return map[string]func(example) (any, error){
		"database": func(e example) (any, error) {
			d, err := relation.ReadDatabase(e.first(), e.Secrets)
			if err != nil {
				return nil, err
			}
			return map[string]any{"database": d, "dsn": d.DSN("/ca.pem")}, nil
		},
		"external-idp": func(e example) (any, error) {
			var lists [][]relation.Provider
			for _, r := range e.all() {
				list, err := relation.ReadProviders(r)
				if err != nil {
					return nil, err
				}
				lists = append(lists, list)
			}
			return value(relation.MergeProviders(lists...))
		},
		"hydra":    func(e example) (any, error) { return value(relation.ReadHydra(e.first())) },
		"login-ui": func(e example) (any, error) { return value(relation.ReadLoginUI(e.all())) },
		"registration-webhook": func(e example) (any, error) {
			return value(relation.ReadRegistrationWebhook(e.first(), e.Secrets))
		},
		"login-webhook": func(e example) (any, error) {
			return value(relation.ReadLoginWebhook(e.first(), e.Secrets))
		},
		"smtp": func(e example) (any, error) {
			s, err := relation.ReadSMTP(e.first(), e.Secrets)
			if err != nil {
				return nil, err
			}
			return map[string]any{"smtp": s, "uri": s.ConnectionURI()}, nil
		},
		"route":   func(e example) (any, error) { return value(relation.ReadRoute(e.first())) },
		"ca-cert": func(e example) (any, error) { return value(relation.ReadCACerts(e.first())) },
		"tracing": func(e example) (any, error) { return value(relation.ReadTracing(e.first())) },
		"logging": func(e example) (any, error) { return value(relation.ReadLogTargets(e.first())) },
		"peers": func(e example) (any, error) {
			p, err := relation.ReadPeers(e.first(), "kratos/0")
			if err != nil {
				return nil, err
			}
			version, problem := p.Version(7)
			said := ""
			if problem != nil {
				said = problem.Error()
			}
			return map[string]any{
				"peers": p, "version": version, "no-version": said,
				"late": p.Waiting("kratos/0"), "written": relation.WritePeers(p),
			}, nil
		},
	}
}

// value gives a typed nil no chance to pass for a value.
func value[T any](v T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

func load(tb testing.TB, file string) example {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	var e example
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&e); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	return e
}

// kind names the sort of an error, and fails the test for one that has none.
func kind(tb testing.TB, err error) string {
	tb.Helper()
	var e *relation.Error
	if !errors.As(err, &e) || e.Relation == "" || e.Key == "" {
		tb.Fatalf("%v names no relation and key", err)
	}
	for name, sort := range map[string]error{
		"waiting": relation.ErrWaiting, "malformed": relation.ErrMalformed, "secret": relation.ErrSecret,
	} {
		if errors.Is(err, sort) {
			return name
		}
	}
	tb.Fatalf("%v is of no known sort", err)
	return ""
}

// TestRead reads each example in testdata/<reader>/ and compares what came of it
// with the golden file beside it.
func TestRead(t *testing.T) {
	t.Parallel()
	for name, read := range readers() {
		files, err := filepath.Glob(filepath.Join("testdata", name, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no examples: %v", name, err)
		}
		for _, file := range files {
			t.Run(name+"/"+strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
				t.Parallel()
				read, err := read(load(t, file))
				var got []byte
				if err != nil {
					got = []byte(kind(t, err) + ": " + err.Error() + "\n")
					if strings.Contains(err.Error(), mark) {
						t.Errorf("the error shows a secret: %s", err)
					}
				} else {
					got = indented(t, read)
				}
				golden(t, strings.TrimSuffix(file, ".yaml")+".golden", got)
			})
		}
	}
}

func indented(tb testing.TB, v any) []byte {
	tb.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// golden compares with a golden file, or writes it.
func golden(tb testing.TB, file string, got []byte) {
	tb.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			tb.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		tb.Fatalf("%v; go test -update writes it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		tb.Errorf("%s (-want +got)\n%s", file, diff)
	}
}
