package actions_test

import (
	"os"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestMain(m *testing.M) { os.Exit(kratostest.Main(m)) }
