package pebbletest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// An entry is a service, a check or a log target: its keys with decoded values.
type entry = map[string]any

// sections are the entries of a layer or a plan, by section and name. They do
// not share the client's types: a wrong key there must be refused here.
type sections map[string]map[string]entry

type plan = sections // a plan is what the layers make together

type layer struct {
	label    string
	sections sections
}

// singular names an entry of a section in Pebble's words.
var singular = map[string]string{"services": "service", "checks": "check", "log-targets": "log target"}

// field decodes the value of a key.
type field func(*yaml.Node) (any, error)

func to[T any](n *yaml.Node) (any, error) {
	var v T
	err := n.Decode(&v)
	return v, err
}

func duration(n *yaml.Node) (any, error) {
	v, err := time.ParseDuration(n.Value)
	if err != nil {
		return nil, fmt.Errorf("invalid duration %q", n.Value)
	}
	return v.String(), nil
}

func oneOf(values ...string) field {
	return func(n *yaml.Node) (any, error) {
		if !slices.Contains(values, n.Value) {
			return nil, fmt.Errorf("line %d: invalid value %q", n.Line, n.Value)
		}
		return n.Value, nil
	}
}

func object(keys map[string]field) field {
	return func(n *yaml.Node) (any, error) { return decodeEntry(n, keys) }
}

// known are the keys of each section.
func known(old bool) map[string]map[string]field {
	text, list, pairs, number := to[string], to[[]string], to[map[string]string], to[int]
	startup, onExit := oneOf("enabled", "disabled"), oneOf("restart", "ignore")
	checks := map[string]field{
		"override": text, "level": oneOf("alive", "ready"), "startup": startup,
		"period": duration, "timeout": duration, "threshold": number,
		"http": object(map[string]field{"url": text, "headers": pairs}),
		"tcp":  object(map[string]field{"port": number, "host": text}),
		"exec": object(map[string]field{
			"command": text, "service-context": text, "environment": pairs, "working-dir": text,
			"user-id": number, "user": text, "group-id": number, "group": text,
		}),
	}
	if old {
		delete(checks, "startup")
	}
	return map[string]map[string]field{
		"services": {
			"summary": text, "description": text, "startup": startup, "override": text, "command": text,
			"after": list, "before": list, "environment": pairs, "working-dir": text,
			"user-id": number, "user": text, "group-id": number, "group": text,
			"on-success": onExit, "on-failure": onExit, "on-check-failure": pairs,
			"backoff-delay": duration, "backoff-factor": to[float64], "backoff-limit": duration, "kill-delay": duration,
		},
		"checks": checks,
		"log-targets": {
			"override": text, "type": oneOf("loki", "opentelemetry"), "location": text, "services": list, "labels": pairs,
		},
	}
}

func decodeEntry(n *yaml.Node, keys map[string]field) (entry, error) {
	var raw map[string]yaml.Node
	if err := n.Decode(&raw); err != nil {
		return nil, err
	}
	e := entry{}
	for key, value := range raw {
		decode, ok := keys[key]
		if !ok {
			return nil, fmt.Errorf("line %d: field %s not found", value.Line, key)
		}
		v, err := decode(&value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		e[key] = v
	}
	return e, nil
}

func decodeSection(n *yaml.Node, keys map[string]field) (map[string]entry, error) {
	var raw map[string]yaml.Node
	if err := n.Decode(&raw); err != nil {
		return nil, err
	}
	entries := map[string]entry{}
	for id, node := range raw {
		if id == "" || id == "pebble" || strings.HasPrefix(id, "-") {
			return nil, fmt.Errorf("cannot use name %q", id)
		}
		e, err := decodeEntry(&node, keys)
		if err != nil {
			return nil, err
		}
		entries[id] = e
	}
	return entries, nil
}

func parseLayer(label, text string, old bool) (*layer, error) {
	var raw map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &raw); err != nil {
		return nil, bad("cannot parse layer %q: %v", label, err)
	}
	l := &layer{label: label, sections: sections{}}
	fields := known(old)
	for name, node := range raw {
		keys, ok := fields[name]
		switch {
		case name == "summary" || name == "description":
			continue
		case !ok:
			return nil, bad("cannot parse layer %q: unknown section %q", label, name)
		}
		entries, err := decodeSection(&node, keys)
		if err != nil {
			return nil, bad("cannot parse layer %q section %q: %v", label, name, err)
		}
		l.sections[name] = entries
	}
	return l, nil
}

// combine puts the layers over one another.
func combine(layers ...*layer) (sections, error) {
	all := sections{}
	for _, l := range layers {
		for name, entries := range l.sections {
			if all[name] == nil {
				all[name] = map[string]entry{}
			}
			for _, id := range keys(entries) {
				e := entries[id]
				switch old, there := all[name][id]; {
				case e["override"] == "merge" && there:
					all[name][id] = merge(old, e)
				case e["override"] == "merge", e["override"] == "replace":
					all[name][id] = maps.Clone(e)
				case e["override"] == nil || e["override"] == "":
					return nil, bad("layer %q must define \"override\" for %s %q", l.label, singular[name], id)
				default:
					return nil, bad("layer %q has invalid \"override\" value for %s %q", l.label, singular[name], id)
				}
			}
		}
	}
	return all, nil
}

