package pebble

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// File is a file to write. Its path is absolute, in the workload container.
type File struct {
	Path        string
	Content     []byte
	Permissions fs.FileMode // must be set: Pebble's own default, 0644, is open to all
	MakeDirs    bool        // makes the directories above it, with 0755
	User, Group string      // the owner by name; both or none, which means Pebble's own
}

// FileInfo is what Pebble tells of a file or directory.
type FileInfo struct {
	Path         string    `json:"path"`
	Name         string    `json:"name"`
	Type         string    `json:"type"` // file, directory, symlink, ...
	Size         int64     `json:"size"` // of a file, in bytes
	Permissions  string    `json:"permissions"`
	LastModified time.Time `json:"last-modified"`
	UserID       *int      `json:"user-id"`
	User         string    `json:"user"`
	GroupID      *int      `json:"group-id"`
	Group        string    `json:"group"`
}

// IsDir tells whether it is a directory.
func (f FileInfo) IsDir() bool { return f.Type == "directory" }

// outcome is what became of one path of a request.
type outcome struct {
	Path  string `json:"path"`
	Error *words `json:"error"`
}

// ReadFile gives the content of a file, up to 64 MiB. A missing file is an
// error of kind NotFound.
func (c *Client) ReadFile(ctx context.Context, path string) ([]byte, error) {
	content, err := c.readFile(ctx, path)
	if err != nil {
		return nil, fault.Wrap(err, "cannot read %q in the container", path)
	}
	return content, nil
}

func (c *Client) readFile(ctx context.Context, path string) ([]byte, error) {
	q := url.Values{"action": {"read"}, "path": {path}}
	h := http.Header{"Accept": {"multipart/form-data"}}
	resp, err := c.send(ctx, http.MethodGet, "/v1/files?"+q.Encode(), h, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	boundary, ok := isMultipart(resp.Header)
	if !ok {
		_, err := readAnswer(ctx, resp.Body)
		return nil, or[error](err, fault.New(fault.Internal, "the answer holds no file"))
	}
	return fileIn(ctx, multipart.NewReader(resp.Body, boundary))
}

// fileIn reads the parts: the file, if it could be read, and then what became
// of it. Only that last part tells whether the content is whole.
func fileIn(ctx context.Context, parts *multipart.Reader) ([]byte, error) {
	var content []byte
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, or(ctx.Err(), error(fault.New(fault.Unavailable, "Pebble's answer is cut off")))
		}
		if part.FormName() == "response" {
			a, err := readAnswer(ctx, part)
			if err != nil {
				return nil, err
			}
			return content, checkOutcomes(a, 1)
		}
		content, err = io.ReadAll(io.LimitReader(part, maxFile+1))
		if err != nil {
			return nil, unreached(ctx, err)
		}
		if len(content) > maxFile {
			return nil, fault.New(fault.Precondition, "it is longer than %d bytes", maxFile)
		}
	}
}

// WriteFiles writes the files, each atomically: a reader sees the old content or
// the new. Where some are written and others not, the error is of kind Partial;
// it names those that are not.
func (c *Client) WriteFiles(ctx context.Context, files ...File) error {
	body, contentType, err := writeRequest(files)
	if err != nil {
		return fault.Wrap(err, "cannot write the files")
	}
	h := http.Header{"Content-Type": {contentType}}
	resp, err := c.send(ctx, http.MethodPost, "/v1/files", h, body)
	if err != nil {
		return fault.Wrap(err, "cannot write into the container")
	}
	defer func() { _ = resp.Body.Close() }()
	a, err := readAnswer(ctx, resp.Body)
	if err == nil {
		err = checkOutcomes(a, len(files))
	}
	if err != nil {
		return fault.Wrap(err, "cannot write into the container")
	}
	return nil
}

// fileItem is a file of a write without its content.
type fileItem struct {
	Path        string `json:"path"`
	MakeDirs    bool   `json:"make-dirs,omitempty"`
	Permissions string `json:"permissions"`
	User        string `json:"user,omitempty"`
	Group       string `json:"group,omitempty"`
}

