package charm

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// migrate brings the database to the schema of the workload. It can be cut and
// run again: each migration is recorded in the database once it is applied. The
// program is run without a shell, whose children would outlive the timeout. The
// database's authority comes first: without it no connection is trusted, and
// Kratos would ask again until its time is over.
func (a *applier) migrate(ctx context.Context) error {
	a.Tell(ctx, "Started migrating the database")
	if ca, ok := a.plan.Files[databaseCAPath]; ok {
		if err := a.Pebble.WriteFiles(ctx, private(databaseCAPath, ca)); err != nil {
			return fault.Wrap(err, "cannot migrate the database")
		}
	}
	out, err := a.Pebble.Exec(ctx, pebble.Command{
		Args:        []string{"kratos", "migrate", "sql", "-e", "--yes"},
		Environment: a.environment(),
		Timeout:     a.patience.migration,
		Stderr:      &progress{tell: func(text string) { a.Tell(ctx, text) }},
	})
	if err == nil && out.Code != 0 {
		err = fault.New(fault.Precondition, "kratos migrate ended with exit code %d", out.Code)
	}
	if err == nil {
		a.Tell(ctx, "Successfully migrated the database")
		return nil
	}
	if said := a.lastWords(out); said != "" {
		err = fmt.Errorf("%w, saying: %s", err, said)
	}
	return fault.Wrap(err, "cannot migrate the database")
}

// environment is that of the planned kratos service.
func (a *applier) environment() map[string]string {
	return a.plan.Layer.Services[serviceKratos].Environment
}

// maxWords bounds what is repeated of a program's output, in bytes.
const maxWords = 400

// connection is what looks like a connection string, or a password in one of
// the other form.
var connection = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("[A-Za-z][A-Za-z0-9+.-]*://[^\\s\"'`]+|(?i:password)=\\S+")
})

// lastWords gives what a program printed to stderr last: the error behind which
// Kratos prints its usage, else the last line of its log. It is one line without
// secrets. They go before it is cut, so that none is cut in two.
func (a *applier) lastWords(out pebble.Output) string {
	text := connection().ReplaceAllString(a.hide(string(out.Stderr)), masked)
	if at := strings.LastIndex("\n"+text, "\nError: "); at >= 0 {
		text, _, _ = strings.Cut(text[at:], "\nUsage:")
	} else {
		text = strings.TrimSpace(text)
		text = text[strings.LastIndexByte(text, '\n')+1:]
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxWords {
		// What was done stands at the begin, and why it failed at the end.
		text = text[:maxWords/2] + " [...] " + text[len(text)-maxWords/2:]
	}
	return strings.ToValidUTF8(text, "")
}

// progress tells of migrations, now and then, from what Kratos logs of them.
type progress struct {
	tell    func(text string)
	rest    []byte // of a line that is not whole yet
	applied int
}

const (
	tellEvery = 100
	maxLine   = 64 << 10
)

// Write takes log lines as they come.
func (p *progress) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		line, rest, whole := bytes.Cut(p.rest, []byte("\n"))
		if !whole {
			break
		}
		p.rest = rest
		if !bytes.Contains(line, []byte("applied successfully")) {
			continue
		}
		if p.applied++; p.applied%tellEvery == 0 {
			p.tell(fmt.Sprintf("applied %d migrations", p.applied))
		}
	}
	if len(p.rest) > maxLine {
		p.rest = nil
	}
	return len(b), nil
}
