package observability_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

// TestQueriesOnKratos holds the queries of every rule and every panel to what a
// real server measures of itself.
func TestQueriesOnKratos(t *testing.T) {
	t.Parallel()
	for _, binary := range kratostest.Binaries(t) {
		t.Run(filepath.Base(binary), func(t *testing.T) {
			t.Parallel()
			s := kratostest.New(t, kratostest.Config{Binary: binary})
			traffic(t, s)
			queries := prometheusQueries(t)
			if len(queries) < 20 {
				t.Fatalf("there are %d queries", len(queries))
			}
			// A request is counted after it is answered.
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			for faults := []string{""}; len(faults) > 0; {
				measured := metrics(t, s)
				faults = nil
				for where, query := range queries {
					for _, f := range measured.faults(query) {
						faults = append(faults, where+": "+f)
					}
				}
				if ctx.Err() != nil && len(faults) > 0 {
					t.Fatal(strings.Join(faults, "\n"))
				}
			}
		})
	}
}

// traffic makes the server measure what people do with it.
func traffic(t *testing.T, s *kratostest.Server) {
	t.Helper()
	const password = "s3cr3t-mark-7261"
	person := kratostest.Email(t)
	if _, err := s.CreateIdentity(t.Context(), kratostest.DefaultSchema, map[string]any{"email": person}, kratostest.WithPassword(password)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context(), person, password); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(t.Context(), person, "s3cr3t-mark-wrong"); !errors.Is(err, kratostest.ErrWrongCredentials) {
		t.Fatal(err)
	}
	if status, _, _, err := s.Whoami(t.Context(), "nobody"); status != http.StatusUnauthorized || err != nil {
		t.Fatal(status, err)
	}
	get(t, s.PublicURL+"/self-service/errors?id=stub:500", http.StatusOK)
	get(t, s.PublicURL+staleCallback, http.StatusSeeOther)
	get(t, s.PublicURL+"/health/ready", http.StatusOK)
}

// staleCallback is a way back from an identity provider that leads nowhere any
// more.
const staleCallback = "/self-service/methods/oidc/callback/gone?code=x&state=y"

// metrics asks where the charm sends Prometheus, and follows redirects as
// Prometheus does.
func metrics(t *testing.T, s *kratostest.Server) scrape {
	t.Helper()
	var jobs []struct {
		Path string `json:"metrics_path"`
	}
	app, _ := relation.WriteMetrics(topology(), "10.1.2.3", nil)
	if err := json.Unmarshal([]byte(app["scrape_jobs"]), &jobs); err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	measured, err := readScrape(ask(t, nil, s.AdminURL+jobs[0].Path, http.StatusOK))
	if err != nil {
		t.Fatal(err)
	}
	return measured
}

func get(t *testing.T, url string, want int) string {
	t.Helper()
	return ask(t, func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, url, want)
}

// ask asks as a client that calls itself by a name made to look like a log line
// of the worst kind.
func ask(t *testing.T, redirect func(*http.Request, []*http.Request) error, url string, want int) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("User-Agent", `"level":"fatal"`)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: redirect}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		t.Fatalf("%s: status %d, error %v\n%s", url, answer.StatusCode, err, body)
	}
	return string(body)
}
