package main

import (
	"encoding/json"
	"regexp"
	"slices"
)

// jsonTypes are draft 4's.
func jsonTypes() []string {
	return []string{"array", "boolean", "integer", "null", "number", "object", "string"}
}

func checkActions(actions object) (p problems) {
	if len(actions) == 0 {
		p.add("no actions")
	}
	for name := range actions {
		if !actionName.MatchString(name) {
			p.add("bad action name %s", name)
		}
		if reserved(name) {
			p.add("action %s: the name is Juju's", name)
		}
		action, ok := actions[name].(object)
		if !ok {
			p.add("action %s is %T", name, actions[name])
			continue
		}
		checkAction(&p, name, action)
	}
	return p
}

func checkAction(p *problems, name string, action object) {
	if text, _ := action["description"].(string); text == "" {
		p.add("action %s has no description", name)
	}
	if action["additionalProperties"] != false {
		p.add("action %s: additionalProperties is %v", name, action["additionalProperties"])
	}
	typed(p, name, action)
	params, ok := action["params"].(object)
	if _, given := action["params"]; given && !ok {
		p.add("action %s: params is no map", name)
	}
	checkRequired(p, name, action["required"], params)
	for param := range params {
		if !actionName.MatchString(param) { // or key=value cannot name it
			p.add("action %s: bad parameter name %s", name, param)
		}
		schema, _ := params[param].(object)
		checkSchema(p, name+" "+param, schema)
	}
}

// typed are the keys of an action that Juju itself reads.
func typed(p *problems, name string, action object) {
	for key, value := range action {
		ok := true
		switch key {
		case "description", "title", "execution-group":
			_, ok = value.(string)
		case "parallel":
			_, ok = value.(bool)
		case "required":
			_, ok = value.([]any)
		case "params", "additionalProperties", "results": // the last is ours
		default:
			p.add("action %s: nobody reads %s", name, key)
		}
		if !ok {
			p.add("action %s: %s is %T", name, key, value)
		}
	}
}

func checkRequired(p *problems, name string, required any, params object) {
	list, _ := required.([]any)
	for _, param := range list {
		text, _ := param.(string)
		schema, ok := params[text].(object)
		if !ok {
			p.add("action %s requires %v, which is not declared", name, param)
		}
		if _, ok := schema["default"]; ok {
			p.add("action %s requires %v, which has a default", name, param)
		}
	}
}

// checkSchema holds a parameter to what Juju's draft 4 checker both accepts and
// obeys: later keywords, and format, it passes over in silence.
func checkSchema(p *problems, where string, schema object) {
	obeyed := []string{
		"type", "description", "default", "enum", "pattern", "properties", "additionalProperties", "required", "items",
		"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "title",
		"writeOnly", // for the command line: Juju keeps no schema keyword for it
	}
	for key := range schema {
		if !slices.Contains(obeyed, key) {
			p.add("%s: Juju does not obey %s", where, key)
		}
	}
	types := typesOf(schema["type"])
	if len(types) == 0 {
		p.add("%s has no type", where)
	}
	for _, one := range types {
		p.oneOf("the type of "+where, one, jsonTypes()...)
	}
	if pattern, ok := schema["pattern"].(string); ok {
		if _, err := regexp.Compile(pattern); err != nil {
			p.add("%s: %v", where, err)
		}
	}
	checkValues(p, where, schema, types)
	if inner, ok := schema["properties"].(object); ok {
		if _, ok := schema["additionalProperties"]; !ok {
			p.add("%s: additionalProperties differs between Juju 3 and 4", where)
		}
		for name := range inner {
			checkSchema(p, where+"."+name, at(inner, name))
		}
	}
}

// checkValues: the enum and the default are of the type, the default of the
// enum. Juju does not check it.
func checkValues(p *problems, where string, schema object, types []any) {
	enum, listed := schema["enum"].([]any)
	if _, given := schema["enum"]; given && len(enum) == 0 {
		p.add("%s: enum is empty", where)
	}
	for _, value := range enum {
		if !isOf(value, types) {
			p.add("%s: %#v of the enum is no %v", where, value, types)
		}
	}
	def, given := schema["default"]
	if !given {
		return
	}
	if !isOf(def, types) {
		p.add("%s: the default %#v is no %v", where, def, types)
	}
	if listed && !slices.Contains(enum, def) {
		p.add("%s: the default %#v is not in the enum", where, def)
	}
}

func typesOf(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	if value == nil {
		return nil
	}
	return []any{value}
}

// isOf says whether a value is of one of the types.
func isOf(value any, types []any) bool {
	kind := "string"
	switch value.(type) {
	case bool:
		kind = "boolean"
	case int, int64, uint64:
		kind = "integer"
	case float64, json.Number:
		kind = "number"
	case []any:
		kind = "array"
	case object:
		kind = "object"
	case nil:
		kind = "null"
	}
	return slices.Contains(types, any(kind)) || kind == "integer" && slices.Contains(types, any("number"))
}
