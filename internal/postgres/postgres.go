// Package postgres looks into the database of Kratos: whether there is anybody
// in it. It is the only importer of pgx, of which it takes the plain connection.
// Nothing of the process' environment and no file of a user has a say.
package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// The table of identities, looked up on the user's search path, as Kratos does.
const (
	tableIsThere  = `SELECT to_regclass('identities') IS NOT NULL`
	tableHasEntry = `SELECT EXISTS (SELECT FROM identities)`
)

// closeLimit bounds the saying of goodbye.
const closeLimit = time.Second

// Unused tells whether the database holds no identity: it has no schema of
// Kratos, or half of one, or one that nobody is in. So a migration can lose
// nothing, and one that was cut in the middle does not make it another database.
// The data source name is a URL with host, user and database. The
// CA, in PEM, is that of the server's certificate, whose name is not compared;
// with one, the connection is encrypted whatever the data source name says. It
// takes as long as the context lasts. Every error is a *fault.Error of kind
// Unavailable, and shows nothing of the data source name.
func Unused(ctx context.Context, dsn, ca string) (bool, error) {
	config, err := configure(dsn, ca)
	if err != nil {
		return false, err
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return false, explain(ctx, err)
	}
	defer goodbye(ctx, conn)
	for _, query := range []string{tableIsThere, tableHasEntry} {
		yes, err := ask(ctx, conn, query)
		if err != nil {
			return false, explain(ctx, err)
		}
		if !yes {
			return true, nil
		}
	}
	return false, nil
}

// ask runs a query whose answer is one boolean.
func ask(ctx context.Context, conn *pgconn.PgConn, query string) (bool, error) {
	results, err := conn.Exec(ctx, query).ReadAll()
	if err != nil {
		return false, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 || len(results[0].Rows[0]) != 1 {
		return false, fault.New(fault.Unavailable, "cannot look into the database: it answered something else than was asked")
	}
	return string(results[0].Rows[0][0]) == "t", nil
}

// goodbye ends the connection. What was asked is answered by then, so that a
// connection which breaks now is no failure.
func goodbye(ctx context.Context, conn *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	_ = conn.Close(ctx)
}
