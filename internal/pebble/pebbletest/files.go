package pebbletest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// at gives where a path of the container is on this machine.
func (d *daemon) at(p string) (string, error) {
	if !path.IsAbs(p) {
		return "", fmt.Errorf("paths must be absolute, got %q", p)
	}
	return filepath.Join(d.root, path.Clean(p)), nil
}

// fileError gives an error of a file as the API tells it.
func (d *daemon) fileError(err error) *refusal {
	r := &refusal{status: http.StatusBadRequest, kind: "generic-file-error", message: strings.ReplaceAll(err.Error(), d.root, "")}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.status, r.kind = http.StatusNotFound, "not-found"
	case errors.Is(err, fs.ErrPermission):
		r.status, r.kind = http.StatusForbidden, "permission-denied"
	}
	return r
}

// outcome is what became of one path.
func (d *daemon) outcome(p string, err error) map[string]any {
	o := map[string]any{"path": p}
	if err != nil {
		o["error"] = words(d.fileError(err))
	}
	return o
}

func (d *daemon) getFiles(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch action := q.Get("action"); action {
	case "list":
		serve(w, r, d.listFiles)
	case "read":
		switch {
		case len(q["path"]) == 0:
			fail(w, bad("must specify one or more paths"))
		case r.Header.Get("Accept") != "multipart/form-data":
			fail(w, bad("must accept multipart/form-data"))
		default:
			d.readFiles(w, q["path"])
		}
	default:
		fail(w, bad("invalid action %q", action))
	}
}

func (d *daemon) readFiles(w http.ResponseWriter, paths []string) {
	parts := multipart.NewWriter(w)
	w.Header().Set("Content-Type", parts.FormDataContentType())
	var list []any
	for _, p := range paths {
		list = append(list, d.outcome(p, d.readFile(parts, p)))
	}
	h := textproto.MIMEHeader{"Content-Type": {"application/json"}, "Content-Disposition": {`form-data; name="response"`}}
	part, err := parts.CreatePart(h)
	if err != nil {
		return
	}
	_ = json.NewEncoder(part).Encode(map[string]any{"type": "sync", "status-code": 200, "status": "OK", "result": list})
	_ = parts.Close()
}

func (d *daemon) readFile(parts *multipart.Writer, p string) error {
	name, err := d.at(p)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("can only read a regular file: %q", p)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	part, err := parts.CreateFormFile("files", p)
	if err != nil {
		return err
	}
	_, err = io.Copy(part, f)
	return err
}

func (d *daemon) listFiles(r *http.Request) (any, error) {
	q := r.URL.Query()
	p := q.Get("path")
	name, err := d.at(p)
	if err != nil {
		return nil, bad("path must be absolute, got %q", p)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, d.fileError(err)
	}
	list := []any{}
	if !info.IsDir() || q.Get("itself") == "true" {
		return append(list, describe(p, info)), nil
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, d.fileError(err)
	}
	for _, e := range entries {
		matched, err := path.Match(q.Get("pattern"), e.Name())
		if err != nil {
			return nil, d.fileError(err)
		}
		if !matched && q.Get("pattern") != "" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, d.fileError(err)
		}
		list = append(list, describe(path.Join(p, e.Name()), info))
	}
	return list, nil
}

func describe(p string, info fs.FileInfo) map[string]any {
	kind := "file"
	switch mode := info.Mode(); {
	case mode.IsDir():
		kind = "directory"
	case mode&fs.ModeSymlink != 0:
		kind = "symlink"
	case !mode.IsRegular():
		kind = "unknown"
	}
	v := map[string]any{
		"path": p, "name": path.Base(p), "type": kind, "permissions": octal(info.Mode()),
		"last-modified": info.ModTime().Format(time.RFC3339), "user": "", "group": "",
	}
	if kind == "file" {
		v["size"] = info.Size()
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		v["user-id"], v["group-id"] = stat.Uid, stat.Gid
	}
	return v
}

func octal(m fs.FileMode) string { return fmt.Sprintf("%03o", m.Perm()) }

func (d *daemon) postFiles(r *http.Request) (any, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return nil, bad("invalid Content-Type %q", r.Header.Get("Content-Type"))
	case kind == "multipart/form-data" && len(params["boundary"]) < 32:
		return nil, bad("invalid boundary %q", params["boundary"])
	case kind == "multipart/form-data":
		return d.writeFiles(multipart.NewReader(r.Body, params["boundary"]))
	case kind != "application/json":
		return nil, bad("invalid media type %q", kind)
	}
	return d.changeFiles(r)
}

func (d *daemon) changeFiles(r *http.Request) (any, error) {
	var req struct {
		Action string
		Dirs   []fileItem
		Paths  []struct {
			Path      string
			Recursive bool
		}
	}
	if err := body(r, &req); err != nil {
		return nil, err
	}
	list := []any{}
	switch req.Action {
	case "make-dirs":
		for _, item := range req.Dirs {
			list = append(list, d.outcome(item.Path, d.makeDir(item)))
		}
	case "remove":
		for _, item := range req.Paths {
			list = append(list, d.outcome(item.Path, d.remove(item.Path, item.Recursive)))
		}
	case "write":
		return nil, bad("must use multipart with \"write\" action")
	default:
		return nil, bad("invalid action %q", req.Action)
	}
	return list, nil
}

