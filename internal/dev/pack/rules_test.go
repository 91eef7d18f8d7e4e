package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	yaml1 "gopkg.in/yaml.v2" // what Juju reads its files with: YAML 1.1
)

// The rules that Juju's parsers hold a charm to (internal/charm in its source),
// written down as functions that return what is wrong.

type object = map[string]any

// readYAML reads as Juju does, with keys as strings.
func readYAML(data []byte) (object, error) {
	var raw any
	if err := yaml1.UnmarshalStrict(data, &raw); err != nil {
		return nil, err
	}
	clean, err := stringKeys(raw)
	if err != nil {
		return nil, err
	}
	o, ok := clean.(object)
	if !ok {
		return nil, fmt.Errorf("not a map but %T", clean)
	}
	return o, nil
}

func stringKeys(value any) (any, error) {
	switch v := value.(type) {
	case map[any]any:
		out := object{}
		for key, inner := range v {
			name, ok := key.(string)
			if !ok {
				return nil, fmt.Errorf("the key %v is no string", key)
			}
			clean, err := stringKeys(inner)
			if err != nil {
				return nil, err
			}
			out[name] = clean
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			clean, err := stringKeys(inner)
			if err != nil {
				return nil, err
			}
			out[i] = clean
		}
		return out, nil
	}
	return value, nil
}

// problems collects sentences.
type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

func (p *problems) oneOf(what string, value any, allowed ...string) {
	if text, ok := value.(string); !ok || !slices.Contains(allowed, text) {
		p.add("%s is %v, not one of %q", what, value, allowed)
	}
}

// at is a nested map; an absent one is empty.
func at(o object, path ...string) object {
	for _, key := range path {
		o, _ = o[key].(object)
	}
	return o
}

