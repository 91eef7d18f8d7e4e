package jujutest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v2" // the very parser that Juju reads charms with

	kratosagent "github.com/kratos-agent/kratos-agent"
)

// declared gives the schemas of the charm's actions by name, as Juju makes
// them of actions.yaml (juju/charm actions.go).
func (s store) declared() (map[string]map[string]any, error) {
	text, err := s.charmFile("actions.yaml", kratosagent.Actions)
	if err != nil {
		return nil, err
	}
	return readActions(text)
}

func readActions(text []byte) (map[string]map[string]any, error) {
	var actions map[string]map[string]any
	if err := yaml.Unmarshal(text, &actions); err != nil {
		return nil, err
	}
	schemas := make(map[string]map[string]any, len(actions))
	for action, declared := range actions {
		switch {
		case !name.MatchString(action):
			return nil, fmt.Errorf("bad action name %s", action)
		case action == "juju":
			return nil, errors.New(`cannot use action name juju: "juju" is a reserved name`)
		case strings.HasPrefix(action, "juju-"):
			return nil, fmt.Errorf(`cannot use action name %s: the "juju-" prefix is reserved`, action)
		}
		schema, err := schemaOf(action, declared)
		if err != nil {
			return nil, err
		}
		if err := checkSchema(schema); err != nil {
			return nil, fmt.Errorf("invalid params schema for action schema %s: %w", action, err)
		}
		schemas[action] = schema
	}
	return schemas, nil
}

// schemaOf makes one schema of an action. Parameters that are not declared are
// refused, as Juju 4 does unless told otherwise.
func schemaOf(action string, declared map[string]any) (map[string]any, error) {
	schema := map[string]any{
		"description": "No description", "type": "object", "title": action,
		"properties": map[string]any{}, "additionalProperties": false,
	}
	for key, value := range declared {
		if err := typed(key, value); err != nil {
			return nil, err
		}
		if key == "parallel" || key == "execution-group" {
			continue
		}
		value, err := conform(value)
		if err != nil {
			return nil, err
		}
		if err := prohibited(value); err != nil {
			return nil, err
		}
		if key == "params" {
			key = "properties"
		}
		schema[key] = value
	}
	return schema, nil
}

// typed checks the keys that Juju gives a type.
func typed(key string, value any) error {
	switch key {
	case "description", "title", "execution-group":
		if _, ok := value.(string); !ok {
			return fmt.Errorf("value for schema key %q must be a string", key)
		}
	case "required":
		if _, ok := value.([]any); !ok {
			return fmt.Errorf("value for schema key %q must be a YAML list", key)
		}
	case "parallel":
		if _, ok := value.(bool); !ok {
			return fmt.Errorf("value for schema key %q must be a bool", key)
		}
	case "params":
		if _, ok := value.(map[any]any); !ok {
			return errors.New("params failed to parse as a map")
		}
	}
	return nil
}

// prohibited finds the keys that Juju does not let a schema have.
func prohibited(value any) error {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if key == "$ref" || key == "$schema" {
				return fmt.Errorf("schema key %q not compatible with this version of juju", key)
			}
			if err := prohibited(inner); err != nil {
				return err
			}
		}
	case []any:
		for _, inner := range v {
			if err := prohibited(inner); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkSchema refuses what Juju refuses in a schema, and the keywords of draft
// 4 that Juju enforces and the double does not.
func checkSchema(schema map[string]any) error {
	for _, kind := range typesOf(schema) {
		switch kind {
		case "array", "boolean", "integer", "number", "null", "object", "string":
		default:
			return fmt.Errorf("%s is not a valid type", kind)
		}
	}
	if pattern, ok := schema["pattern"].(string); ok {
		if _, err := regexp.Compile(pattern); err != nil {
			return errors.New("pattern must be a valid regex")
		}
	}
	for _, keyword := range []string{
		"patternProperties", "dependencies", "additionalItems", "multipleOf", "uniqueItems", "oneOf", "anyOf", "allOf", "not",
	} {
		if _, used := schema[keyword]; used {
			return fmt.Errorf("jujutest: the double does not know %s", keyword)
		}
	}
	for _, inner := range subschemas(schema) {
		if err := checkSchema(inner); err != nil {
			return err
		}
	}
	return nil
}

// subschemas gives the schemas directly within one.
func subschemas(schema map[string]any) (inner []map[string]any) {
	properties, _ := schema["properties"].(map[string]any)
	for _, value := range properties {
		if s, ok := value.(map[string]any); ok {
			inner = append(inner, s)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if s, ok := schema[key].(map[string]any); ok {
			inner = append(inner, s)
		}
	}
	return inner
}

// typesOf gives the types that a schema allows; none stands for any.
func typesOf(schema map[string]any) (types []string) {
	switch v := schema["type"].(type) {
	case string:
		return []string{v}
	case []any:
		for _, one := range v {
			types = append(types, fmt.Sprint(one))
		}
	}
	return types
}

// insertDefaults adds the declared defaults to parameters as Juju 3 does: into
// nested objects too, which it makes, and without a look at their types.
func insertDefaults(into, schema map[string]any) {
	properties, _ := schema["properties"].(map[string]any)
	for key, value := range properties {
		property, _ := value.(map[string]any)
		given, isGiven := into[key]
		inner, isMap := given.(map[string]any)
		switch {
		case isGiven && isMap:
			insertDefaults(inner, property)
		case isGiven:
		case property["default"] != nil:
			into[key] = property["default"]
		default:
			made := map[string]any{}
			insertDefaults(made, property)
			if len(made) > 0 {
				into[key] = made
			}
		}
	}
}