// fileItem is a file or a directory to make.
type fileItem struct {
	Path        string `json:"path"`
	MakeDirs    bool   `json:"make-dirs"`
	MakeParents bool   `json:"make-parents"`
	Permissions string `json:"permissions"`
	UserID      *int   `json:"user-id"`
	User        string `json:"user"`
	GroupID     *int   `json:"group-id"`
	Group       string `json:"group"`
}

func (d *daemon) writeFiles(parts *multipart.Reader) (any, error) {
	part, err := parts.NextPart()
	if err != nil {
		return nil, bad("cannot read request metadata: %v", err)
	}
	if part.FormName() != "request" {
		return nil, bad("metadata field name must be \"request\", got %q", part.FormName())
	}
	var req struct {
		Action string
		Files  []fileItem
	}
	if err := json.NewDecoder(part).Decode(&req); err != nil {
		return nil, bad("cannot decode request metadata: %v", err)
	}
	if req.Action != "write" || len(req.Files) == 0 {
		return nil, bad("multipart action must be \"write\" of one or more files, got %q", req.Action)
	}
	outcomes, err := d.writeParts(parts, req.Files)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, item := range req.Files {
		err, wrote := outcomes[item.Path]
		if !wrote {
			err = fmt.Errorf("no file content for path %q", item.Path)
		}
		list = append(list, d.outcome(item.Path, err))
	}
	return list, nil
}

// writeParts writes what the parts hold and tells what became of each path.
func (d *daemon) writeParts(parts *multipart.Reader, files []fileItem) (map[string]error, error) {
	items := map[string]fileItem{}
	for _, item := range files {
		items[item.Path] = item
	}
	outcomes := map[string]error{}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return outcomes, nil
		}
		if err != nil {
			return nil, bad("cannot read file part: %v", err)
		}
		_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		item, ok := items[params["filename"]]
		if part.FormName() != "files" || !ok {
			return nil, bad("no metadata for path %q", params["filename"])
		}
		outcomes[item.Path] = d.writeFile(item, part)
	}
}

func (d *daemon) writeFile(item fileItem, content io.Reader) error {
	name, err := d.at(item.Path)
	if err != nil {
		return err
	}
	mode, err := permissions(item.Permissions, 0o644)
	if err != nil {
		return err
	}
	uid, gid, err := owner(item)
	if err != nil {
		return err
	}
	if item.MakeDirs {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("cannot create directory: %w", err)
		}
	}
	return replace(name, content, mode, uid, gid)
}

// replace writes beside the file and then takes its place.
func replace(name string, content io.Reader, mode fs.FileMode, uid, gid int) error {
	f, err := os.OpenFile(name+".1~", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = io.Copy(f, content)
	if err = errors.Join(err, f.Chmod(mode), f.Chown(uid, gid), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// owner gives the ids for a chown; -1 leaves them.
func owner(item fileItem) (uid, gid int, err error) {
	if item.UserID != nil && item.GroupID != nil {
		return *item.UserID, *item.GroupID, nil
	}
	if item.User == "" && item.Group == "" {
		return -1, -1, nil
	}
	if item.User == "" {
		return 0, 0, errors.New("cannot look up user and group: must specify user, not just group")
	}
	u, err := user.Lookup(item.User)
	if err != nil {
		return 0, 0, fmt.Errorf("cannot look up user and group: %w", err)
	}
	group := u.Gid
	if item.Group != "" {
		g, err := user.LookupGroup(item.Group)
		if err != nil {
			return 0, 0, fmt.Errorf("cannot look up user and group: %w", err)
		}
		group = g.Gid
	}
	uid, err = strconv.Atoi(u.Uid)
	if err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(group)
	return uid, gid, err
}

func permissions(octal string, otherwise fs.FileMode) (fs.FileMode, error) {
	if octal == "" {
		return otherwise, nil
	}
	mode, err := strconv.ParseUint(octal, 8, 32)
	if err != nil || len(octal) != 3 {
		return 0, fmt.Errorf("permissions must be a 3-digit octal string, got %q", octal)
	}
	return fs.FileMode(mode), nil
}

func (d *daemon) makeDir(item fileItem) error {
	name, err := d.at(item.Path)
	if err != nil {
		return err
	}
	mode, err := permissions(item.Permissions, 0o755)
	if err != nil {
		return err
	}
	if item.MakeParents {
		err = os.MkdirAll(name, mode)
	} else {
		err = os.Mkdir(name, mode)
	}
	return err
}

func (d *daemon) remove(p string, recursive bool) error {
	name, err := d.at(p)
	if err != nil {
		return err
	}
	if recursive {
		return os.RemoveAll(name)
	}
	return os.Remove(name)
}