var (
	charmName  = regexp.MustCompile(`^[a-z](-?[a-z0-9])*$`)
	actionName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$`)
	assumption = regexp.MustCompile(`^[a-z][a-z0-9-]*( *(>=|<) *\d+(\.\d+)*)?$`)
	channel    = regexp.MustCompile(`^\d+\.\d+(/(stable|candidate|beta|edge))?$`)
)

func reserved(name string) bool { return name == "juju" || strings.HasPrefix(name, "juju-") }

func checkMetadata(meta, manifest object) (p problems) {
	for _, key := range []string{"name", "summary", "description"} {
		if text, _ := meta[key].(string); text == "" {
			p.add("no %s", key)
		}
	}
	if name, _ := meta["name"].(string); !charmName.MatchString(name) {
		p.add("bad name %q", name)
	}
	p = append(p, checkFormat(meta, manifest)...)
	if list, ok := meta["assumes"]; ok {
		checkAssumes(&p, list)
	}
	if user, ok := meta["charm-user"]; ok {
		p.oneOf("charm-user", user, "root", "sudoer", "non-root")
	}
	checkContainers(&p, meta)
	checkResources(&p, meta)
	checkRelations(&p, meta)
	return p
}

// checkFormat: the newer keys need a manifest with bases, and no older keys.
func checkFormat(meta, manifest object) (p problems) {
	for _, key := range []string{"assumes", "charm-user", "containers"} {
		if _, ok := meta[key]; !ok {
			continue
		}
		if bases, _ := manifest["bases"].([]any); len(bases) == 0 {
			p.add("%s without a manifest.yaml with bases", key)
		}
		for _, old := range []string{"series", "min-juju-version"} {
			if _, ok := meta[old]; ok {
				p.add("%s beside %s", old, key)
			}
		}
	}
	return p
}

func checkAssumes(p *problems, value any) {
	list, ok := value.([]any)
	if !ok {
		p.add("assumes is %T", value)
	}
	for _, entry := range list {
		switch e := entry.(type) {
		case string:
			if !assumption.MatchString(e) {
				p.add("bad assumption %q", e)
			}
		case object:
			for key, inner := range e {
				p.oneOf("an assumes map", key, "any-of", "all-of")
				checkAssumes(p, inner)
			}
		default:
			p.add("bad assumption %v", e)
		}
	}
}

func checkContainers(p *problems, meta object) {
	for name := range at(meta, "containers") {
		container := at(meta, "containers", name)
		resource, _ := container["resource"].(string)
		if at(meta, "resources", resource)["type"] != "oci-image" {
			p.add("container %s: resource %q is no oci-image", name, resource)
		}
		mounts, _ := container["mounts"].([]any)
		for _, mount := range mounts {
			storage, _ := mount.(object)["storage"].(string)
			if at(meta, "storage", storage) == nil {
				p.add("container %s: no storage %q", name, storage)
			}
		}
		for _, key := range []string{"uid", "gid"} {
			if id, ok := container[key].(int); ok && id >= 1000 && id <= 9999 {
				p.add("container %s: %s %d is Juju's", name, key, id)
			}
		}
	}
}

func checkResources(p *problems, meta object) {
	for name := range at(meta, "resources") {
		resource := at(meta, "resources", name)
		p.oneOf("the type of resource "+name, resource["type"], "file", "oci-image")
		if _, ok := resource["filename"].(string); resource["type"] == "file" && !ok {
			p.add("resource %s has no filename", name)
		}
	}
}

func checkRelations(p *problems, meta object) {
	seen := map[string]bool{}
	for _, role := range []string{"provides", "requires", "peers"} {
		for name := range at(meta, role) {
			endpoint := at(meta, role, name)
			if seen[name] {
				p.add("endpoint %s twice", name)
			}
			seen[name] = true
			if reserved(name) {
				p.add("endpoint %s: the name is Juju's", name)
			}
			if text, _ := endpoint["interface"].(string); text == "" || reserved(text) {
				p.add("endpoint %s: interface %q", name, text)
			}
			if limit, ok := endpoint["limit"]; ok {
				if _, ok := limit.(int); !ok {
					p.add("endpoint %s: limit %v", name, limit)
				}
			}
			if scope, ok := endpoint["scope"]; ok {
				p.oneOf("the scope of "+name, scope, "global", "container")
			}
		}
	}
}

func checkManifest(manifest object, arch string) (p problems) {
	bases, _ := manifest["bases"].([]any)
	if len(bases) == 0 {
		p.add("no bases")
	}
	for _, entry := range bases {
		base, _ := entry.(object)
		p.oneOf("a base's name", base["name"], "ubuntu")
		if text, _ := base["channel"].(string); !channel.MatchString(text) {
			p.add("a base's channel is %v", base["channel"])
		}
		arches, _ := base["architectures"].([]any)
		if len(arches) != 1 || arches[0] != arch {
			p.add("a base's architectures are %v, want %s", arches, arch)
		}
	}
	return p
}

func checkConfig(config object) (p problems) {
	options, ok := config["options"]
	if !ok {
		p.add("empty configuration")
	}
	if _, ok := options.(object); !ok {
		p.add("options is %T", options)
	}
	for name := range at(config, "options") {
		option := at(config, "options", name)
		p.oneOf("the type of option "+name, option["type"], "string", "int", "float", "boolean", "secret")
		if text, _ := option["description"].(string); text == "" {
			p.add("option %s has no description", name)
		}
		if def, ok := option["default"]; ok && !coerces(option["type"], def) {
			p.add("option %s: the default %#v is no %v", name, def, option["type"])
		}
	}
	return p
}

func coerces(kind, def any) bool {
	text := fmt.Sprint(def)
	_, isText := def.(string)
	var err error
	switch kind {
	case "string":
		return isText
	case "secret":
		return isText && (text == "" || strings.HasPrefix(text, "secret:"))
	case "int":
		_, err = strconv.ParseInt(text, 10, 64)
	case "float":
		_, err = strconv.ParseFloat(text, 64)
	case "boolean":
		_, err = strconv.ParseBool(text)
	}
	return err == nil
}
