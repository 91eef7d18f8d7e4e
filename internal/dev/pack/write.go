package main

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"time"
)

// writeDir replaces the entries' names in dir, and makes dir.
func writeDir(dir string, entries []entry) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, e := range entries {
		if err := writeEntry(filepath.Join(dir, e.name), e); err != nil {
			return err
		}
	}
	return nil
}

// writeEntry writes anew, so that a running dispatch is not written into and a
// link is not followed.
func writeEntry(path string, e entry) error {
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if e.isLink() {
		return os.Symlink(string(e.data), path)
	}
	if err := os.WriteFile(path, e.data, e.mode); err != nil {
		return err
	}
	return os.Chmod(path, e.mode) // whatever the umask says
}

// writeZipFile writes the archive beside its name first: a reader finds a whole
// one or none.
func writeZipFile(path string, entries []entry, at time.Time) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".pack-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(file.Name())
		}
	}()
	if err := writeZip(file, entries, at); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if err := os.Chmod(file.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// writeZip writes the entries in their order. The modes go into the external
// attributes, as Unix writes them: Juju takes dispatch's x bits and the link
// from there.
func writeZip(w io.Writer, entries []entry, at time.Time) error {
	archive := zip.NewWriter(w)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: at}
		if e.isLink() {
			header.Method = zip.Store
		}
		header.SetMode(e.mode)
		into, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := into.Write(e.data); err != nil {
			return err
		}
	}
	return archive.Close()
}