// merge adds other to e: lists grow, maps gain, all else is replaced, except the
// override, which stays what it was.
func merge(e, other entry) entry {
	sum := entry{}
	maps.Copy(sum, e)
	for key, v := range other {
		switch v := v.(type) {
		case []string:
			old, _ := e[key].([]string)
			sum[key] = slices.Concat(old, v)
		case map[string]string:
			old, _ := e[key].(map[string]string)
			pairs := map[string]string{}
			maps.Copy(pairs, old)
			maps.Copy(pairs, v)
			sum[key] = pairs
		case entry:
			old, _ := e[key].(entry)
			sum[key] = merge(old, v)
		default:
			if key != "override" {
				sum[key] = v
			}
		}
	}
	return sum
}

// complete checks what the whole plan must have, and fills in Pebble's defaults.
func (p plan) complete() error {
	for id, s := range p["services"] {
		if text(s, "command") == "" {
			return bad("plan must define \"command\" for service %q", id)
		}
		if _, err := split(text(s, "command")); err != nil {
			return bad("plan service %q command invalid: %v", id, err)
		}
	}
	for id, c := range p["checks"] {
		if err := p.completeCheck(id, c); err != nil {
			return err
		}
	}
	for id, t := range p["log-targets"] {
		if err := p.completeTarget(id, t); err != nil {
			return err
		}
	}
	return nil
}

func (p plan) completeCheck(id string, c entry) error {
	for key, v := range (entry{"period": "10s", "timeout": "3s", "threshold": 3}) {
		if c[key] == nil {
			c[key] = v
		}
	}
	if span(c, "timeout", 0) >= span(c, "period", 0) {
		return bad("plan check %q timeout must be less than period", id)
	}
	kinds := 0
	for kind, must := range map[string]string{"http": "url", "tcp": "port", "exec": "command"} {
		e, ok := c[kind].(entry)
		if !ok {
			continue
		}
		kinds++
		if e[must] == nil {
			return bad("plan must set %q for %s check %q", must, kind, id)
		}
		if s := text(e, "service-context"); s != "" && p["services"][s] == nil {
			return bad("plan check %q context specifies non-existent service %q", id, s)
		}
	}
	if kinds != 1 {
		return bad("plan must specify one of \"http\", \"tcp\", or \"exec\" for check %q", id)
	}
	return nil
}

func (p plan) completeTarget(id string, t entry) error {
	for _, must := range []string{"type", "location"} {
		if text(t, must) == "" {
			return bad("plan must define %q for log target %q", must, id)
		}
	}
	services, _ := t["services"].([]string)
	for _, s := range services {
		if s = strings.TrimPrefix(s, "-"); s != "all" && p["services"][s] == nil {
			return bad("log target %q specifies unknown service %q", id, s)
		}
	}
	return nil
}

func text(e entry, key string) string {
	s, _ := e[key].(string)
	return s
}

func (d *daemon) getPlan(r *http.Request) (any, error) {
	if format := r.URL.Query().Get("format"); format != "yaml" {
		return nil, bad("invalid format %q", format)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	out, err := yaml.Marshal(d.plan)
	return string(out), err
}

func (d *daemon) postLayers(r *http.Request) (any, error) {
	var req struct {
		Action, Label, Format, Layer string
		Combine                      bool
	}
	if err := body(r, &req); err != nil {
		return nil, err
	}
	switch {
	case req.Action != "add":
		return nil, bad("invalid action %q", req.Action)
	case req.Label == "":
		return nil, bad("label must be set")
	case req.Format != "yaml":
		return nil, bad("invalid format %q", req.Format)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return true, d.addLayer(req.Label, req.Layer, req.Combine)
}

// addLayer changes the plan, or nothing.
func (d *daemon) addLayer(label, text string, combining bool) error {
	l, err := parseLayer(label, text, d.options.Old)
	if err != nil {
		return err
	}
	layers := slices.Clone(d.layers)
	at := slices.IndexFunc(layers, func(l *layer) bool { return l.label == label })
	switch {
	case at < 0:
		layers = append(layers, l)
	case !combining:
		return bad("layer %q already exists", label)
	default:
		both, err := combine(layers[at], l)
		if err != nil {
			return err
		}
		layers[at] = &layer{label: label, sections: both}
	}
	p, err := combine(layers...)
	if err != nil {
		return err
	}
	if err := p.complete(); err != nil {
		return err
	}
	d.layers, d.plan = layers, p
	d.planChecks()
	return nil
}
