package dispatch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/dispatch"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// recorded has the peers say which Kratos migrated the database last.
func (c *charmed) recorded(database, version string) {
	c.t.Helper()
	c.unit.Change(func(st *jujutest.State) {
		peers := st.Relation("kratos-peers:0")
		if peers.OwnAppData == nil {
			peers.OwnAppData = map[string]string{}
		}
		peers.OwnAppData["migration_version_"+strings.TrimPrefix(database, "pg-database:")] = fmt.Sprintf("%q", version)
	})
}

// TestMigration: a database that holds an older schema waits for the action,
// which has Kratos serve; one that a newer Kratos has migrated is never served.
func TestMigration(t *testing.T) {
	t.Parallel()
	m := newModel(t, kratostest.Binaries(t)[0])
	c := m.deploy(t, jujutest.NewUnit(t, ""))
	refused := func(want string) {
		t.Helper()
		if task := c.action("run-migration", nil); task.Status != "failed" || !strings.HasPrefix(task.Message, "cannot migrate the database: "+want) {
			t.Errorf("%s %q, want %q", task.Status, task.Message, want)
		}
	}
	refused("missing integration pg-database")
	database := c.come(mark)
	c.pod.Stop()
	refused("container is not connected yet")
	c.pod.Start()
	c.hook("kratos-pebble-ready")
	c.status("active", quiet)

	c.pod.Restart() // an upgrade brings another container
	c.recorded(database, "v1.1.0")
	c.hook("kratos-pebble-ready")
	c.status("waiting", "Waiting for database migration: back up the database, then juju run kratos/0 run-migration")
	if c.serves() {
		t.Error("Kratos serves on an older schema")
	}
	task := c.completed("run-migration", nil)
	if want := c.unit.State().Version; task.Results["version"] != want || want == "" {
		t.Errorf("migrated to %q, the workload is %q", task.Results["version"], want)
	}
	if log := fmt.Sprint(task.Log); !strings.Contains(log, "Started migrating the database") || !strings.Contains(log, "Successfully migrated the database") {
		t.Errorf("the log does not tell: %s", log)
	}
	if !c.serves() {
		t.Error("Kratos does not serve after the action")
	}
	c.status("active", quiet)
	c.hook("update-status")
	c.completed("run-migration", nil) // once more does no harm
	c.status("active", quiet)

	c.unit.Resign()
	refused("only the leader unit can run the database migration; juju run kratos/leader run-migration")
	c.unit.Lead()
	for _, bad := range []any{0, -1, "soon"} {
		if task := c.action("run-migration", map[string]any{"timeout": bad}); task.Status != "failed" || !strings.Contains(task.Message, "timeout") {
			t.Errorf("timeout %v: %s %q", bad, task.Status, task.Message)
		}
	}

	c.recorded(database, "v99.0.0")
	c.hook("update-status")
	c.status("blocked", "The database was migrated by Kratos v99.0.0 and this unit runs v*")
	if c.serves() || c.current("kratos") != pebble.Inactive {
		t.Error("an old Kratos serves on a newer database")
	}
	refused("it was migrated by Kratos v99.0.0")
}

// cutting ends the action's process at a line of its log.
type cutting struct {
	juju.Runner
	at  string
	cut context.CancelFunc
}

func (c cutting) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	if tool == "action-log" && strings.Contains(strings.Join(args, " "), c.at) {
		c.cut()
	}
	return c.Runner.Run(ctx, tool, args, stdin)
}

// TestMigrationCut: an action that was ended in the middle is run again, and then
// Kratos serves.
func TestMigrationCut(t *testing.T) {
	t.Parallel()
	m := newModel(t, kratostest.Binaries(t)[0])
	c := m.deploy(t, jujutest.NewUnit(t, ""))
	c.pod.Stop() // so that no hook migrates by itself
	database := c.come(mark)
	c.pod.Start()
	c.recorded(database, "v1.1.0")

	ctx, cancel := context.WithCancel(t.Context())
	c.unit.BeginAction("run-migration", nil)
	o := c.options("actions/run-migration")
	o.Runner = cutting{c.unit, "applied 100 migrations", cancel}
	task := c.unit.End(dispatch.Main(ctx, o))
	if task.Status != "failed" || c.serves() {
		t.Fatalf("%s: %s", task.Status, task.Message)
	}
	if said := c.said("kratos-peers:0", "migration_version_"+strings.TrimPrefix(database, "pg-database:")); said != `"v1.1.0"` {
		t.Errorf("half a migration is recorded: %s", said)
	}
	c.hook("update-status")
	c.status("waiting", "Waiting for database migration: back up the database*")
	c.completed("run-migration", nil)
	if !c.serves() {
		t.Error("Kratos does not serve")
	}
	c.status("active", quiet)
}

// failingOnce fails a tool the first time.
type failingOnce struct {
	juju.Runner
	tool string
	done *bool
}

func (f failingOnce) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	if tool == f.tool && !*f.done {
		*f.done = true
		return nil, []byte("ERROR connection is shut down\n"), 1, nil
	}
	return f.Runner.Run(ctx, tool, args, stdin)
}

// TestFirstMigrationLost: a hook that fails after it has migrated an empty
// database has told nobody. The next one does, and tokens are encrypted all the
// same.
func TestFirstMigrationLost(t *testing.T) {
	t.Parallel()
	m := newModel(t, kratostest.Binaries(t)[0])
	c := m.deploy(t, jujutest.NewUnit(t, ""))
	c.pod.Stop()
	database := c.come(mark)
	c.pod.Start()

	o := c.options("hooks/kratos-pebble-ready")
	failed := false
	o.Runner = failingOnce{c.unit, "status-set", &failed}
	c.unit.BeginHook("kratos-pebble-ready")
	code := dispatch.Main(t.Context(), o)
	c.unit.End(code)
	number := strings.TrimPrefix(database, "pg-database:")
	if code != 1 || c.said("kratos-peers:0", "migration_version_"+number) != "" || !c.serves() {
		t.Fatalf("exit code %d: the hook was not cut where it should be", code)
	}
	c.hook("kratos-pebble-ready")
	c.status("active", quiet)
	if c.said("kratos-peers:0", "migration_version_"+number) == "" || c.said("kratos-peers:0", "encrypted_database_"+number) != "true" {
		t.Errorf("the peers do not know: %v", c.unit.State().Relation("kratos-peers:0").OwnAppData)
	}
	if text := c.file("/etc/config/kratos/kratos.yaml"); !strings.Contains(text, "xchacha20-poly1305") {
		t.Error("tokens are not encrypted")
	}
}
