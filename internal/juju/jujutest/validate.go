package jujutest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// validate checks parameters, as they arrive through JSON, against an action's
// schema, in the words of the validator that Juju uses (juju/gojsonschema
// 1.0.0, draft 4). Like that one it does not look at format.
func validate(schema, params map[string]any) error {
	var v validator
	v.value("(root)", schema, params)
	if len(v.faults) == 0 {
		return nil
	}
	return errors.New("validation failed: " + strings.Join(v.faults, "; "))
}

type validator struct{ faults []string }

func (v *validator) fault(at string, given any, format string, args ...any) {
	text, err := json.Marshal(given)
	if err != nil {
		text = fmt.Append(nil, given)
	}
	v.faults = append(v.faults, fmt.Sprintf("%s : %s, given %s", at, fmt.Sprintf(format, args...), text))
}

func (v *validator) value(at string, schema map[string]any, given any) {
	if types := typesOf(schema); len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return isOf(t, given) }) {
		list := types[0]
		if len(types) > 1 {
			list = "[" + strings.Join(types, ",") + "]"
		}
		v.fault(at, given, "must be of type %s", list)
		return
	}
	switch value := given.(type) {
	case map[string]any:
		v.object(at, schema, value)
	case []any:
		v.list(at, schema, value)
	case float64:
		v.number(at, schema, value)
	}
	v.enum(at, schema, given)
	if text, ok := given.(string); ok {
		v.text(at, schema, text)
	}
}

func isOf(kind string, given any) bool {
	switch value := given.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	case float64:
		return kind == "number" || kind == "integer" && isInteger(value)
	}
	return false
}

// isInteger is false beyond 2^53, where a float no longer says which integer.
func isInteger(f float64) bool { return math.Abs(f) <= 1<<53-1 && f == math.Trunc(f) }

func (v *validator) enum(at string, schema map[string]any, given any) {
	allowed, ok := schema["enum"].([]any)
	if !ok {
		return
	}
	text, _ := json.Marshal(given)
	var list []string
	for _, one := range allowed {
		one, _ := json.Marshal(one)
		list = append(list, string(one))
	}
	if !slices.Contains(list, string(text)) {
		v.fault(at, given, "must match one of the enum values [%s]", strings.Join(list, ","))
	}
}

func (v *validator) object(at string, schema map[string]any, given map[string]any) {
	if limit, ok := whole(schema["minProperties"]); ok && len(given) < limit {
		v.fault(at, given, "must have at least %d properties", limit)
	}
	if limit, ok := whole(schema["maxProperties"]); ok && len(given) > limit {
		v.fault(at, given, "must have at the most %d properties", limit)
	}
	required, _ := schema["required"].([]any)
	for _, key := range required {
		if _, ok := given[fmt.Sprint(key)]; !ok {
			v.fault(at, given, `"%s" property is missing and required`, key)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if properties[key] == nil {
			v.undeclared(at, schema["additionalProperties"], given, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if property, known := properties[key].(map[string]any); known {
			v.value(at+"."+key, property, given[key])
		}
	}
}

func (v *validator) undeclared(at string, rule any, given map[string]any, key string) {
	switch rule := rule.(type) {
	case bool:
		if !rule {
			v.fault(at, given, `additional property "%s" is not allowed`, key)
		}
	case map[string]any:
		v.value(at, rule, given[key])
	}
}

func (v *validator) list(at string, schema map[string]any, given []any) {
	if items, ok := schema["items"].(map[string]any); ok {
		for i, item := range given {
			v.value(at+"."+strconv.Itoa(i), items, item)
		}
	}
	if limit, ok := whole(schema["minItems"]); ok && len(given) < limit {
		v.fault(at, given, "array must have at least %d items", limit)
	}
	if limit, ok := whole(schema["maxItems"]); ok && len(given) > limit {
		v.fault(at, given, "array must have at the most %d items", limit)
	}
}

func (v *validator) text(at string, schema map[string]any, given string) {
	if limit, ok := whole(schema["minLength"]); ok && utf8.RuneCountInString(given) < limit {
		v.fault(at, given, "string length must be greater or equal to %d", limit)
	}
	if limit, ok := whole(schema["maxLength"]); ok && utf8.RuneCountInString(given) > limit {
		v.fault(at, given, "string length must be lower or equal to %d", limit)
	}
	if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(given) {
		v.fault(at, given, "does not match pattern '%s'", pattern)
	}
}

// number has the bounds. The words are those of the validator, which has them
// the wrong way round for exclusive bounds.
func (v *validator) number(at string, schema map[string]any, given float64) {
	if limit, ok := number(schema["maximum"]); ok {
		switch exclusive := schema["exclusiveMaximum"] == true; {
		case exclusive && given >= limit:
			v.fault(at, inWords(given), "must be lower than or equal to %s", inWords(limit))
		case !exclusive && given > limit:
			v.fault(at, inWords(given), "must be lower than %s", inWords(limit))
		}
	}
	if limit, ok := number(schema["minimum"]); ok {
		switch exclusive := schema["exclusiveMinimum"] == true; {
		case exclusive && given <= limit:
			v.fault(at, inWords(given), "must be greater than or equal to %s", inWords(limit))
		case !exclusive && given < limit:
			v.fault(at, inWords(given), "must be greater than %s", inWords(limit))
		}
	}
}

func inWords(f float64) string {
	if isInteger(f) {
		return strconv.FormatInt(int64(f), 10)
	}
	return fmt.Sprintf("%g", f)
}

func number(value any) (float64, bool) {
	switch n := value.(type) {
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

func whole(value any) (int, bool) {
	n, ok := number(value)
	return int(n), ok
}
