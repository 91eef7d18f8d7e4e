package jujutest

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v2" // the very one that Juju prints with
)

// output is the --format and --output of Juju's programs.
type output struct{ format, file string }

func (o *output) flags(f *flagSet, initial string, others ...string) {
	o.format = initial
	f.value(func(v string) error {
		if v != initial && !slices.Contains(others, v) {
			return fmt.Errorf("unknown format %q", v)
		}
		o.format = v
		return nil
	}, "format")
	f.text(&o.file, "o", "output")
}

// write prints a value in the format chosen.
func (o *output) write(w *world, value any) error {
	text, err := o.render(value)
	if err != nil {
		return err
	}
	if o.file != "" {
		return os.WriteFile(w.path(o.file), []byte(text), 0o600)
	}
	_, err = fmt.Fprint(w.stdout, text)
	return err
}

func (o *output) render(value any) (string, error) {
	switch o.format {
	case "json":
		text, err := json.Marshal(value)
		return string(text) + "\n", err
	case "smart":
		return smart(value)
	default:
		return asYAML(value)
	}
}

// smart is Juju's default for eyes. Nothing, "" and an empty list print
// nothing, not even a line.
func smart(value any) (string, error) {
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case []string:
		text = strings.Join(v, "\n")
	case bool:
		text = "False"
		if v {
			text = "True"
		}
	default:
		return asYAML(value)
	}
	if text == "" {
		return "", nil
	}
	return text + "\n", nil
}

func asYAML(value any) (string, error) {
	if value == nil {
		return "", nil
	}
	text, err := yaml.Marshal(value)
	return strings.TrimRight(string(text), "\n") + "\n", err
}
