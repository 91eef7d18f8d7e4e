package cli_test

import (
	"flag"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest/scripttest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { scripttest.Main(m) }
