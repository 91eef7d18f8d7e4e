package juju_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
)

// watched is a unit that looks at the file that a tool is given.
type watched struct {
	*jujutest.Unit
	modes []os.FileMode
	paths []string
}

func (w *watched) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	for _, arg := range args {
		if path, is := strings.CutPrefix(arg, "--file="); is {
			info, err := os.Stat(path)
			if err != nil {
				return nil, nil, -1, err
			}
			w.paths, w.modes = append(w.paths, path), append(w.modes, info.Mode())
		}
	}
	return w.Unit.Run(ctx, tool, args, stdin)
}

// secretTexts are texts under keys that a secret may have.
func secretTexts() map[string]string {
	content := maps.Clone(texts)
	delete(content, "long") // it is shorter than what a secret holds, and slow
	return content
}

func TestSecretAdd(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, "")
	w := &watched{Unit: u}
	tools.Runner = w
	made, err := tools.SecretAdd(t.Context(), "-cookie", "--what it is for", secretTexts())
	if err != nil {
		t.Fatal(err)
	}
	seen, err := tools.OwnSecret(t.Context(), "-cookie")
	if diff := cmp.Diff(secretTexts(), seen); diff != "" || err != nil {
		t.Error("the hook that made it:", diff, err)
	}
	want := []string{"secret-add", "--owner=application", "--label=-cookie", "--description=--what it is for", "--file=" + w.paths[0]}
	if diff := cmp.Diff(want, u.Calls()[0]); diff != "" {
		t.Error(diff)
	}
	if w.modes[0] != 0o600 || !filepath.IsAbs(w.paths[0]) {
		t.Errorf("%s: %s", w.paths[0], w.modes[0])
	}
	if _, err := os.Stat(w.paths[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there still: %v", err)
	}
	nowhere(t, u)
	u.End(0)
	s := u.State().Owned("-cookie")
	if s == nil || s.URI() != made || s.Description != "--what it is for" {
		t.Fatalf("%s: %+v", made, s)
	}
	if diff := cmp.Diff(secretTexts(), s.Revisions[0]); diff != "" {
		t.Error(diff)
	}
}

func TestSecretSetAndRead(t *testing.T) {
	t.Parallel()
	u := jujutest.NewUnitOf(t, charm, "")
	other := u.Join("kratos/1")
	tools, others := juju.Tools{Runner: u}, juju.Tools{Runner: other}
	hook := func(do func() error) {
		t.Helper()
		u.BeginHook("config-changed")
		other.BeginHook("config-changed")
		if err := do(); err != nil {
			t.Fatal(err)
		}
		u.End(0)
		other.End(0)
	}
	var made string
	hook(func() (err error) {
		made, err = tools.SecretAdd(t.Context(), "cookie", "", map[string]string{"key": "s3cr3t-mark"})
		return err
	})
	for _, want := range []string{"s3cr3t-mark", "-s3cr3t-mark\n"} {
		hook(func() error {
			for _, tools := range []juju.Tools{tools, others} {
				got, err := tools.OwnSecret(t.Context(), "cookie")
				if diff := cmp.Diff(map[string]string{"key": want}, got); diff != "" || err != nil {
					t.Error(diff, err)
				}
			}
			found, err := tools.OwnSecretID(t.Context(), "cookie")
			if found != made {
				t.Errorf("%q, not %q", found, made)
			}
			return errors.Join(err, tools.SecretSet(t.Context(), found, map[string]string{"key": "-s3cr3t-mark\n"}))
		})
	}
	if got := len(u.State().Owned("cookie").Revisions); got != 2 {
		t.Errorf("%d revisions", got)
	}
	nowhere(t, u)
	nowhere(t, other)
}

