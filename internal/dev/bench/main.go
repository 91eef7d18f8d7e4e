// Command bench measures kratos-agent beside the least that does the same, in
// one run and by turns, since machines are noisy: what counts is the ratio.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// rounds is how often each side of a pair runs.
const rounds = 150

// script is the shell script that an operator would write as the action.
const script = `#!/bin/sh
set -e
id=$(action-get identity-id)
body=$(curl -sSf "$KRATOS_ADMIN_URL/admin/identities/$id")
action-set "identity=$body"
`

// pair is two commands that do the same.
type pair struct {
	name        string
	ours, other func(ctx context.Context) *exec.Cmd
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, "bin/kratos-agent"); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, agent string) error {
	agent, err := filepath.Abs(agent)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "kratos-agent-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := build(ctx, dir); err != nil {
		return err
	}
	server, err := kratostest.Start(ctx, kratostest.Config{})
	if err != nil {
		return err
	}
	defer server.Stop()
	id, err := createIdentity(ctx, server.AdminURL)
	if err != nil {
		return err
	}
	return compare(ctx, pairs(agent, dir, server.AdminURL, id))
}

// build makes the programs to measure beside: the hook tools, the bare client
// and the script.
func build(ctx context.Context, dir string) error {
	for name, source := range map[string]string{"action-get": "hooktool", "bare": "bare"} {
		c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, name), "./internal/dev/bench/"+source)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("cannot build %s: %w: %s", source, err, out)
		}
	}
	for _, tool := range []string{"action-set", "action-log", "action-fail"} {
		if err := os.Symlink("action-get", filepath.Join(dir, tool)); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "script"), []byte(script), 0o755)
}

func createIdentity(ctx context.Context, adminURL string) (string, error) {
	body := bytes.NewBufferString(`{"schema_id": "admin_v0", "traits": {"username": "bench", "email": "bench@example.com", "name": "Bench"}}`)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, adminURL+"/admin/identities", body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var identity struct {
		ID string `json:"id"`
	}
	return identity.ID, json.NewDecoder(response.Body).Decode(&identity)
}

func pairs(agent, dir, adminURL, id string) []pair {
	env := []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "KRATOS_ADMIN_URL=" + adminURL, "BENCH_IDENTITY=" + id}
	command := func(extra []string, words ...string) func(context.Context) *exec.Cmd {
		return func(ctx context.Context) *exec.Cmd {
			c := exec.CommandContext(ctx, words[0], words[1:]...)
			c.Env = append(slices.Clone(env), extra...)
			return c
		}
	}
	dispatched := []string{"JUJU_DISPATCH_PATH=actions/get-identity", "JUJU_UNIT_NAME=kratos/0", "JUJU_CONTEXT_ID=bench"}
	return []pair{
		{"get-identity, dispatched, beside a shell script with curl", command(dispatched, agent), command(nil, filepath.Join(dir, "script"))},
		{"get-identity, by hand, beside a bare net/http program",
			command(nil, agent, "get-identity", id, "--format", "json"), command(nil, filepath.Join(dir, "bare"), adminURL, id)},
	}
}

func compare(ctx context.Context, pairs []pair) error {
	fmt.Printf("%-60s %10s %10s %7s\n", "median of "+fmt.Sprint(rounds), "ours", "other", "ratio")
	for _, p := range pairs {
		var ours, others []time.Duration
		for range rounds {
			a, err := measure(p.ours(ctx))
			if err != nil {
				return err
			}
			b, err := measure(p.other(ctx))
			if err != nil {
				return err
			}
			ours, others = append(ours, a), append(others, b)
		}
		a, b := median(ours), median(others)
		fmt.Printf("%-60s %8.2fms %8.2fms %7.2f\n", p.name, ms(a), ms(b), float64(a)/float64(b))
	}
	return nil
}

func measure(c *exec.Cmd) (time.Duration, error) {
	var stderr bytes.Buffer
	c.Stderr = &stderr
	start := time.Now()
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", c, err, stderr.String())
	}
	return time.Since(start), nil
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
