package pebble

import (
	"testing"
	"time"
)

func TestHolds(t *testing.T) {
	t.Parallel()
	service := Service{Override: Replace, Command: "true", Environment: map[string]string{"A": "1"}}
	check := Check{Override: Replace, Period: Duration(10 * time.Second), Timeout: Duration(3 * time.Second), Threshold: 3, TCP: &TCPCheck{Port: 1}}
	plan := Plan{
		Services:   map[string]Service{"a": service, "other": {Command: "true"}},
		Checks:     map[string]Check{"c": check},
		LogTargets: map[string]LogTarget{"t": {Override: Replace, Type: "loki", Location: "http://x", Services: []string{"all"}}},
	}
	for what, c := range map[string]struct {
		layer Layer
		want  bool
	}{
		"nothing":          {Layer{}, true},
		"the same":         {Layer{Services: map[string]Service{"a": service}, Checks: plan.Checks, LogTargets: plan.LogTargets}, true},
		"defaults":         {Layer{Checks: map[string]Check{"c": {Override: Replace, Startup: Enabled, TCP: &TCPCheck{Port: 1}}}}, true},
		"empty lists":      {Layer{Services: map[string]Service{"a": {Override: Replace, Command: "true", Environment: service.Environment, After: []string{}}}}, true},
		"missing":          {Layer{Services: map[string]Service{"b": service}}, false},
		"another command":  {Layer{Services: map[string]Service{"a": {Override: Replace, Command: "false", Environment: service.Environment}}}, false},
		"less environment": {Layer{Services: map[string]Service{"a": {Override: Replace, Command: "true"}}}, false},
		"check disabled":   {Layer{Checks: map[string]Check{"c": {Override: Replace, Startup: Disabled, TCP: &TCPCheck{Port: 1}}}}, false},
		"another target":   {Layer{LogTargets: map[string]LogTarget{"t": {Override: Replace, Type: "loki", Location: "http://x"}}}, false},
	} {
		if got := plan.Holds(c.layer); got != c.want {
			t.Errorf("%s: %t", what, got)
		}
	}
}
