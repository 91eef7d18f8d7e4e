package cli

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// complaint is an error as scripts read it.
type complaint struct {
	Error failure `json:"error"`
}

type failure struct {
	Kind     fault.Kind `json:"kind"`
	Message  string     `json:"message"`
	Hint     string     `json:"hint,omitempty"`
	ExitCode int        `json:"exit-code"`
}

// complain writes an error to stderr.
func (o Options) complain(err error) {
	kind := fault.KindOf(err)
	if wantsJSON(o.Args) {
		o.object(complaint{failure{kind, err.Error(), fault.HintOf(err), fault.ExitCode(kind)}})
		return
	}
	fmt.Fprintf(o.Stderr, "%s: %s\n", Program, visible(err.Error()))
	if hint := fault.HintOf(err); hint != "" {
		fmt.Fprintf(o.Stderr, "hint: %s\n", visible(hint))
	}
}

// note writes an action's notes to stderr; those of a dry run are what was asked
// for.
func (o Options) note(s settings, notes []string) {
	if s.quiet && !s.dryRun {
		return
	}
	for _, n := range notes {
		if s.format == jsonFormat {
			o.object(map[string]string{"note": n})
		} else {
			fmt.Fprintf(o.Stderr, "note: %s\n", visible(n))
		}
	}
}

// object writes a JSON object to stderr, on one line.
func (o Options) object(value any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err == nil {
		o.Stderr.Write(b.Bytes())
	}
}
