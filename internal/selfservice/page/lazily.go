package page

import (
	"regexp"
	"sync"
)

// lazily compiles an expression where it is used first: every start of the
// program would pay for it.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
