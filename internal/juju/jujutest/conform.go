package jujutest

import "errors"

// conform gives every map string keys, as Juju demands of what it reads as
// YAML.
func conform(value any) (any, error) {
	switch v := value.(type) {
	case map[any]any:
		m := make(map[string]any, len(v))
		for key, value := range v {
			text, ok := key.(string)
			if !ok {
				return nil, errors.New("map keyed with non-string value")
			}
			m[text] = value
		}
		return conform(m)
	case map[string]any:
		for key, value := range v {
			var err error
			if v[key], err = conform(value); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, value := range v {
			var err error
			if v[i], err = conform(value); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

// conformMap is conform for a map.
func conformMap(value map[string]any) (map[string]any, error) {
	out, err := conform(value)
	if err != nil {
		return nil, err
	}
	return out.(map[string]any), nil
}

// nest puts a value at a path of keys. Whatever stands in the way is replaced.
func nest(target map[string]any, keys []string, value any) {
	for _, key := range keys[:len(keys)-1] {
		inner, ok := target[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			target[key] = inner
		}
		target = inner
	}
	target[keys[len(keys)-1]] = value
}

// dig gives the value at a path of keys, or nil.
func dig(value any, keys []string) any {
	for _, key := range keys {
		m, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = m[key]
	}
	return value
}
