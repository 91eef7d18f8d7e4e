package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// errUntrusted is why a connection was given up.
var errUntrusted = errors.New("the server's certificate is not from the CA")

// The classes of SQLSTATE that say that a user may not come in, and one that
// says that there is no such database.
const (
	classAuthorization = "28"
	classCatalog       = "3D"
)

// explain says what went wrong in words of its own: pgconn's hold the user's
// name and the host, and PostgreSQL's whatever it likes.
func explain(ctx context.Context, err error) error {
	var own *fault.Error
	var server *pgconn.PgError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &server) && strings.HasPrefix(server.Code, classAuthorization):
		return unavailable("the database does not let the user in (SQLSTATE %s)", server.Code)
	case errors.As(err, &server) && strings.HasPrefix(server.Code, classCatalog):
		return unavailable("the server has no such database (SQLSTATE %s)", server.Code)
	case errors.As(err, &server):
		return unavailable("the database refused (SQLSTATE %s)", server.Code)
	case errors.Is(err, errUntrusted):
		return unavailable("cannot reach the database: %s", errUntrusted)
	case ctx.Err() != nil:
		return unavailable("cannot reach the database: it did not answer in time")
	}
	return unavailable("cannot reach the database")
}

func unavailable(format string, args ...any) error {
	return fault.New(fault.Unavailable, format, args...)
}
