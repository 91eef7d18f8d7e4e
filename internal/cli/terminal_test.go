//go:build linux

package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// session is the program in a process of its own, with a terminal as its stdin.
type session struct {
	t              *testing.T
	cmd            *exec.Cmd
	person, tty    *os.File // the terminal's two ends
	stdout, stderr output
}

// output is what the program has written so far.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func start(t *testing.T, endpoint string, args ...string) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	s := &session{t: t, cmd: exec.CommandContext(ctx, cli.Program, args...)}
	s.person, s.tty = openTerminal(t)
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), cli.EndpointVariable + "=" + endpoint}
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.tty, &s.stdout, &s.stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

func openTerminal(t *testing.T) (person, tty *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return person, tty
}

// await waits until something is so.
func (s *session) await(what string, so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s does not come\nstdout: %s\nstderr: %s", what, &s.stdout, &s.stderr)
		}
	}
}

// says waits until the program has written this at the end of its stderr.
func (s *session) says(text string) {
	s.t.Helper()
	s.await(text, func() bool { return strings.HasSuffix(s.stderr.String(), text) })
}

func (s *session) types(text string) {
	s.t.Helper()
	if _, err := s.person.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// echoes tells whether the terminal shows what is typed.
func (s *session) echoes() bool {
	state, err := unix.IoctlGetTermios(int(s.tty.Fd()), unix.TCGETS)
	if err != nil {
		s.t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

func (s *session) ends(code int) {
	s.t.Helper()
	_ = s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("ended with %d, want %d\nstdout: %s\nstderr: %s", got, code, &s.stdout, &s.stderr)
	}
	if !s.echoes() {
		s.t.Error("the terminal is left without echo")
	}
}

const ctrlC = "\x03"

func TestCtrlCAtTheQuestion(t *testing.T) {
	t.Parallel()
	server := kratostest.Shared(t)
	email := kratostest.Email(t)
	if _, err := server.CreateIdentity(t.Context(), "social_user_v0", map[string]any{"email": email}); err != nil {
		t.Fatal(err)
	}
	s := start(t, server.AdminURL, "delete-identity", email)
	s.says("[y/N] ")
	s.types(ctrlC)
	s.ends(130)
	s.says("[y/N] \nkratos-agent: interrupted; nothing was changed\n")

	s = start(t, server.AdminURL, "delete-identity", email, "--timeout", "5s")
	s.says("[y/N] ")
	s.types("y\n")
	s.ends(0)
}

func TestCtrlCAtThePassword(t *testing.T) {
	t.Parallel()
	s := start(t, "http://127.0.0.1:1", "reset-password", "alice@example.com", "--password-file", "-")
	s.says("password: ")
	s.await("an end of the echo", func() bool { return !s.echoes() })
	s.types("half a s3cr3t-mark" + ctrlC)
	s.ends(130)
	s.says("password: \nkratos-agent: interrupted; nothing was changed\n")
}

func TestNoPasswordTyped(t *testing.T) {
	t.Parallel()
	s := start(t, "http://127.0.0.1:1", "reset-password", "alice@example.com", "--password-file", "-")
	s.says("password: ")
	s.await("an end of the echo", func() bool { return !s.echoes() })
	s.types("\n")
	s.says("password again: ")
	s.types("\n")
	s.ends(2)
	s.says("kratos-agent: the password is empty\nhint: kratos-agent reset-password --help lists its flags\n")
}

func TestTypedPassword(t *testing.T) {
	t.Parallel()
	server := kratostest.Shared(t)
	email := kratostest.Email(t)
	if _, err := server.CreateIdentity(t.Context(), "social_user_v0", map[string]any{"email": email}); err != nil {
		t.Fatal(err)
	}
	for again, code := range map[string]int{"s3cr3t-mark-typed": 0, "s3cr3t-mark-mistyped": 2} {
		s := start(t, server.AdminURL, "reset-password", email, "--password-file", "-")
		s.says("password: ")
		s.await("an end of the echo", func() bool { return !s.echoes() })
		s.types("s3cr3t-mark-typed\n")
		s.says("password again: ")
		s.await("an end of the echo", func() bool { return !s.echoes() })
		s.types(again + "\n")
		s.ends(code)
		if strings.Contains(s.stdout.String()+s.stderr.String(), "s3cr3t-mark") {
			t.Error("the password is shown")
		}
	}
	if _, err := server.Login(t.Context(), email, "s3cr3t-mark-typed"); err != nil {
		t.Error(err)
	}
}

// TestSignals ends a command whose server never answers.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		s := start(t, "http://"+listener.Addr().String(), "get-identity", "alice@example.com")
		connection, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if _, err := connection.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := s.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		s.ends(130)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: ended after %s", signal, took)
		}
		s.says(": interrupted; nothing was changed\n")
	}
}
