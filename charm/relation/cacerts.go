package relation

import (
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
)

// CACertsEndpoint is the relation to charms that lend their certificate
// authorities, interface certificate_transfer, version 1 with version 0 behind.
const CACertsEndpoint = "receive-ca-cert"

const keyCertificates = "certificates"

// WriteCACerts tells the other side that version 1 is understood here.
func WriteCACerts() Databag { return Databag{"version": "1"} }

// ReadCACerts reads the certificates that the workload is to trust, each one in
// PEM with one newline at its end, sorted, none twice. Version 1 has them in the
// application's databag; where it has none, version 0 is looked for in the
// units'. An empty list of version 1 means none any more, and is no error.
func ReadCACerts(r Relation) ([]string, error) {
	var certificates []string
	text := r.RemoteApp[keyCertificates]
	if text != "" {
		list, err := decode[[]string](r, keyCertificates, text, "a list of strings")
		if err != nil {
			return nil, err
		}
		for i, certificate := range list {
			blocks, ok := certificatesIn(certificate)
			if !ok {
				return nil, r.malformed(fmt.Sprintf("%s[%d]", keyCertificates, i), notPEM)
			}
			certificates = append(certificates, blocks...)
		}
	}
	if len(certificates) == 0 && r.RemoteApp["version"] != "1" {
		old, err := readOldCACerts(r)
		if err != nil {
			return nil, err
		}
		certificates = old
	}
	if certificates == nil && text == "" {
		return nil, r.waiting(keyCertificates)
	}
	slices.Sort(certificates)
	return slices.Compact(certificates), nil
}

// notPEM is what is said of a value that certificatesIn refuses.
const notPEM = "it is not a certificate in PEM"

// readOldCACerts reads version 0: each unit's chain and authority.
func readOldCACerts(r Relation) ([]string, error) {
	var certificates []string
	for _, unit := range r.units() {
		for _, key := range []string{"chain", "ca"} {
			list, err := readOldCACert(r, key, r.RemoteUnits[unit][key])
			if err != nil {
				return nil, err
			}
			certificates = append(certificates, list...)
		}
	}
	return certificates, nil
}

// readOldCACert reads one value of version 0: a list or a string in JSON or, as
// the oldest charms write the authority, the PEM itself.
func readOldCACert(r Relation, key, text string) (certificates []string, err error) {
	list := []string{text}
	switch {
	case text == "":
		return nil, nil
	case key == "chain":
		list, err = decode[[]string](r, key, text, "a list of strings")
	case text[0] == '"':
		list[0], err = decode[string](r, key, text, "a string")
	}
	for _, certificate := range list {
		blocks, ok := certificatesIn(certificate)
		if err == nil && !ok {
			err = r.malformed(key, notPEM)
		}
		certificates = append(certificates, blocks...)
	}
	if err != nil {
		return nil, err
	}
	return certificates, nil
}

// certificatesIn takes the certificates of a text apart and writes each anew,
// so that nothing that stood around them is passed on.
func certificatesIn(text string) (blocks []string, ok bool) {
	for rest := []byte(text); len(strings.TrimSpace(string(rest))) > 0; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" || len(block.Bytes) == 0 {
			return nil, false
		}
		block.Headers = nil
		blocks = append(blocks, string(pem.EncodeToMemory(block)))
	}
	return blocks, len(blocks) > 0
}
