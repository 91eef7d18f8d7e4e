package juju

import (
	"context"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// ResourceGet gives the path at which Juju has put a resource of the charm. One
// that nobody has attached is an error of kind NotFound.
func (t Tools) ResourceGet(ctx context.Context, name string) (string, error) {
	out, err := t.call(ctx, "resource-get", "--", name)
	path := strings.TrimSpace(string(out))
	switch {
	case says(err, "not found"):
		return "", fault.Wrap(err, "cannot get resource %q", name).Of(fault.NotFound).
			WithHint("next: juju attach-resource APPLICATION %s=FILE", name)
	case err != nil:
		return "", fault.Wrap(err, "cannot get resource %q", name)
	case path == "":
		return "", fault.New(fault.NotFound, "cannot get resource %q: resource-get named no file", name)
	}
	return path, nil
}
