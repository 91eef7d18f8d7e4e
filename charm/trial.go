package charm

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

const (
	pollEvery = 100 * time.Millisecond
	// pollPatience is how long one question for readiness may take.
	pollPatience = 2 * time.Second
	// trialPorts is how often other ports are taken where the first are in use.
	trialPorts = 3
	// trialEnd is how long a candidate may take to end when asked to.
	trialEnd = 3 * time.Second
	// lintPatience is how long the linter may take; it takes some 60 ms.
	lintPatience = 15 * time.Second
)

// verdict is what was found out of a candidate. With neither of the first two
// reasons it takes the place of what serves.
type verdict struct {
	refused, undecided string
	// faulty is what is wrong with it that keeps no Kratos from being started.
	faulty string
	// lasting tells that the refusal need not be found out again.
	lasting bool
}

// judge has the workload's own program look at the candidate. What it prints
// holds values of the configuration and goes no further.
func (a *applier) judge(ctx context.Context) (v verdict, err error) {
	if !a.plan.Try && a.world.serving() && !roomForTrial(a.world.Options) {
		a.Tell(ctx, "the new configuration is not tried beside the one that serves: memory is below "+trialMemory)
	}
	if len(a.plan.Scripts) == 0 && !a.plan.Try {
		return verdict{}, nil
	}
	defer func() {
		if cleared := a.clear(ctx); err == nil {
			err = cleared
		}
	}()
	v, err = a.lint(ctx)
	if err != nil || v.refused != "" || v.undecided != "" || !a.plan.Try {
		return v, err
	}
	faulty := v.faulty
	v, err = a.try(ctx)
	v.faulty = faulty
	return v, err
}

// clear removes the candidate, also where the pass was cut short.
func (a *applier) clear(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return a.Pebble.RemoveFile(ctx, path.Dir(candidatePath))
}

// lint checks the jsonnet programs, which Kratos runs only when somebody signs
// in: one with errors fails for those alone who sign in by it. So it is a reason
// to keep what serves without it, and none to have nothing serve.
func (a *applier) lint(ctx context.Context) (all verdict, err error) {
	for i, s := range a.plan.Scripts {
		v, err := a.lintOne(ctx, i, s.Text)
		switch {
		case err != nil:
			return verdict{}, err
		case v.undecided != "" && a.world.serving():
			return v, nil
		case v.undecided != "":
			a.Tell(ctx, "the jsonnet of the new configuration is used without a look at all of it: "+v.undecided)
			return all, nil
		case v.faulty == "":
			continue
		}
		v.faulty = a.hide(s.Where + v.faulty)
		if a.world.serving() && !a.used(s) {
			return verdict{refused: v.faulty, lasting: true}, nil
		}
		all.faulty = cmp.Or(all.faulty, v.faulty)
	}
	return all, nil
}

// lintOne has the workload's linter check a program; it is faulty or undecided.
func (a *applier) lintOne(ctx context.Context, i int, text []byte) (verdict, error) {
	file := path.Join(path.Dir(candidatePath), fmt.Sprintf("script-%d.jsonnet", i))
	if err := a.Pebble.WriteFiles(ctx, private(file, text)); err != nil {
		return verdict{}, err
	}
	out, err := a.Pebble.Exec(ctx, pebble.Command{Args: []string{"kratos", "lint", "lint", file}, Timeout: lintPatience})
	switch {
	case err != nil:
		return a.undecided(ctx, err)
	case out.Code == 1:
		return verdict{faulty: ": the jsonnet has errors"}, nil
	case out.Code != 0:
		return verdict{undecided: fmt.Sprintf("the jsonnet linter ended with exit code %d", out.Code)}, nil
	}
	return verdict{}, nil
}

// used tells whether the configuration that serves has the program already.
func (a *applier) used(s Script) bool {
	return bytes.Contains(a.world.Container.Config, []byte(kratosconf.Base64URL(s.Text)))
}

// undecided gives the verdict of a program that was not run to its end, or the
// error where Pebble does not answer any more.
func (a *applier) undecided(ctx context.Context, err error) (verdict, error) {
	if gone(err) || ctx.Err() != nil {
		return verdict{}, err
	}
	if fault.KindOf(err) == fault.Timeout {
		return verdict{undecided: "Kratos did not answer in time"}, nil
	}
	return verdict{undecided: a.hide(err.Error())}, nil
}

// try runs the candidate beside the Kratos that serves.
func (a *applier) try(ctx context.Context) (verdict, error) {
	environment, err := a.layOut(ctx)
	if err != nil {
		return verdict{}, err
	}
	for range trialPorts {
		v, taken, err := a.tryOnce(ctx, environment)
		if err != nil || !taken {
			return v, err
		}
	}
	return verdict{undecided: "no port is free to try it on"}, nil
}

