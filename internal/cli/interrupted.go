package cli

import (
	"errors"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

// cutShort adds to the error of a command that was interrupted, or whose time
// was over, what is and what is not done. Of a change that may be done or not,
// the error says so itself.
func cutShort(err error, changed bool) error {
	kind := fault.KindOf(err)
	if err == nil || kind != fault.Cancelled && kind != fault.Timeout {
		return err
	}
	said := "nothing was changed"
	switch uncertain := errors.Is(err, kratos.ErrUncertain); {
	case changed && uncertain:
		said = "the result shows what was done before"
	case changed:
		said = "the result shows what was done, and the rest was not"
	case uncertain:
		return err
	}
	return fault.New(kind, "%s; %s", err, said).WithHint("%s", fault.HintOf(err))
}
