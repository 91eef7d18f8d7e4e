package charm

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// The keys of the secret's content. The first is that of the charm that this one
// replaces, whose secret is taken over as it is.
const (
	contentCookie   = "cookiesecret"
	contentCipher   = "ciphersecret"
	contentDefault  = "defaultsecret"
	contentOther    = "-other" // behind one of the above
	contentRotation = "rotation"
	// contentCiphers are all cipher keys of before these two, with blanks between
	// them: what Kratos encrypted with one it never encrypts again.
	contentCiphers = "ciphersecrets-old"
)

// pairs are the content's keys and where their values go.
func (k *Keys) pairs() map[string]*kratosconf.Secret {
	return map[string]*kratosconf.Secret{
		contentCookie: &k.Cookie.Current, contentCookie + contentOther: &k.Cookie.Other,
		contentCipher: &k.Cipher.Current, contentCipher + contentOther: &k.Cipher.Other,
		contentDefault: &k.Default.Current, contentDefault + contentOther: &k.Default.Other,
		contentCiphers: &k.OldCiphers,
	}
}

// readKeys reads the content of the application's secret. Of the keys that the
// charm before this one did not make, none is there.
func readKeys(content map[string]string) (Keys, error) {
	var k Keys
	for name, value := range k.pairs() {
		*value = kratosconf.Secret(content[name])
	}
	if k.Cookie.Current == "" {
		return Keys{}, fault.New(fault.Precondition, "cannot use the secret %s: it has no %s", keysLabel, contentCookie)
	}
	if text := content[contentRotation]; text != "" && json.Unmarshal([]byte(text), &k.Rotation) != nil {
		return Keys{}, fault.New(fault.Precondition, "cannot use the secret %s: its %s is no step of a rotation", keysLabel, contentRotation)
	}
	return k, nil
}

// content gives the secret's content.
func (k Keys) content() map[string]string {
	content := map[string]string{}
	for name, value := range k.pairs() {
		if *value != "" {
			content[name] = string(*value)
		}
	}
	if k.Rotation != (relation.Rotation{}) {
		text, _ := json.Marshal(k.Rotation) // two numbers
		content[contentRotation] = string(text)
	}
	return content
}

// freshKeys draws new keys, 32 characters each: what Kratos wants of a cipher
// key exactly, and more than it wants of the others.
func freshKeys(random io.Reader) (Keys, error) {
	var k Keys
	for _, key := range []*kratosconf.Secret{&k.Cookie.Current, &k.Cipher.Current, &k.Default.Current} {
		var b [24]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return Keys{}, fault.New(fault.Internal, "cannot draw a secret").Because(err)
		}
		*key = kratosconf.Secret(base64.RawURLEncoding.EncodeToString(b[:]))
	}
	return k, nil
}

// completed gives the keys with those that are missing taken from fresh ones.
func (k Keys) completed(fresh Keys) Keys {
	missing := fresh.pairs()
	for name, value := range k.pairs() {
		if *value == "" {
			*value = *missing[name]
		}
	}
	return k
}

// accepting gives the first step of a rotation: the fresh keys are accepted, and
// those in use stay in use.
func (k Keys) accepting(fresh Keys) Keys {
	k.OldCiphers = kratosconf.Secret(strings.TrimSpace(string(k.Cipher.Other) + " " + string(k.OldCiphers)))
	k.Cookie.Other, k.Cipher.Other, k.Default.Other = fresh.Cookie.Current, fresh.Cipher.Current, fresh.Default.Current
	k.Rotation = relation.Rotation{Number: k.Rotation.Number + 1, Step: 1}
	return k
}

// using gives the second step: the new keys are used, the old ones accepted.
func (k Keys) using() Keys {
	for _, pair := range []*KeyPair{&k.Cookie, &k.Cipher, &k.Default} {
		pair.Current, pair.Other = pair.Other, pair.Current
	}
	k.Rotation.Step = 2
	return k
}

// ciphers gives every cipher key, the one in use first.
func (k Keys) ciphers() []kratosconf.Secret {
	all := k.Cipher.list()
	for _, key := range strings.Fields(string(k.OldCiphers)) {
		all = append(all, kratosconf.Secret(key))
	}
	return all
}

// list gives the keys as Kratos takes them, the one in use first.
func (p KeyPair) list() []kratosconf.Secret {
	var all []kratosconf.Secret
	for _, key := range []kratosconf.Secret{p.Current, p.Other} {
		if key != "" {
			all = append(all, key)
		}
	}
	return all
}
