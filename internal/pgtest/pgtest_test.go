package pgtest_test

import (
	"errors"
	"net"
	"net/url"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

func TestCluster(t *testing.T) {
	t.Parallel()
	c, err := pgtest.Start(t.Context())
	if errors.Is(err, pgtest.ErrMissing) {
		testneed.Skip(t, "no PostgreSQL", err.Error(), "apt-get install postgresql")
	}
	if err != nil {
		t.Fatal(err)
	}
	one, oneErr := c.Database(t.Context())
	two, twoErr := c.Database(t.Context())
	if err := errors.Join(oneErr, twoErr); err != nil || one == two {
		t.Errorf("databases %q and %q: %v", one, two, err)
	}
	u, err := url.Parse(one)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", u.Host); err == nil {
		conn.Close()
		t.Error("the server still answers")
	}
}
