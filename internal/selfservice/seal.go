package selfservice

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// seal marks what this process has written, so that it knows it again. Another
// process has another one.
type seal [sha256.Size]byte

func newSeal() (s seal) {
	rand.Read(s[:]) // it never fails
	return s
}

func (s seal) mac(text string) []byte {
	h := hmac.New(sha256.New, s[:])
	h.Write([]byte(text))
	return h.Sum(nil)
}

// put gives the text in a form that a cookie or a query holds as it is.
func (s seal) put(text string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + base64.RawURLEncoding.EncodeToString(s.mac(text))
}

// read gives the text, and whether it is this process' own. It is "" where it
// cannot be read.
func (s seal) read(sealed string) (text string, own bool) {
	first, second, _ := strings.Cut(sealed, ".")
	b, err := base64.RawURLEncoding.DecodeString(first)
	if err != nil {
		return "", false
	}
	mac, err := base64.RawURLEncoding.DecodeString(second)
	return string(b), err == nil && hmac.Equal(mac, s.mac(string(b)))
}
