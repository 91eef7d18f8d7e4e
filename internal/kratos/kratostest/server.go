package kratostest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/childtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// Config says what server to start.
type Config struct {
	// Binary is the path of Kratos; empty for [BinaryPath].
	Binary string
	// DSN is the database; empty for one in memory. Any other is migrated
	// first.
	DSN string
	// Settings are laid over the base configuration. Keys may be dotted; nil
	// removes a setting.
	Settings map[string]any
	// Courier has the server send its mail, where Settings say. Without it mail is
	// kept, to be read through the admin API.
	Courier bool
	// Log gets what Kratos writes; nil for nowhere.
	Log io.Writer
}

// Server is a running Kratos.
type Server struct {
	AdminURL  string // without a slash or "/admin" at its end
	PublicURL string

	dir     string
	base    string // its base_url
	process *childtest.Child
}

// How long a server may take to become ready, and to end when told to.
const (
	startLimit = 60 * time.Second
	stopLimit  = 5 * time.Second
)

// inMemory is a database that a server makes and migrates itself.
const inMemory = "memory"

// errPortTaken says that another process was faster to take a port.
var errPortTaken = errors.New("a port was taken")

// Start runs a Kratos on free ports of 127.0.0.1 and returns when it is ready.
// It ends with [Server.Stop], or with this process. The context bounds the
// start alone.
func Start(ctx context.Context, c Config) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	if c.Binary == "" {
		path, err := BinaryPath()
		if err != nil {
			return nil, err
		}
		c.Binary = path
	}
	if c.DSN == "" {
		c.DSN = inMemory
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	for {
		s, err := startOnce(ctx, c)
		if !errors.Is(err, errPortTaken) || ctx.Err() != nil {
			return s, err
		}
	}
}

func startOnce(ctx context.Context, c Config) (_ *Server, err error) {
	dir, err := os.MkdirTemp("", "kratostest-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("cannot start Kratos (%s): %w", c.Binary, err), s.Stop())
		}
	}()
	file, marker := filepath.Join(dir, "kratos.json"), rand.Text()
	if err := s.configure(c, file, marker); err != nil {
		return nil, err
	}
	if err := migrate(ctx, c, file); err != nil {
		return nil, err
	}
	args := []string{"serve", "--config", file, "--dev", "--sqa-opt-out"}
	if c.Courier {
		args = append(args, "--watch-courier") // the setting of this name is not heeded
	}
	s.process, err = c.run(dir, args...)
	if err != nil {
		return nil, err
	}
	return s, s.awaitReady(ctx, marker)
}

// run starts the binary. Its environment holds what it needs of ours and
// nothing else, since any variable can override a setting.
func (c Config) run(dir string, args ...string) (*childtest.Child, error) {
	cmd := exec.Command(c.Binary, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir}
	return childtest.Start(cmd, c.Log)
}

// configure chooses the ports and writes the configuration.
func (s *Server) configure(c Config, file, marker string) error {
	public, err := testneed.FreePort()
	if err != nil {
		return err
	}
	admin, err := testneed.FreePort()
	if err != nil {
		return err
	}
	s.PublicURL, s.AdminURL = fmt.Sprintf("http://127.0.0.1:%d", public), fmt.Sprintf("http://127.0.0.1:%d", admin)
	text, err := settings(c.DSN, public, admin, marker, c.Settings)
	if err != nil {
		return err
	}
	if s.base, err = baseURL(text); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// migrate brings the database to what the binary wants. One in memory is
// migrated by the server itself.
func migrate(ctx context.Context, c Config, file string) error {
	if c.DSN == inMemory {
		return nil
	}
	p, err := c.run(filepath.Dir(file), "migrate", "sql", "--config", file, "--read-from-env", "--yes")
	if err != nil {
		return err
	}
	select {
	case <-p.Done:
		if p.Err() != nil {
			return fmt.Errorf("cannot migrate the database: %w\n%s", p.Err(), p.Log())
		}
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("cannot migrate the database: %w\n%s", ctx.Err(), p.Log()), p.Stop(syscall.SIGTERM, 0))
	}
}

// awaitReady returns when the server answers on both ports.
func (s *Server) awaitReady(ctx context.Context, marker string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.process.Done:
			if strings.Contains(s.process.Log(), "address already in use") {
				return errPortTaken
			}
			return fmt.Errorf("it ended: %w\n%s", s.process.Err(), s.process.Log())
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w\n%s", ctx.Err(), s.process.Log())
		case <-tick.C:
			if s.ready(ctx, marker) {
				return nil
			}
		}
	}
}

// ready asks for what only this server has, so that one of another process on
// the same port is not taken for it.
func (s *Server) ready(ctx context.Context, marker string) bool {
	if a, err := send(ctx, request{method: "GET", url: s.AdminURL + "/admin/health/ready"}); err != nil || a.status != 200 {
		return false
	}
	public, err := send(ctx, request{method: "GET", url: s.PublicURL + "/schemas/" + AdminSchema})
	if err != nil || !strings.Contains(string(public.body), marker) {
		return false
	}
	// The admin API sends who asks for a schema to the base URL. That may be the
	// address of somebody who does not stand in front of the server yet, so the
	// way is not followed: that it leads there is enough.
	admin, err := send(ctx, request{method: "GET", url: s.AdminURL + "/admin/schemas/" + AdminSchema})
	return err == nil && (strings.HasPrefix(admin.header.Get("Location"), s.base) || strings.Contains(string(admin.body), marker))
}

// Stop ends the server and removes its files. It may be called again.
func (s *Server) Stop() error {
	var err error
	if s.process != nil {
		err = s.process.Stop(syscall.SIGTERM, stopLimit)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}
