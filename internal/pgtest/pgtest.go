// Package pgtest runs a PostgreSQL of the tests' own: one temporary cluster,
// with a database for each that asks.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/childtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// ErrMissing says that PostgreSQL's server programs are not installed.
var ErrMissing = errors.New("PostgreSQL's server programs (initdb, postgres) are not installed")

// owner is the database user that owns everything.
const owner = "kratos"

// access lets the owner in as he comes, and asks all others for a password.
const access = "local all " + owner + " trust\nhost all " + owner + " 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"

// How long the server may take to answer, and to end when told to.
const (
	startLimit = 30 * time.Second
	stopLimit  = 10 * time.Second
)

// Cluster is a running PostgreSQL.
type Cluster struct {
	bin, dir string
	who      *syscall.Credential // as whom the server runs, nil for this user
	port     int
	server   *childtest.Child
	made     atomic.Int32
}

// Start makes a cluster in a temporary folder and runs it on 127.0.0.1, safe
// against nothing but for the length of a test. The context bounds the start
// alone; the server ends with [Cluster.Stop], or with this process.
func Start(ctx context.Context) (*Cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin, dir: dir}
	if err := c.start(ctx); err != nil {
		c.Stop()
		return nil, fmt.Errorf("cannot start PostgreSQL: %w", err)
	}
	return c, nil
}

// New starts a cluster that ends with the test, which is skipped where there is
// no PostgreSQL.
func New(tb testing.TB) *Cluster {
	tb.Helper()
	c, err := Start(tb.Context())
	if errors.Is(err, ErrMissing) {
		testneed.Skip(tb, "no PostgreSQL", err.Error(), "apt-get install postgresql")
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// programs finds the folder of initdb, which Debian keeps off the PATH.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		// The others stand beside the program, not beside a link to it.
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", ErrMissing
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func (c *Cluster) start(ctx context.Context) error {
	var err error
	if c.who, err = c.unprivileged(); err != nil {
		return err
	}
	data := filepath.Join(c.dir, "data")
	initdb := c.command(ctx, c.who, "initdb", "-D", data, "-U", owner, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(access), 0o600); err != nil {
		return err
	}
	if c.port, err = testneed.FreePort(); err != nil {
		return err
	}
	postgres := c.command(context.WithoutCancel(ctx), c.who, "postgres", "-D", data, "-p", strconv.Itoa(c.port), "-k", c.dir,
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
	if c.server, err = childtest.Start(postgres, nil); err != nil {
		return err
	}
	return c.await(ctx)
}

// await polls until the server answers.
func (c *Cluster) await(ctx context.Context) error {
	for {
		err := c.command(ctx, nil, "pg_isready", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-q").Run()
		if ended := new(exec.ExitError); err == nil || !errors.As(err, &ended) {
			return err
		}
		select {
		case <-c.server.Done:
			return errors.New("the server has ended: " + c.server.Log())
		case <-ctx.Done():
			return fmt.Errorf("it did not answer in time: %w\n%s", ctx.Err(), c.server.Log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Database makes an empty database and gives its DSN.
func (c *Cluster) Database(ctx context.Context) (string, error) {
	name := fmt.Sprintf("test%d", c.made.Add(1))
	out, err := c.command(ctx, nil, "createdb", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-U", owner, name).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot create a database: %w: %s", err, out)
	}
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", owner, c.port, name), nil
}

// Port is where the server listens on 127.0.0.1.
func (c *Cluster) Port() int { return c.port }

// Role makes a user that may do anything, or gives it another password.
func (c *Cluster) Role(ctx context.Context, name, password string) error {
	quote := func(text, mark string) string { return mark + strings.ReplaceAll(text, mark, mark+mark) + mark }
	role := quote(name, `"`)
	psql := c.command(ctx, nil, "psql", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port), "-U", owner, "-d", "postgres", "-q")
	psql.Stdin = strings.NewReader("CREATE ROLE " + role + ";\nALTER ROLE " + role + " LOGIN SUPERUSER PASSWORD " + quote(password, "'") + ";\n")
	// Without ON_ERROR_STOP psql goes on after a role that is there already; that
	// it has the password, the tests see.
	if out, err := psql.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot make the role %s: %w: %s", name, err, out)
	}
	return nil
}

// Stop ends the server and removes what it kept.
func (c *Cluster) Stop() error {
	var err error
	if c.server != nil {
		err = c.server.Stop(syscall.SIGINT, stopLimit) // PostgreSQL's fast shutdown
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

func (c *Cluster) command(ctx context.Context, who *syscall.Credential, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	return cmd
}

// unprivileged gives who the server runs as: PostgreSQL refuses root, so for
// root it is another user, to whom the folder is given.
func (c *Cluster) unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	who, err := nobody()
	if err != nil {
		return nil, err
	}
	return who, os.Chown(c.dir, int(who.Uid), int(who.Gid))
}

// nobody is a user without rights: Debian's postgres, else nobody.
func nobody() (*syscall.Credential, error) {
	found, err := user.Lookup("postgres")
	if err != nil {
		found, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}
