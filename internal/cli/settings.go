package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
)

// settings are the values of the common flags.
type settings struct {
	endpoint, caFile   string
	endpointGiven      bool // by the flag
	format             string
	quiet, dryRun, yes bool
	timeout            time.Duration
}

func (o Options) settings(c *cli.Context) (settings, error) {
	s := settings{
		endpoint: or(o.Getenv(EndpointVariable), kratos.DefaultEndpoint), endpointGiven: c.IsSet("endpoint"),
		caFile: c.String("ca-file"), format: or(c.String("format"), table),
		quiet: c.Bool("quiet"), dryRun: c.Bool("dry-run"), yes: c.Bool("yes"),
		timeout: DefaultTimeout,
	}
	for _, f := range CommonFlags() {
		if !f.Boolean() && c.IsSet(f.Name) && c.String(f.Name) == "" {
			return s, fault.New(fault.Usage, "--%s is empty", f.Name)
		}
	}
	if s.endpointGiven {
		s.endpoint = c.String("endpoint")
	}
	if !slices.Contains(formats, s.format) {
		return s, fault.New(fault.Usage, "--format must be one of %s, not %q", strings.Join(formats, ", "), s.format)
	}
	if !c.IsSet("timeout") {
		return s, nil
	}
	var err error
	s.timeout, err = time.ParseDuration(c.String("timeout"))
	if err != nil || s.timeout <= 0 {
		return s, fault.New(fault.Usage, "--timeout %q is not a duration above 0 (90s, 5m)", c.String("timeout"))
	}
	return s, nil
}

// wantsJSON tells whether errors are to be JSON. It is asked before the command
// line is known to make sense.
func wantsJSON(args []string) bool {
	for i, arg := range args {
		name, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case arg == "--":
			return false
		case name != "format" || !strings.HasPrefix(arg, "-"):
		case joined:
			return value == jsonFormat
		case i+1 < len(args):
			return args[i+1] == jsonFormat
		}
	}
	return false
}
