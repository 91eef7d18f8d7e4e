package pgtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Secure has the server take encrypted connections beside the others, with a
// certificate that an authority of its own has signed, for another name than the
// server's. It gives the authority in PEM, and makes another one each time.
func (c *Cluster) Secure(tb testing.TB) (ca string) {
	tb.Helper()
	a := NewAuthority(tb)
	certificate, key := a.certificate(tb)
	for name, content := range map[string]string{"server.crt": certificate, "server.key": key} {
		if err := c.give(filepath.Join(c.dir, "data", name), content); err != nil {
			tb.Fatal(err)
		}
	}
	psql := c.command(tb.Context(), nil, "psql", "-h", loopback, "-p", strconv.Itoa(c.port), "-U", owner, "-d", "postgres", "-q",
		"-c", "ALTER SYSTEM SET ssl = on", "-c", "SELECT pg_reload_conf()")
	if out, err := psql.CombinedOutput(); err != nil {
		tb.Fatalf("cannot change the server's settings: %v: %s", err, out)
	}
	ctx, cancel := context.WithTimeout(tb.Context(), startLimit)
	defer cancel()
	for {
		err := c.shows(ctx, a)
		if err == nil {
			return a.PEM
		}
		select {
		case <-ctx.Done():
			tb.Fatalf("the server does not take its new settings: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

const loopback = "127.0.0.1"

// give writes a file that the server alone can read, under another name first:
// the server may read it at any moment.
func (c *Cluster) give(path, content string) error {
	fresh := path + ".new"
	if err := os.WriteFile(fresh, []byte(content), 0o600); err != nil {
		return err
	}
	if c.who != nil {
		if err := os.Chown(fresh, int(c.who.Uid), int(c.who.Gid)); err != nil {
			return err
		}
	}
	return os.Rename(fresh, path)
}

// shows tells whether a new connection gets a certificate of the authority. The
// server is asked in its own way to encrypt what follows.
func (c *Cluster) shows(ctx context.Context, a Authority) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(c.port)))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	answer := make([]byte, 1)
	if _, err := conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, answer); err != nil || answer[0] != 'S' {
		return fmt.Errorf("it does not encrypt: %q, %w", answer, err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	return tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: elsewhere}).HandshakeContext(ctx)
}

// elsewhere is the name in the server's certificate.
const elsewhere = "db.elsewhere"

// Authority signs certificates.
type Authority struct {
	PEM string // its own

	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes one that nothing was signed by.
func NewAuthority(tb testing.TB) Authority {
	tb.Helper()
	key := newKey(tb)
	return Authority{cert: template("a CA"), key: key}.made(tb, template("a CA"), key)
}

// made gives another authority that this one has signed.
func (a Authority) made(tb testing.TB, t *x509.Certificate, key *ecdsa.PrivateKey) Authority {
	tb.Helper()
	der := a.sign(tb, t, key)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	return Authority{PEM: encode("CERTIFICATE", der), cert: cert, key: key}
}

// template is that of an authority.
func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
}

// certificate gives one for a server, and its key. The authority does not sign it
// itself: one between does, and the server shows both.
func (a Authority) certificate(tb testing.TB) (certificate, key string) {
	tb.Helper()
	between := a.made(tb, template("one between"), newKey(tb))
	private := newKey(tb)
	leaf := between.sign(tb, &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: elsewhere}, DNSNames: []string{elsewhere},
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}, private)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		tb.Fatal(err)
	}
	return encode("CERTIFICATE", leaf) + between.PEM, encode("PRIVATE KEY", encoded)
}

func (a Authority) sign(tb testing.TB, t *x509.Certificate, of *ecdsa.PrivateKey) []byte {
	tb.Helper()
	der, err := x509.CreateCertificate(rand.Reader, t, a.cert, &of.PublicKey, a.key)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

func newKey(tb testing.TB) *ecdsa.PrivateKey {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
