package mailtest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Mail is one mail as it was received.
type Mail struct {
	Number   int       // 1 is the first of the sink
	Sender   string    // of the envelope
	To       []string  // of the envelope
	Received time.Time // by this machine's clock
	From     string    // of the header
	Subject  string
	Text     string // the text/plain part, "" where there is none
	HTML     string // the text/html part, "" where there is none
}

var (
	codeLine = regexp.MustCompile(`(?m)^[ \t]*(\d{6})[ \t]*\r?$`)
	link     = regexp.MustCompile(`https?://[^\s<>"']+`)
	tag      = regexp.MustCompile(`<[^>]*>`)
	anchor   = regexp.MustCompile(`<a\s[^>]*href=["']([^"']*)["'][^>]*>`)
)

// IsTo tells whether the mail was sent to the address; case does not matter.
func (m Mail) IsTo(address string) bool {
	return slices.ContainsFunc(m.To, func(to string) bool { return strings.EqualFold(to, address) })
}

// Code gives the six digits that stand on a line of their own, or "".
func (m Mail) Code() string {
	found := codeLine.FindStringSubmatch(m.readable())
	if found == nil {
		return ""
	}
	return found[1]
}

// Links gives the web addresses in the order in which they stand in the text.
func (m Mail) Links() []string {
	var all []string
	for _, l := range link.FindAllString(m.readable(), -1) {
		all = append(all, strings.TrimRight(l, ".,;:!?)"))
	}
	return all
}

// readable gives the text, or what the HTML says where there is no text.
func (m Mail) readable() string {
	if m.Text != "" {
		return m.Text
	}
	return plain(m.HTML)
}

// part is a header with a body under it: a mail, or one of its parts.
type part struct {
	header textproto.MIMEHeader
	body   io.Reader
}

func parse(r io.Reader) (Mail, error) {
	msg, err := mail.ReadMessage(r)
	if err != nil {
		return Mail{}, fmt.Errorf("cannot read the mail: %w", err)
	}
	words := new(mime.WordDecoder)
	var m Mail
	if m.Subject, err = words.DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return Mail{}, fmt.Errorf("cannot read the subject: %w", err)
	}
	if m.From, err = words.DecodeHeader(msg.Header.Get("From")); err != nil {
		return Mail{}, fmt.Errorf("cannot read the sender: %w", err)
	}
	return m, m.read(part{textproto.MIMEHeader(msg.Header), msg.Body}, 0)
}

// depthLimit bounds how deep parts may lie in parts.
const depthLimit = 5

// read takes the first text and the first HTML among the parts.
func (m *Mail) read(p part, depth int) error {
	kind, params, err := contentType(p.header.Get("Content-Type"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.readParts(p.body, params["boundary"], depth)
	}
	body, err := io.ReadAll(decoded(p))
	if err != nil {
		return fmt.Errorf("cannot read the part of type %s: %w", kind, err)
	}
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = string(body)
	case kind == "text/html" && m.HTML == "":
		m.HTML = string(body)
	}
	return nil
}

func (m *Mail) readParts(body io.Reader, boundary string, depth int) error {
	if boundary == "" || depth == depthLimit {
		return errors.New("cannot read the parts: no boundary, or too many within each other")
	}
	parts := multipart.NewReader(body, boundary)
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cannot read the parts: %w", err)
		}
		if err := m.read(part{p.Header, p}, depth+1); err != nil {
			return err
		}
	}
}

// contentType gives what RFC 2045 says of a part that does not tell.
func contentType(header string) (kind string, params map[string]string, err error) {
	if header == "" {
		return "text/plain", nil, nil
	}
	kind, params, err = mime.ParseMediaType(header)
	if err != nil {
		return "", nil, fmt.Errorf("cannot read the Content-Type %q: %w", header, err)
	}
	return kind, params, nil
}

func decoded(p part) io.Reader {
	switch strings.ToLower(p.header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		return quotedprintable.NewReader(p.body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, p.body)
	default:
		return p.body
	}
}