func writeRequest(files []File) (*bytes.Buffer, string, error) {
	var items []fileItem
	for _, f := range files {
		if f.Permissions == 0 {
			return nil, "", fault.New(fault.Internal, "%q has no permissions", f.Path)
		}
		items = append(items, fileItem{f.Path, f.MakeDirs, octal(f.Permissions), f.User, f.Group})
	}
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	// A buffer takes every write, and strings have a form in JSON.
	request, _ := json.Marshal(map[string]any{"action": "write", "files": items})
	_ = w.WriteField("request", string(request))
	for _, f := range files {
		part, err := w.CreateFormFile("files", f.Path)
		if err != nil {
			return nil, "", fault.New(fault.Internal, "%q cannot be sent", f.Path)
		}
		_, _ = part.Write(f.Content)
	}
	return body, w.FormDataContentType(), w.Close()
}

func octal(m fs.FileMode) string { return fmt.Sprintf("%03o", m.Perm()) }

// ListFiles lists a directory, by name. A missing one is an error of kind
// NotFound. The pattern, such as *.crt, can be empty.
func (c *Client) ListFiles(ctx context.Context, dir, pattern string) ([]FileInfo, error) {
	q := url.Values{"action": {"list"}, "path": {dir}}
	if pattern != "" {
		q.Set("pattern", pattern)
	}
	var list []FileInfo
	if err := c.get(ctx, "/v1/files", q, &list); err != nil {
		return nil, fault.Wrap(err, "cannot list %q in the container", dir)
	}
	return list, nil
}

// StatFile tells of one file or directory itself. A missing one is an error of
// kind NotFound.
func (c *Client) StatFile(ctx context.Context, path string) (FileInfo, error) {
	q := url.Values{"action": {"list"}, "path": {path}, "itself": {"true"}}
	var list []FileInfo
	err := c.get(ctx, "/v1/files", q, &list)
	if err == nil && len(list) != 1 {
		err = fault.New(fault.Internal, "Pebble lists %d of it", len(list))
	}
	if err != nil {
		return FileInfo{}, fault.Wrap(err, "cannot look at %q in the container", path)
	}
	return list[0], nil
}

// MakeDir makes a directory, and those above it; one that is there is kept, and
// gets the permissions.
func (c *Client) MakeDir(ctx context.Context, path string, permissions fs.FileMode) error {
	err := c.changeFiles(ctx, map[string]any{"action": "make-dirs", "dirs": []any{
		map[string]any{"path": path, "make-parents": true, "permissions": octal(permissions)},
	}})
	if err != nil {
		return fault.Wrap(err, "cannot make the directory %q in the container", path)
	}
	return nil
}

// RemoveFile removes a file, or a directory with all that is in it. One that is
// not there is removed already.
func (c *Client) RemoveFile(ctx context.Context, path string) error {
	err := c.changeFiles(ctx, map[string]any{"action": "remove", "paths": []any{
		map[string]any{"path": path, "recursive": true},
	}})
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return fault.Wrap(err, "cannot remove %q in the container", path)
	}
	return nil
}

func (c *Client) changeFiles(ctx context.Context, body any) error {
	a, err := c.post(ctx, "/v1/files", body)
	if err != nil {
		return err
	}
	return checkOutcomes(a, 1)
}

// checkOutcomes gives the error of the paths that Pebble failed on. The HTTP
// status says nothing of them.
func checkOutcomes(a answer, want int) error {
	var list []outcome
	if err := decode(a.Result, &list); err != nil {
		return err
	}
	if len(list) != want {
		return fault.New(fault.Internal, "Pebble tells of %d files instead of %d", len(list), want)
	}
	var failed []error
	for _, o := range list {
		if o.Error != nil {
			failed = append(failed, fault.Wrap(refusal(http.StatusOK, *o.Error), "%q", o.Path))
		}
	}
	switch {
	case len(failed) == 0:
		return nil
	case len(failed) == 1 && want == 1:
		return failed[0]
	case len(failed) < want:
		return fault.New(fault.Partial, "").Because(errors.Join(failed...))
	default:
		return fault.New(fault.KindOf(failed[0]), "").Because(errors.Join(failed...))
	}
}
