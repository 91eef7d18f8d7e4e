// Package page renders the self-service flows of Kratos as HTML.
//
// It turns the nodes of a flow into forms that a browser posts straight to
// Kratos: one form for each group of nodes, with the hidden nodes that all
// groups share in each. Nothing on a page needs JavaScript but security keys and
// passkeys, and no page has a script, a style or a handler inside it, so that a
// Content-Security-Policy with default-src 'none', style-src 'self' and
// script-src 'self' holds. Whatever Kratos or a person wrote is escaped.
//
// The texts are in lang/, one file for each language: see [Languages].
package page

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"time"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Renderer renders pages. It may be used by several goroutines.
type Renderer struct {
	brand     Brand
	assets    assetNames
	languages map[string]*language
	pages     *template.Template
	now       func() time.Time
}

// New makes a renderer for a brand. It refuses a logo that is neither a path of
// this origin nor a data: image, and a colour that is not #rrggbb. A colour that
// cannot be read on the pages is not refused but made darker for the light pages
// and lighter for the dark ones until it can be.
func New(b Brand) (*Renderer, error) {
	names, err := b.check()
	if err != nil {
		return nil, err
	}
	languages, err := loadLanguages()
	if err != nil {
		return nil, err
	}
	pages, err := template.ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	return &Renderer{brand: b, assets: names, languages: languages, pages: pages, now: time.Now}, nil
}

// Flow writes the page of a flow.
func (r *Renderer) Flow(w io.Writer, v View) error {
	d := r.document(v.Languages)
	d.describeFlow(v)
	return r.write(w, "flow", d)
}

// Notice writes a page that says one thing.
func (r *Renderer) Notice(w io.Writer, n Notice) error {
	d := r.document(n.Languages)
	d.describeNotice(n)
	return r.write(w, "notice", d)
}

// Error writes the page of a failure. Of the view it takes the links, the
// languages and the request's id.
func (r *Renderer) Error(w io.Writer, e Error, v View) error {
	d := r.document(v.Languages)
	d.describeError(e, v)
	return r.write(w, "notice", d)
}

// write renders the whole page before it writes any of it, so that a page that
// cannot be rendered leaves the answer untouched.
func (r *Renderer) write(w io.Writer, name string, d *document) error {
	var b bytes.Buffer
	if err := r.pages.ExecuteTemplate(&b, name, d); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
