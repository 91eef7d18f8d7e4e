package jujutest

import (
	"io"
	"maps"
	"os"
	"strings"

	"gopkg.in/yaml.v2" // the very parser that Juju reads --file with
)

// keyValues are the settings that state-set and relation-set take.
type keyValues struct {
	file   string
	values map[string]string
}

func (k *keyValues) flags(f *flagSet) { f.text(&k.file, "file") }

// init reads key=value, of which Juju takes the white space off.
func (k *keyValues) init(args []string) error {
	k.values = map[string]string{}
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if key = strings.TrimSpace(key); !ok || key == "" {
			return usagef("expected \"key=value\", got %q", arg)
		}
		if _, twice := k.values[key]; twice {
			return usagef("key %q specified more than once", key)
		}
		k.values[key] = strings.TrimSpace(value)
	}
	return nil
}

// read gives what is in the file, over which the arguments go.
func (k *keyValues) read(w *world) (values map[string]string, err error) {
	var text []byte
	switch k.file {
	case "":
	case "-":
		text, err = io.ReadAll(w.stdin)
	default:
		text, err = os.ReadFile(w.path(k.file))
	}
	if err != nil {
		return nil, err
	}
	values = map[string]string{}
	if err := yaml.Unmarshal(text, &values); err != nil {
		return nil, err
	}
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, k.values)
	return values, nil
}

// changed gives a map with changes carried out.
func changed(kept map[string]string, changes map[string]*string) map[string]string {
	seen := map[string]string{}
	maps.Copy(seen, kept)
	for key, value := range changes {
		if value == nil {
			delete(seen, key)
		} else {
			seen[key] = *value
		}
	}
	return seen
}
