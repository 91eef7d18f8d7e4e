package juju

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// OwnSecret gives the newest content of a secret that the application owns, by
// the label that its leader gave it. Every unit of the application may read it.
// Where there is none, the error is [ErrSecretNotFound]. A secret that this hook
// added is seen; what it changed of one may be seen only by the next, for which
// Juju's versions differ.
func (t Tools) OwnSecret(ctx context.Context, label string) (map[string]string, error) {
	return t.readSecret(ctx, label, "--label="+label, "--refresh")
}

// OwnSecretID gives the id, as secret:ID, of a secret that the application owns.
// Juju answers the leader alone; all others, and where there is none, get
// [ErrSecretNotFound].
func (t Tools) OwnSecretID(ctx context.Context, label string) (string, error) {
	var found map[string]struct{}
	if err := t.get(ctx, &found, "secret-info-get", "--label="+label); err != nil {
		return "", refused(err, "find", label)
	}
	for id := range found {
		return "secret:" + strings.TrimPrefix(id, "secret:"), nil
	}
	return "", fault.New(fault.NotFound, "cannot find secret %q", label).Because(ErrSecretNotFound)
}

// SecretGetLabelled gives the content of another's secret at its newest
// revision, like [Tools.SecretGet], and attaches the unit's own label to it, by
// which Juju then tells that it changed. An empty label attaches none.
func (t Tools) SecretGetLabelled(ctx context.Context, ref, label string) (map[string]string, error) {
	id, err := ParseSecretID(ref)
	if err != nil {
		return nil, err
	}
	args := []string{id, "--refresh"}
	if label != "" {
		args = append(args, "--label="+label)
	}
	return t.readSecret(ctx, id, args...)
}

// readSecret calls secret-get. The name is what an error calls the secret.
func (t Tools) readSecret(ctx context.Context, name string, args ...string) (map[string]string, error) {
	var content map[string]string
	if err := t.get(ctx, &content, "secret-get", args...); err != nil {
		return nil, refused(err, "read", name)
	}
	if content == nil {
		content = map[string]string{}
	}
	return content, nil
}

// SecretAdd makes a secret that the application owns, once the hook has
// succeeded, and gives its id, as secret:ID. It is for the leader alone. Keys
// have three lower case letters, digits and inner hyphens or more, and begin
// with a letter. A label that is taken is an error, which Juju may keep for the
// end of the hook.
func (t Tools) SecretAdd(ctx context.Context, label, description string, content map[string]string) (string, error) {
	out, err := t.tellSecret(ctx, content, "secret-add",
		"--owner=application", "--label="+label, "--description="+shorten(description, maxStatus))
	if err != nil {
		return "", refused(err, "add", label)
	}
	id, err := ParseSecretID(string(out))
	if err != nil {
		return "", fault.New(fault.Internal, "cannot add secret %q: secret-add printed something else than its id", label)
	}
	return id, nil
}

// SecretSet gives a secret of the application's a new revision, once the hook
// has succeeded. It is for the leader alone.
func (t Tools) SecretSet(ctx context.Context, ref string, content map[string]string) error {
	id, err := ParseSecretID(ref)
	if err != nil {
		return err
	}
	if _, err := t.tellSecret(ctx, content, "secret-set", id); err != nil {
		return refused(err, "change", id)
	}
	return nil
}

// tellSecret runs a tool that takes a secret's content. It goes by way of a
// file that only this user can read and that is gone when the tool has ended:
// every process may see arguments, and these tools do not read stdin. Juju's
// agent opens the file, not the tool, so the path is absolute.
func (t Tools) tellSecret(ctx context.Context, content map[string]string, tool string, args ...string) (out []byte, err error) {
	text, err := document(content)
	if err != nil {
		return nil, err
	}
	path, err := writeTemporary(text)
	if path != "" {
		defer func() { err = errors.Join(err, unlink(path)) }()
	}
	if err != nil {
		return nil, err
	}
	return t.call(ctx, tool, append(args, "--file="+path)...)
}

// writeTemporary puts a text into a new file. The path is given with an error
// too, once there is a file.
func writeTemporary(text []byte) (path string, err error) {
	file, err := os.CreateTemp("", "kratos-agent-*") // with mode 0600
	if err != nil {
		return "", fault.Wrap(err, "cannot make a file for its content")
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return file.Name(), fault.Wrap(err, "cannot write the file with its content")
	}
	path, err = filepath.Abs(file.Name())
	return path, err
}

func unlink(path string) error {
	if err := os.Remove(path); err != nil {
		return fault.Wrap(err, "cannot remove the file with its content")
	}
	return nil
}
