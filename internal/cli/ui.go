package cli

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"syscall"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
)

// serveCommand is the command that serves the pages of self-service.
func serveCommand() Builtin {
	return Builtin{
		Name: "ui", Synopsis: Program + " ui --kratos-public-url URL [flags]",
		Summary: "Serve the pages of sign-in and self-service",
		Description: "Sign-in, registration, recovery, verification, settings, sign-out and errors of one Kratos, with its public API beside them at the same origin. Its admin API is not asked and not served.\n" +
			"A flag wins over its variable. Empty ones count as not given.\n" +
			"stderr has a line for each request, as text on a terminal and as JSON elsewhere. SIGTERM and Ctrl-C stop the server when what is under way has ended, after ten seconds at most; that is exit status 0.",
		Flags: serveFlags(), run: serve,
	}
}

// serveFlags are the settings of the pages as flags.
func serveFlags() []Flag {
	var flags []Flag
	for _, s := range selfservice.Settings() {
		f := Flag{
			Name: s.Flag, Value: valueName(s.Flag), Usage: strings.ToUpper(s.Usage[:1]) + s.Usage[1:] + ".",
			Default: s.Default, Required: s.Flag == "kratos-public-url", Variable: s.Env,
		}
		f.File = f.Value == "FILE"
		if s.Boolean {
			f.Value, f.Default = "", ""
		}
		flags = append(flags, f)
	}
	return flags
}

// valueName is how the value of a setting is called.
func valueName(flag string) string {
	switch flag {
	case "kratos-public-url", "public-url":
		return "URL"
	case "listen":
		return "ADDRESS:PORT"
	case "trusted-proxy", "form-action-origin":
		return "LIST"
	case "brand-logo":
		return "FILE"
	case "brand-colour":
		return "#RRGGBB"
	default:
		return "TEXT"
	}
}

// serve serves the pages until ctx ends, which is no failure: it is how a server
// ends.
func serve(ctx context.Context, o Options, w *words) error {
	if len(w.rest) > 0 {
		return fault.New(fault.Usage, "ui takes nothing but flags")
	}
	given := w.values()
	settings, address, err := selfservice.Configure(func(flag string) string {
		f, _ := find(w.known, flag)
		return or(strings.TrimSpace(given[flag]), o.Getenv(f.Variable))
	})
	if err != nil {
		return withHelp(err, Command{Name: w.command})
	}
	settings.Log, settings.UserAgent = o.logger(), Program+"/"+o.Version
	l, err := listen(ctx, address)
	if err != nil {
		return err
	}
	return selfservice.Serve(ctx, l, settings)
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	refused := fault.New(fault.Precondition, "cannot listen on %s", address).WithHint("name another address: --listen ADDRESS:PORT")
	if errors.Is(err, syscall.EADDRINUSE) {
		refused = refused.Of(fault.Conflict)
	}
	var op *net.OpError
	if errors.As(err, &op) {
		err = op.Err // without the address, which is said already
	}
	return nil, refused.Because(err)
}

// logger logs to stderr: for eyes on a terminal, for programs elsewhere.
func (o Options) logger() *slog.Logger {
	if o.Watched != nil && o.Watched() {
		return slog.New(slog.NewTextHandler(o.Stderr, nil))
	}
	return slog.New(slog.NewJSONHandler(o.Stderr, nil))
}
