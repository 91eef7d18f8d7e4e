package docs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// site is a Kratos with the configuration that the guide prints, and where its
// pages are to be.
type site struct {
	*kratostest.Server
	address, origin string // of the pages
}

// TestPagesAreServed runs what how to serve the pages prints: Kratos on its
// configuration, and each of its commands, through which an invitation then leads.
func TestPagesAreServed(t *testing.T) {
	t.Parallel()
	text := pages(t)["how-to/self-service.md"]
	s := newSite(t, text)
	commands := regexp.MustCompile("(?m)^ *(kratos-agent ui .*)$").FindAllString(text, -1)
	if len(commands) < 5 {
		t.Fatalf("only %d commands were found", len(commands))
	}
	for i, command := range commands {
		stop := s.serve(t, strings.TrimSpace(command))
		b := newBrowser(t)
		b.shows(t, s.origin, `action="`+s.origin+`/self-service/login`)
		if strings.Contains(command, "--brand-name") {
			b.shows(t, s.origin, "Example Ltd")
		}
		email := fmt.Sprintf("person-%d@example.com", i)
		b.shows(t, s.invite(t, email), "Please set a password, or another way to sign in")
		b.shows(t, s.origin+"/settings", email)
		stop()
	}
}

// TestLinksThatWereUsed: what the guide to invitations says of a link in a chat
// and of one that was opened.
func TestLinksThatWereUsed(t *testing.T) {
	t.Parallel()
	s := newSite(t, pages(t)["how-to/self-service.md"])
	defer s.serve(t, "kratos-agent ui --kratos-public-url http://127.0.0.1:4433")()
	link := s.invite(t, "alice@example.com")
	for _, agent := range []string{"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "WhatsApp/2.23", "TelegramBot (like TwitterBot)"} {
		preview := newBrowser(t)
		preview.agent = agent
		preview.shows(t, link, "Open it in a browser to go on.")
	}
	newBrowser(t).shows(t, link, "Please set a password, or another way to sign in")
	newBrowser(t).shows(t, link, "This link is not valid, or it has been used before.")
}

func newSite(t *testing.T, text string) site {
	t.Helper()
	block := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindStringSubmatch(text)
	if block == nil {
		t.Fatal("the guide has no configuration")
	}
	port := testneed.Port(t)
	s := site{address: fmt.Sprintf("127.0.0.1:%d", port), origin: fmt.Sprintf("http://localhost:%d", port)}
	var settings map[string]any
	must(t, yaml.Unmarshal([]byte(s.here(block[1])), &settings))
	s.Server = kratostest.New(t, kratostest.Config{Settings: settings})
	return s
}

// here makes the addresses that the guide prints those of the test.
func (s site) here(text string) string {
	kratos := "http://127.0.0.1:4433"
	if s.Server != nil {
		kratos = s.PublicURL
	}
	return strings.NewReplacer(
		"http://127.0.0.1:4433", kratos, "127.0.0.1:4455", s.address,
		"http://localhost:4455", s.origin, "https://accounts.example.com", s.origin,
	).Replace(text)
}

// serve runs a command until stop, and then expects of it that it ends well.
func (s site) serve(t *testing.T, command string) (stop func()) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "logo.svg"), []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), 0o600))
	var log strings.Builder
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "exec "+s.here(command))
	cmd.Dir, cmd.Stderr = dir, &log
	cmd.Env = append(os.Environ(), "KRATOS_AGENT_UI_LISTEN="+s.address, "GORACE=atexit_sleep_ms=0")
	must(t, cmd.Start())
	return func() {
		must(t, cmd.Process.Signal(syscall.SIGTERM))
		if err := cmd.Wait(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, &log)
		}
	}
}

// invite gives the link of an invitation.
func (s site) invite(t *testing.T, email string) (link string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "kratos-agent", "invite-user", email, "--quiet")
	cmd.Env = append(os.Environ(), "KRATOS_ADMIN_URL="+s.AdminURL, "GORACE=atexit_sleep_ms=0")
	out, err := cmd.Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// browser keeps cookies and follows redirects.
type browser struct {
	*http.Client
	agent string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{&http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}, "Mozilla/5.0"}
}

// shows opens a URL, once it is served, and expects a text on the page.
func (b *browser) shows(t *testing.T, url, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	page, err := b.open(ctx, url)
	for errors.Is(err, syscall.ECONNREFUSED) {
		time.Sleep(10 * time.Millisecond)
		page, err = b.open(ctx, url)
	}
	must(t, err)
	if !strings.Contains(page, want) {
		t.Errorf("%s does not say %q:\n%s", url, want, page)
	}
}

func (b *browser) open(ctx context.Context, url string) (page string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("User-Agent", b.agent)
	answer, err := b.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}
