package kratos_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratos"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestMain(m *testing.M) { os.Exit(kratostest.Main(m)) }

// mark is in every secret of these tests, and must be in no error.
const mark = "s3cr3t-mark"

// ghost is the id of nobody.
const ghost = "00000000-0000-4000-8000-000000000000"

// newClient gives a client of the endpoint.
func newClient(t *testing.T, endpoint string) *kratos.Client {
	t.Helper()
	c, err := kratos.New(kratos.Options{Endpoint: endpoint, UserAgent: "kratos-agent/test"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// must gives the value, or fails the test.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// want is what an error must be.
type want struct {
	kind  fault.Kind
	is    error // nil for none
	texts []string
	hints []string
	not   []string // in neither
}

func (w want) check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	t.Logf("error %q, hint %q", err, fault.HintOf(err))
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("it is no fault but a %T", err)
	}
	if got := fault.KindOf(err); got != w.kind {
		t.Errorf("kind %s, want %s", got, w.kind)
	}
	if w.is != nil && !errors.Is(err, w.is) {
		t.Errorf("it is not %q", w.is)
	}
	for _, other := range []error{
		kratos.ErrNoIdentity, kratos.ErrNone, kratos.ErrDisabled, kratos.ErrConflict, kratos.ErrLastFirstFactor, kratos.ErrUncertain,
	} {
		if other != w.is && errors.Is(err, other) {
			t.Errorf("it is also %q", other)
		}
	}
	w.checkTexts(t, err)
}

func (w want) checkTexts(t *testing.T, err error) {
	t.Helper()
	text, hint := err.Error(), fault.HintOf(err)
	if !strings.HasPrefix(text, "cannot ") || strings.ContainsAny(text, "\n\r\x1b") || len(text) > 1500 {
		t.Errorf("it is no sentence: %q", text)
	}
	for _, part := range w.texts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in it", part)
		}
	}
	for _, part := range w.hints {
		if !strings.Contains(hint, part) {
			t.Errorf("%q is not in the hint", part)
		}
	}
	for _, part := range append(w.not, mark) {
		if strings.Contains(text+hint, part) {
			t.Errorf("%q is in it", part)
		}
	}
}
