package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/childtest"
)

// How long the pages may take to be there, and to end when told to.
const (
	pagesLimit = 20 * time.Second
	stopLimit  = 15 * time.Second
)

// startPages runs kratos-agent ui for a site whose Kratos runs, and returns when
// it is ready.
func startPages(ctx context.Context, s *site) (stop func() error, err error) {
	ctx, cancel := context.WithTimeout(ctx, pagesLimit)
	defer cancel()
	cmd := exec.Command(filepath.FromSlash(agentPath), "ui",
		"--kratos-public-url", s.PublicURL, "--listen", fmt.Sprintf("127.0.0.1:%d", s.port), "--brand-name", s.name)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")} // any other variable could be a setting
	child, err := childtest.Start(cmd, nil)
	if err != nil {
		return nil, err
	}
	stop = func() error { return child.Stop(syscall.SIGTERM, stopLimit) }
	if err := awaitPages(ctx, s.url, child); err != nil {
		stop()
		return nil, fmt.Errorf("cannot serve the pages at %s: %w\n%s", s.url, err, child.Log())
	}
	return stop, nil
}

func awaitPages(ctx context.Context, url string, child *childtest.Child) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-child.Done:
			return fmt.Errorf("they ended: %w", child.Err())
		case <-ctx.Done():
			return fmt.Errorf("they are not ready: %w", ctx.Err())
		case <-tick.C:
		}
		if ready(ctx, url) {
			return nil
		}
	}
}

// ready asks the pages whether they and their Kratos are.
func ready(ctx context.Context, url string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/health/ready", nil)
	if err != nil {
		return false
	}
	resp, err := direct().RoundTrip(r)
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// direct asks without a proxy, since everything is on this machine, and keeps no
// connection.
func direct() *http.Transport { return &http.Transport{DisableKeepAlives: true} }
