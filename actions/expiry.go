package actions

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

const day = 24 * time.Hour

// expiry reads how long something is to work: a Go duration or whole days.
func expiry(text string) (time.Duration, error) {
	d, ok := days(text)
	if d == tooLong {
		return 0, fault.New(fault.Usage, "expires-in %q is more than the %d days that can be counted", text, math.MaxInt64/day)
	}
	if !ok {
		var err error
		if d, err = time.ParseDuration(text); err != nil {
			return 0, fault.New(fault.Usage, "expires-in %q is neither a duration (90m, 12h) nor whole days (7d)", text)
		}
	}
	if d <= 0 {
		return 0, fault.New(fault.Usage, "expires-in %q is not above 0", text)
	}
	return d, nil
}

// tooLong stands for more days than a duration can hold.
const tooLong time.Duration = math.MinInt64

// days reads whole days.
func days(text string) (time.Duration, bool) {
	digits, ok := strings.CutSuffix(text, "d")
	n, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case ok && (errors.Is(err, strconv.ErrRange) || n > int64(math.MaxInt64/day)):
		return tooLong, true
	case !ok || err != nil:
		return 0, false
	case n < 0:
		return 0, true // as little above 0 as any other, and no overflow
	}
	return time.Duration(n) * day, true
}
