package pebble

import (
	"maps"
	"reflect"
	"time"
)

// Holds tells whether the plan has every entry of the layer as it is there, so
// that adding the layer would change nothing. Entries must have the override
// replace: of one that merges, the plan alone does not tell what it added.
// Pebble writes its defaults into checks; an entry that leaves them out is the
// same.
func (p Plan) Holds(l Layer) bool {
	return has(p.Services, l.Services, Service.plain) &&
		has(p.Checks, l.Checks, Check.plain) &&
		has(p.LogTargets, l.LogTargets, LogTarget.plain)
}

func has[T any](all, some map[string]T, plain func(T) T) bool {
	for name, want := range some {
		got, ok := all[name]
		if !ok || !reflect.DeepEqual(plain(got), plain(want)) {
			return false
		}
	}
	return true
}

// plain gives the entry with nothing left open that means the same as a value.
func (s Service) plain() Service {
	s.After, s.Before, s.Requires = some(s.After), some(s.Before), some(s.Requires)
	s.Environment = entries(s.Environment)
	s.OnCheckFailure = entries(s.OnCheckFailure)
	return s
}

func (c Check) plain() Check {
	c.Startup = or(c.Startup, Enabled)
	c.Period = or(c.Period, Duration(10*time.Second))
	c.Timeout = or(c.Timeout, Duration(3*time.Second))
	c.Threshold = or(c.Threshold, 3)
	if c.HTTP != nil {
		h := *c.HTTP
		h.Headers = entries(h.Headers)
		c.HTTP = &h
	}
	if c.Exec != nil {
		e := *c.Exec
		e.Environment = entries(e.Environment)
		c.Exec = &e
	}
	return c
}

func (t LogTarget) plain() LogTarget {
	t.Services, t.Labels = some(t.Services), entries(t.Labels)
	return t
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func some(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

func entries(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return maps.Clone(m)
}
