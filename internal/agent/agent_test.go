package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// TestDeclared: what the binary knows is what actions.yaml says.
func TestDeclared(t *testing.T) {
	t.Parallel()
	want, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, declared()); diff != "" {
		t.Errorf("make generate has not been run (-actions.yaml +binary)\n%s", diff)
	}
}
