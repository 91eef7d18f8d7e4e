package page

import (
	"flag"
	"os"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

var update = flag.Bool("update", false, "record the flows and write the golden pages anew")

func TestMain(m *testing.M) { os.Exit(kratostest.Main(m)) }
