package juju

import (
	"context"
	"maps"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// ConfigGet gives the application's options: those that are set and those that
// have a default, numbers as json.Number. An option without a value is left
// out. Within one hook Juju gives the same answer each time.
func (t Tools) ConfigGet(ctx context.Context) (map[string]any, error) {
	options := map[string]any{}
	if err := t.get(ctx, &options, "config-get"); err != nil {
		return nil, fault.Wrap(err, "cannot read the application's configuration")
	}
	if options == nil {
		options = map[string]any{}
	}
	maps.DeleteFunc(options, func(_ string, value any) bool { return value == nil })
	return options, nil
}