// layOut writes the candidate outside the directory that Kratos watches, with
// its own files beside it, and gives its environment.
func (a *applier) layOut(ctx context.Context) (map[string]string, error) {
	moved := a.moved()
	files := []pebble.File{private(candidatePath, []byte(moved.Replace(string(a.plan.Config))))}
	for _, name := range slices.Sorted(maps.Keys(a.plan.Files)) {
		files = append(files, private(besideCandidate(name), a.plan.Files[name]))
	}
	if err := a.Pebble.WriteFiles(ctx, files...); err != nil {
		return nil, err
	}
	environment := map[string]string{}
	for name, value := range a.environment() {
		environment[name] = moved.Replace(value)
	}
	return environment, nil
}

// ending is how a program ended.
type ending struct {
	output pebble.Output
	err    error
}

// tryOnce runs the candidate on free ports of the pod's own network.
func (a *applier) tryOnce(ctx context.Context, environment map[string]string) (v verdict, taken bool, err error) {
	public, admin, err := freePorts(ctx)
	if err != nil {
		return verdict{undecided: "no port is free to try it on"}, false, nil
	}
	environment = maps.Clone(environment)
	maps.Copy(environment, map[string]string{
		"SERVE_PUBLIC_HOST": loopback, "SERVE_PUBLIC_PORT": strconv.Itoa(public),
		"SERVE_ADMIN_HOST": loopback, "SERVE_ADMIN_PORT": strconv.Itoa(admin),
	})
	process, err := a.Pebble.Launch(ctx, pebble.Command{
		Args:        []string{"kratos", "serve", "all", "--config", candidatePath},
		Environment: environment, Timeout: a.patience.trial,
	})
	if err != nil {
		v, err = a.undecided(ctx, err)
		return v, false, err
	}
	ended := make(chan ending, 1)
	go func() {
		out, err := process.Wait()
		ended <- ending{out, err}
	}()
	e, accepted := race(ctx, ended, admin)
	if accepted {
		finish(process, ended)
		return verdict{}, false, nil
	}
	return a.verdictOn(ctx, e)
}

// race waits until the program is ready or has ended, which it does at its
// timeout and at the end of the context.
func race(ctx context.Context, ended <-chan ending, admin int) (ending, bool) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case e := <-ended:
			return e, false
		case <-tick.C:
			if ready(ctx, admin) {
				return ending{}, true
			}
		}
	}
}

// verdictOn judges a candidate that ended. One that was killed has not ended by
// itself, and one that says nothing that is known may end for another reason
// than its configuration: it is tried again in the next pass.
func (a *applier) verdictOn(ctx context.Context, e ending) (v verdict, taken bool, err error) {
	if e.err != nil {
		v, err = a.undecided(ctx, e.err)
		return v, false, err
	}
	reason := kratosconf.Refusal(e.output.Stderr)
	switch {
	case kratosconf.PortTaken(e.output.Stderr):
		return verdict{}, true, nil
	case reason != "":
		return verdict{refused: a.hide(reason), lasting: true}, false, nil
	case e.output.Code > 128:
		return verdict{undecided: "Kratos was killed while it was tried"}, false, nil
	default:
		return verdict{refused: "Kratos does not start with it"}, false, nil
	}
}

// finish ends a program that would go on.
func finish(process *pebble.Process, ended <-chan ending) {
	if process.Signal("SIGTERM") == nil {
		select {
		case <-ended:
			return
		case <-time.After(trialEnd):
		}
	}
	process.Kill()
}

const loopback = "127.0.0.1"

// freePorts finds two ports that nobody listens on at the moment.
func freePorts(ctx context.Context) (one, other int, err error) {
	var found [2]int
	for i := range found {
		var c net.ListenConfig
		l, err := c.Listen(ctx, "tcp", net.JoinHostPort(loopback, "0"))
		if err != nil {
			return 0, 0, err
		}
		// Closed at the end, so that the second is another one.
		defer func() { _ = l.Close() }()
		found[i] = l.Addr().(*net.TCPAddr).Port
	}
	return found[0], found[1], nil
}

// ready asks the Kratos whose admin API has the port whether it is ready. No
// proxy is asked: it is in the same pod.
func ready(ctx context.Context, port int) bool {
	ctx, cancel := context.WithTimeout(ctx, pollPatience)
	defer cancel()
	url := "http://" + net.JoinHostPort(loopback, strconv.Itoa(port)) + "/admin/health/ready"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
