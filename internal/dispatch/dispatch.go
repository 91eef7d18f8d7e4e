// Package dispatch is the door that Juju comes in by: it reads what Juju set,
// routes to an action or to the charm, and reports back through the hook tools. Juju starts the
// charm's one program for every hook and every action.
package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/actions"
	"github.com/kratos-agent/kratos-agent/charm"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/result"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// defaultTimeout bounds an action, retries included. Juju itself sets no limit,
// and no other hook or action of the unit runs meanwhile.
const defaultTimeout = 30 * time.Second

// reportTimeout bounds the telling of what happened, which must still be
// possible when the action's own time is over.
const reportTimeout = 10 * time.Second

// Options are the dispatch's surroundings.
type Options struct {
	Getenv     func(string) string
	Runner     juju.Runner
	Stderr     io.Writer
	Version    string
	Declared   []spec.Action
	BcryptCost int           // 0 stands for 12
	Timeout    time.Duration // of an action on a person, retries included; 0 stands for 30 s
	// Ports are Kratos' own; zero ones stand for the usual.
	Ports charm.Ports
	// ServiceAccount is the directory of the pod's, and Kubernetes its server;
	// empty ones stand for what every pod has.
	ServiceAccount, Kubernetes string
}

// Dispatched tells whether Juju has started the program for a hook or an
// action. JUJU_DISPATCH_PATH is set for these only, not for juju exec.
func Dispatched(getenv func(string) string) bool {
	return getenv("JUJU_DISPATCH_PATH") != ""
}

// Main carries out what Juju asks for and gives the exit code. A failed action
// is reported by action-fail and exits 0: another code would replace its
// message. 1 means that Juju's own tools failed; a hook is then run again.
func Main(ctx context.Context, o Options) int {
	path := o.Getenv("JUJU_DISPATCH_PATH")
	if hook, ok := strings.CutPrefix(path, "hooks/"); ok {
		return o.hook(ctx, hook)
	}
	name, ok := strings.CutPrefix(path, "actions/")
	if !ok {
		return 0
	}
	if err := o.action(ctx, name); err != nil {
		fmt.Fprintf(o.Stderr, "cannot report on action %s: %s\n", name, err)
		return 1
	}
	return 0
}

// action runs an action. Its failure is reported, not returned.
func (o Options) action(ctx context.Context, name string) error {
	tools := juju.Tools{Runner: o.Runner}
	r, err := o.run(ctx, tools, name)
	// The action's time may be over, or the agent be told to end: what was
	// done is told all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportTimeout)
	defer cancel()
	return o.report(ctx, tools, r, err)
}

func (o Options) run(ctx context.Context, tools juju.Tools, name string) (result.Result, error) {
	declared, known := spec.Find(o.Declared, name)
	handler, registered := actions.Find(name)
	if !handler.Pass {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cmp.Or(o.Timeout, defaultTimeout))
		defer cancel()
	}
	if !known || !registered {
		return result.Result{}, fault.New(fault.Usage, "this charm has no action %q", name)
	}
	given, err := tools.ActionGet(ctx)
	if err != nil {
		return result.Result{}, err
	}
	server, err := kratos.New(kratos.Options{Endpoint: o.Getenv("KRATOS_ADMIN_URL"), UserAgent: "kratos-agent/" + o.Version})
	if err != nil {
		return result.Result{}, err
	}
	unit := o.Getenv("JUJU_UNIT_NAME")
	env := actions.Env{
		Kratos:     server,
		Secrets:    juju.Secrets{Tools: tools, App: juju.Application(unit)},
		Wording:    wording{unit: unit},
		Charm:      o.unit(tools),
		BcryptCost: o.BcryptCost,
	}
	r, err := handler.Do(ctx, declared, env, given)
	r.Notes = append(clearText(declared, given, juju.Application(unit)), r.Notes...)
	return r, err
}

// clearText says of each secret that was given as a parameter that Juju keeps
// it, and how long what arrived is: YAML typing may have cut it.
func clearText(declared spec.Action, given map[string]any, app string) (notes []string) {
	for _, p := range declared.Params {
		value, ok := given[p.Name].(string)
		if !p.WriteOnly || !ok {
			continue
		}
		notes = append(notes, fmt.Sprintf("%s was given in clear text (%d bytes arrived): Juju keeps it in the operation's record, "+
			"for whoever may read the model; next time: juju add-secret NAME %s=VALUE, juju grant-secret NAME %s, then %s-secret-id=ID",
			p.Name, len(value), p.Name, app, p.Name))
	}
	return notes
}

// report tells Juju what was done, then what failed. Only an error to tell of a
// failure is returned: for a log line that was lost nothing else must be.
func (o Options) report(ctx context.Context, tools juju.Tools, r result.Result, failure error) error {
	fields, cut := r.Flat()
	if cut {
		r.Note("a value was too long for a result of Juju's and is cut")
	}
	pairs := make([]juju.Pair, len(fields))
	for i, f := range fields {
		pairs[i] = juju.Pair{Key: f.Key, Value: f.Text()}
	}
	if err := tools.ActionSet(ctx, pairs); err != nil {
		failure = unset(err, failure, r)
	}
	if err := tools.ActionLog(ctx, strings.Join(r.Notes, "\n")); err != nil {
		fmt.Fprintln(o.Stderr, err)
	}
	if failure == nil {
		return nil
	}
	return tools.ActionFail(ctx, message(failure))
}

// unset is the failure of an action whose results could not be given.
// Of the results, the id is what nobody can find out later.
func unset(err, failure error, r result.Result) error {
	if failure == nil {
		return fault.Wrap(err, "it was done (identity-id %v), but its results cannot be given", r.Get("identity-id"))
	}
	return fault.Wrap(failure, "the results cannot be given (identity-id %v; %s)", r.Get("identity-id"), err)
}

func message(err error) string {
	if hint := fault.HintOf(err); hint != "" {
		return err.Error() + "; " + hint
	}
	return err.Error()
}
