package postgres_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// server is a PostgreSQL that asks everyone but its owner for a password, and
// takes encrypted connections and others.
type server struct {
	cluster *pgtest.Cluster
	ca      authority
}

func start(t *testing.T) server {
	t.Helper()
	c := pgtest.New(t)
	s := server{cluster: c, ca: newAuthority(t)}
	s.secure(t)
	return s
}

// secure changes the server's settings from inside, so that its files are its
// own. It has read all of them once a new connection sees one of them.
func (s server) secure(t *testing.T) {
	t.Helper()
	dsn := s.admin(t)
	certificate, key := s.ca.certificate(t)
	for file, content := range map[string]string{
		"server.crt": certificate, "server.key": key,
		"pg_hba.conf": "host all kratos 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n",
	} {
		run(t, dsn, fmt.Sprintf("COPY (SELECT unnest(string_to_array('%s', chr(10)))) TO PROGRAM 'umask 077; cat > %s'", content, file))
	}
	run(t, dsn, "ALTER SYSTEM SET ssl = on")
	run(t, dsn, "SELECT pg_reload_conf()")
	for deadline := time.Now().Add(20 * time.Second); run(t, dsn, "SHOW ssl") != "on"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server does not take its new settings")
		}
	}
}

func (s server) admin(t *testing.T) string {
	t.Helper()
	dsn, err := s.cluster.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// database is one with a user of its own, on whose search path are public and a
// schema of the user's name.
type database struct {
	admin, user, password string
}

func (s server) database(t *testing.T) database {
	t.Helper()
	d := database{admin: s.admin(t), password: "s3cr3t-mark /?#@%:'é"}
	d.user = "user of " + strings.TrimPrefix(d.url(t).Path, "/")
	d.run(t, fmt.Sprintf(`CREATE ROLE "%s" LOGIN PASSWORD '%s'`, d.user, strings.ReplaceAll(d.password, "'", "''")))
	d.run(t, fmt.Sprintf(`ALTER ROLE "%s" SET search_path = public, kratos`, d.user))
	d.run(t, fmt.Sprintf(`GRANT ALL ON SCHEMA public TO "%[1]s"; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO "%[1]s";`+
		` ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO "%[1]s"`, d.user))
	return d
}

func (d database) url(t *testing.T) *url.URL {
	t.Helper()
	u, err := url.Parse(d.admin)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// run runs a statement as the database's owner.
func (d database) run(t *testing.T, statement string) { t.Helper(); run(t, d.admin, statement) }

// dsn gives the user's data source name.
func (d database) dsn(mode string) string {
	return d.with(func(u *url.URL) {
		u.RawQuery = ""
		if mode != "" {
			u.RawQuery = url.Values{"sslmode": {mode}}.Encode()
		}
	})
}

// with gives the user's data source name with something changed.
func (d database) with(change func(*url.URL)) string {
	u, err := url.Parse(d.admin)
	if err != nil {
		panic(err) // it was parsed before
	}
	u.User = url.UserPassword(d.user, d.password)
	change(u)
	return u.String()
}

// run runs statements and gives the first value of the last.
func run(t *testing.T, dsn, statement string) string {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	results, err := conn.Exec(t.Context(), statement).ReadAll()
	if err != nil {
		t.Fatalf("%v in %s", err, statement)
	}
	if len(results) == 0 || len(results[len(results)-1].Rows) == 0 {
		return ""
	}
	return string(results[len(results)-1].Rows[0][0])
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l := testneed.Listen(t)
	return l
}

// authority signs certificates.
type authority struct {
	pem  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a CA"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	key := newKey(t)
	a := authority{key: key, cert: template}
	der := a.sign(t, template, key)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, a.pem = cert, encode("CERTIFICATE", der)
	return a
}

// certificate gives one for another name than the server's, and its key. The
// authority does not sign it itself: one between does, and the server shows both.
func (a authority) certificate(t *testing.T) (certificate, key string) {
	t.Helper()
	between := newAuthority(t)
	between.cert.Subject = pkix.Name{CommonName: "one between"}
	der := a.sign(t, between.cert, between.key)
	signer, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	between.cert = signer
	private := newKey(t)
	leaf := between.sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "db.elsewhere"}, DNSNames: []string{"db.elsewhere"},
		NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}, private)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return encode("CERTIFICATE", leaf) + encode("CERTIFICATE", der), encode("PRIVATE KEY", encoded)
}

func (a authority) sign(t *testing.T, template *x509.Certificate, of *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &of.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