func TestSecretGetLabelled(t *testing.T) {
	t.Parallel()
	u, tools := hooked(t, "")
	var ref string
	u.Change(func(st *jujutest.State) {
		s := st.AddSecret("pg", "user", map[string]string{"password": "s3cr3t-mark"})
		s.Grants, ref = []string{"kratos"}, s.URI()
	})
	read := func(label, want string) {
		t.Helper()
		got, err := tools.SecretGetLabelled(t.Context(), ref, label)
		if diff := cmp.Diff(map[string]string{"password": want}, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	read("", "s3cr3t-mark")
	read("-pg", "s3cr3t-mark")
	u.Change(func(st *jujutest.State) {
		st.Secret(ref).Revisions = append(st.Secret(ref).Revisions, map[string]string{"password": "s3cr3t-mark-2"})
	})
	read("-pg", "s3cr3t-mark-2")
	consumer := u.State().Secret(ref).Consumers["kratos/0"]
	if diff := cmp.Diff(&jujutest.Consumer{Revision: 2, Label: "-pg"}, consumer); diff != "" {
		t.Error(diff)
	}
	want := [][]string{{"secret-get", ref, "--refresh", "--format=json"}, {"secret-get", ref, "--refresh", "--label=-pg", "--format=json"}}
	if diff := cmp.Diff(want, u.Calls()[:2]); diff != "" {
		t.Error(diff)
	}
}

func TestOwnSecretRefusals(t *testing.T) {
	t.Parallel()
	const another = "cql684nmp25c75sflotg"
	const state = `
secrets:
- {id: cql684nmp25c75sflot0, owner: kratos, label: cookie, revisions: [{key: s3cr3t-mark}]}
- {id: cql684nmp25c75sflotg, owner: pg, label: user, revisions: [{key: s3cr3t-mark}]}
`
	_, leader := hooked(t, state)
	_, member := hooked(t, "leader: false\n"+state)
	ctx := t.Context()
	second := func(_ any, err error) error { return err }
	some := map[string]string{"key": "s3cr3t-mark"}
	const noID = `"cookie" is not the id of a secret, which is secret: and 20 letters and digits; a name is not an id`
	const idHint = "juju show-secret NAME prints the id of a secret, as juju add-secret does when it makes one"
	for name, test := range map[string]struct {
		err   error
		want  told
		cause error
	}{
		"no such label":          {second(leader.OwnSecret(ctx, "nope")), told{fault.NotFound, `cannot read secret "nope": no such secret`, ""}, juju.ErrSecretNotFound},
		"another's label":        {second(leader.OwnSecret(ctx, "user")), told{fault.NotFound, `cannot read secret "user": no such secret`, ""}, juju.ErrSecretNotFound},
		"no id of such a label":  {second(leader.OwnSecretID(ctx, "nope")), told{fault.NotFound, `cannot find secret "nope": no such secret`, ""}, juju.ErrSecretNotFound},
		"an id for no leader":    {second(member.OwnSecretID(ctx, "cookie")), told{fault.NotFound, `cannot find secret "cookie": no such secret`, ""}, juju.ErrSecretNotFound},
		"none was printed":       {second(juju.Tools{Runner: canned{stdout: "{}"}}.OwnSecretID(ctx, "cookie")), told{fault.NotFound, `cannot find secret "cookie": no such secret`, ""}, juju.ErrSecretNotFound},
		"added by no leader":     {second(member.SecretAdd(ctx, "new", "", some)), told{fault.Internal, `cannot add secret "new": secret-add: this unit is not the leader`, ""}, nil},
		"a label that is taken":  {second(leader.SecretAdd(ctx, "cookie", "", some)), told{fault.Internal, `cannot add secret "cookie": secret-add: secret with label "cookie" already exists`, ""}, nil},
		"a key that is short":    {second(leader.SecretAdd(ctx, "new", "", map[string]string{"ab": "s3cr3t-mark"})), told{fault.Internal, `cannot add secret "new": secret-add: key "ab" not valid`, ""}, nil},
		"nothing in it":          {second(leader.SecretAdd(ctx, "new", "", nil)), told{fault.Internal, `cannot add secret "new": secret-add: empty secret value not valid`, ""}, nil},
		"no text":                {second(leader.SecretAdd(ctx, "new", "", map[string]string{"key": "s3cr3t-mark\xff"})), told{fault.Internal, `cannot add secret "new": the value of "key" is no UTF-8`, ""}, nil},
		"no id was printed":      {second(juju.Tools{Runner: canned{stdout: "s3cr3t-mark"}}.SecretAdd(ctx, "new", "", some)), told{fault.Internal, `cannot add secret "new": secret-add printed something else than its id`, ""}, nil},
		"set by no leader":       {member.SecretSet(ctx, id, some), told{fault.Internal, `cannot change secret "` + id + `": secret-set: this unit is not the leader`, ""}, nil},
		"another's is set":       {leader.SecretSet(ctx, another, some), told{fault.Precondition, `cannot change secret "` + another + `": permission denied`, ""}, juju.ErrSecretDenied},
		"none is set":            {leader.SecretSet(ctx, "00000000000000000000", some), told{fault.NotFound, `cannot change secret "00000000000000000000": no such secret`, ""}, juju.ErrSecretNotFound},
		"a label is set":         {leader.SecretSet(ctx, "cookie", some), told{fault.Usage, noID, idHint}, nil},
		"a label is read":        {second(leader.SecretGetLabelled(ctx, "cookie", "x")), told{fault.Usage, noID, idHint}, nil},
		"it is not granted":      {second(leader.SecretGetLabelled(ctx, another, "x")), told{fault.Precondition, `cannot read secret "` + another + `": permission denied`, ""}, juju.ErrSecretDenied},
		"it is not granted here": {second(leader.SecretGet(ctx, another)), told{fault.Precondition, `cannot read secret "` + another + `": permission denied`, ""}, juju.ErrSecretDenied},
	} {
		if diff := cmp.Diff(test.want, tell(test.err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if test.cause != nil && !errors.Is(test.err, test.cause) {
			t.Errorf("%s: %v is not %v", name, test.err, test.cause)
		}
	}
}

// The file with a secret's content is gone even if the tool never ran.
func TestSecretFileIsRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	u, tools := hooked(t, "leader: false")
	some := map[string]string{"key": "s3cr3t-mark"}
	for _, ctx := range []context.Context{t.Context(), ended} {
		if _, err := tools.SecretAdd(ctx, "cookie", "", some); err == nil {
			t.Error("it was added")
		}
		if err := tools.SecretSet(ctx, id, some); err == nil {
			t.Error("it was set")
		}
	}
	left, err := os.ReadDir(dir)
	if len(left) > 0 || err != nil {
		t.Error(left, err)
	}
	nowhere(t, u)
	t.Setenv("TMPDIR", filepath.Join(dir, "nowhere"))
	_, err = tools.SecretAdd(t.Context(), "cookie", "", some)
	if got := tell(err); got.Kind != fault.Internal || !strings.HasPrefix(got.Text, `cannot add secret "cookie": cannot make a file for its content: open `) {
		t.Error(got)
	}
}

// remover takes away the file that a tool is given.
type remover struct{ canned }

func (r remover) Run(ctx context.Context, tool string, args []string, stdin []byte) ([]byte, []byte, int, error) {
	path, _ := strings.CutPrefix(args[len(args)-1], "--file=")
	if err := os.Remove(path); err != nil {
		return nil, nil, -1, err
	}
	return r.canned.Run(ctx, tool, args, stdin)
}

// A secret's file that cannot be removed is not passed over.
func TestSecretFileThatStays(t *testing.T) {
	t.Parallel()
	err := juju.Tools{Runner: remover{}}.SecretSet(t.Context(), id, map[string]string{"key": "s3cr3t-mark"})
	got := tell(err)
	if got.Kind != fault.Internal || !strings.HasPrefix(got.Text, `cannot change secret "`+id+`": cannot remove the file with its content: remove `) {
		t.Error(got)
	}
}

// The agent has another working directory than the charm.
func TestSecretFileIsAbsolute(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", ".")
	u, tools := hooked(t, "")
	if _, err := tools.SecretAdd(t.Context(), "cookie", "", map[string]string{"key": "s3cr3t-mark"}); err != nil {
		t.Error(err)
	}
	nowhere(t, u)
}
