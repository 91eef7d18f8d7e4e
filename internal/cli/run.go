package cli

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// run carries out a command whose flags are read.
func (o Options) run(ctx context.Context, c Command, flags *cli.Context) error {
	s, err := o.settings(flags)
	if err != nil {
		return withHelp(err, c)
	}
	handler, ok := actions.Find(c.Name)
	if !ok {
		return fault.New(fault.Internal, "%s is declared, but cannot be done here", c.Name)
	}
	declared := asText(c.action)
	given, err := o.given(ctx, c, flags, func(checked map[string]any) error {
		return declared.Decode(checked, reflect.New(reflect.TypeOf(handler.Params)).Interface())
	})
	if err != nil {
		return withHelp(cutShort(err, false), c)
	}
	server, err := o.newKratos(kratos.Options{
		Endpoint: s.endpoint, CAFile: s.caFile, Proxy: kratos.ProxyFromEnvironment, UserAgent: Program + "/" + o.Version,
	})
	if err != nil {
		return err
	}
	ctx, timer := withBudget(ctx, s.timeout)
	defer timer.stop()
	r, err := handler.Do(ctx, declared, o.env(s, server, timer), given)
	if err = withHelp(cutShort(withTimeout(err), r.Changed), c); err != nil && !r.Changed {
		o.note(s, r.Notes)
		return err
	}
	if cannotShow := o.deliver(s, r); err == nil {
		err = cannotShow
	}
	return err
}

func (o Options) env(s settings, server actions.Kratos, timer *budget) actions.Env {
	env := actions.Env{
		Kratos: server, Secrets: o.Secrets, Wording: wording{s, o.Declared}, BcryptCost: o.BcryptCost, DryRun: s.dryRun,
		Confirm: func(ctx context.Context, question string) error {
			defer timer.pause()()
			return o.confirm(ctx, s, question)
		},
	}
	if o.Secrets == nil {
		env.Secrets = noSecrets{}
	}
	return env
}

// given collects the parameters. They are checked, with a stand-in for what is
// in a file, before any file is read or anybody asked.
func (o Options) given(ctx context.Context, c Command, flags *cli.Context, check func(map[string]any) error) (map[string]any, error) {
	given := map[string]any{}
	var files []Flag
	for _, f := range c.Flags {
		switch {
		case !flags.IsSet(f.Name):
		case f.File:
			files = append(files, f)
			given[f.Param] = "stand-in"
		case f.Boolean():
			given[f.Param] = strconv.FormatBool(flags.Bool(f.Name))
		default:
			given[f.Param] = flags.String(f.Name)
		}
	}
	if err := check(given); err != nil {
		return nil, err
	}
	for _, f := range files {
		value, err := o.secret(ctx, f, flags.String(f.Name))
		if err != nil {
			return nil, err
		}
		given[f.Param] = value
	}
	return given, nil
}

// asText gives the action as a command line can send its parameters: as text.
func asText(a spec.Action) spec.Action {
	a.Params = slices.Clone(a.Params)
	for i, p := range a.Params {
		if !slices.Contains(p.Types, spec.String) {
			a.Params[i].Types = append(slices.Clone(p.Types), spec.String)
		}
	}
	return a
}

// withHelp gives a usage error that has no hint one: where the flags are listed.
func withHelp(err error, c Command) error {
	if fault.KindOf(err) != fault.Usage || fault.HintOf(err) != "" || err == nil {
		return err
	}
	return fault.Wrap(err, "").WithHint("%s %s --help lists its flags", Program, c.Name)
}

// withTimeout says how to allow more where the time was over.
func withTimeout(err error) error {
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	hint := "allow more with --timeout"
	if first := fault.HintOf(err); first != "" {
		hint = first + "; " + hint
	}
	return fault.Wrap(err, "").WithHint("%s", hint)
}

// deliver prints a result: to stdout what was done, to stderr the notes.
func (o Options) deliver(s settings, r result.Result) error {
	text, err := present(s, r)
	if err != nil {
		return err
	}
	err = o.print(text)
	o.note(s, r.Notes)
	if err != nil && r.Changed {
		return fault.Wrap(err, "it was done (identity-id %v), but cannot be shown", r.Get("identity-id")).Of(fault.Partial)
	}
	return err
}

// noSecrets stands where no hook tools are.
type noSecrets struct{}

// Secret says that a Juju secret cannot be read here.
func (noSecrets) Secret(context.Context, string) (map[string]string, error) {
	return nil, fault.New(fault.Precondition, "a Juju secret can only be read where Juju's hook tools are: juju exec --unit kratos/0 -- ./%s ...", Program).
		WithHint("give the password by file: --password-file FILE, or --password-file - for stdin")
}
