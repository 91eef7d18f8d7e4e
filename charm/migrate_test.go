package charm

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	p := r.plan(planned{config: "a: 1"})
	p.Migrate = true
	wantOutcome(t, r.apply(p), Outcome{Migrated: true, Settled: true})
	want := []string{"Started migrating the database", "applied 100 migrations", "applied 200 migrations", "Successfully migrated the database"}
	if diff := cmp.Diff(want, r.told); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"migrate", "serve"}, r.started()); diff != "" {
		t.Error(diff)
	}
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
}

// The database's authority is there before anybody connects, and where there is
// none nothing is written.
func TestMigrateHasItsAuthority(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	r.behave("migrate", "has:"+r.double.Path(databaseCAPath))
	p := r.plan(planned{config: "a: 1"})
	p.Migrate = true
	if o := r.apply(p); o.MigrationErr == nil || slices.Contains(r.double.Journal(), "POST /v1/files") {
		t.Errorf("%+v, %s", o, r.double.Journal())
	}
	p = r.plan(planned{config: "a: 1", files: map[string][]byte{databaseCAPath: []byte("authority")}})
	p.Migrate = true
	wantOutcome(t, r.apply(p), Outcome{Migrated: true, Settled: true})
	wantOutcome(t, r.steady(p), Outcome{Settled: true})
}

// What fails leaves the workload as it is, and is told in Kratos' words.
func TestMigrateFails(t *testing.T) {
	t.Parallel()
	const usage = "\nUsage:\n  kratos migrate sql <database-url> [flags]\n\n"
	long := strings.Repeat("CREATE TABLE ", 100)
	for name, test := range map[string]struct {
		how  string
		kind fault.Kind
		want string
	}{
		"by an error": {"say:level=info msg=x\nError: no such " + applyMark + "-pw at\n  postgres://u:p@h/d?x" + usage + "no such", fault.Precondition,
			"cannot migrate the database: kratos migrate ended with exit code 1, saying: Error: no such [hidden] at [hidden]"},
		"by a log line": {"say:first\nlevel=warning msg=cannot connect to `user=u password=xyz host=h` with " + applyMark, fault.Precondition,
			"cannot migrate the database: kratos migrate ended with exit code 1, saying: level=warning msg=cannot connect to `user=u [hidden] host=h` with [hidden]"},
		"silently": {"print:nothing", fault.Precondition, "cannot migrate the database: kratos migrate ended with exit code 1"},
		"by a signal": {"killed", fault.Precondition,
			"cannot migrate the database: kratos migrate ended with exit code 137, saying: at work with [hidden]"},
		"by its time": {"hang", fault.Timeout, `cannot migrate the database: cannot run "kratos" in the container: it took longer than 1s`},
		"at length": {"say:Error: " + long + ": it is there", fault.Precondition,
			"cannot migrate the database: kratos migrate ended with exit code 1, saying: " + ("Error: " + long)[:200] + " [...] " +
				(long + ": it is there")[len(long)+len(": it is there")-200:]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
			usual := r.limits
			if test.how == "hang" {
				r.limits.migration = time.Second
			}
			r.behave("migrate", test.how)
			p := r.plan(planned{config: "a: 1"})
			p.Migrate = true
			o := r.apply(p)
			if o.MigrationErr == nil || fault.KindOf(o.MigrationErr) != test.kind {
				t.Fatalf("the error is %v", o.MigrationErr)
			}
			{
				if diff := cmp.Diff(test.want, o.MigrationErr.Error()); diff != "" {
					t.Error(diff)
				}
			}
			o.MigrationErr = nil
			wantOutcome(t, o, Outcome{})
			if _, known := r.look().Container.Services[serviceKratos]; known || r.read(configPath) != nil {
				t.Error("the workload was touched")
			}
			if diff := cmp.Diff([]string{"Started migrating the database"}, r.told); diff != "" {
				t.Error(diff)
			}
			r.behave("migrate", "")
			r.limits = usual
			wantOutcome(t, r.apply(p), Outcome{Migrated: true, Settled: true})
		})
	}
}

func TestMigrateWithoutContainer(t *testing.T) {
	t.Parallel()
	r := newApplyRig(t, "", pebbletest.Options{})
	p := r.plan(planned{config: "a: 1"})
	p.Migrate = true
	w := r.look()
	r.double.Stop()
	o, err := apply(t.Context(), r.deps, w, p, usualPatience())
	if err != nil || !o.ContainerGone || !errors.Is(o.MigrationErr, pebble.ErrNotReady) {
		t.Errorf("%+v, %v", o, err)
	}
}

// Lines come in pieces.
func TestMigrateProgress(t *testing.T) {
	t.Parallel()
	var told []string
	p := &progress{tell: func(text string) { told = append(told, text) }}
	text := strings.Repeat("msg=> x applied successfully audience=application\nmsg=running\n", 300) + strings.Repeat("x", 3*maxLine)
	for len(text) > 0 {
		n := min(7, len(text))
		if _, err := p.Write([]byte(text[:n])); err != nil {
			t.Fatal(err)
		}
		text = text[n:]
	}
	if diff := cmp.Diff([]string{"applied 100 migrations", "applied 200 migrations", "applied 300 migrations"}, told); diff != "" {
		t.Error(diff)
	}
	if len(p.rest) > maxLine {
		t.Errorf("%d bytes are kept", len(p.rest))
	}
}
