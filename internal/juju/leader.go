package juju

import (
	"context"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// IsLeader tells whether the unit leads its application. Juju vouches for a
// yes for some 30 seconds.
func (t Tools) IsLeader(ctx context.Context) (bool, error) {
	var leads bool
	if err := t.get(ctx, &leads, "is-leader"); err != nil {
		return false, fault.Wrap(err, "cannot tell whether the unit leads its application")
	}
	return leads, nil
}
