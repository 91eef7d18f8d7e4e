package kratosconf

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Quantity is an amount of memory in bytes, or of processors, exactly.
type Quantity struct{ amount *big.Rat }

var quantity = lazily(`^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([A-Za-z]*)([+-]?[0-9]+)?$`)

// ParseQuantity reads a quantity as Kubernetes writes them: 500m, 0.5, 512Mi,
// 1.5G, 2e9. It refuses zero and what is below, which no limit can be.
func ParseQuantity(field, text string) (Quantity, error) {
	q, ok := parseQuantity(text)
	if !ok {
		return Quantity{}, fault.New(fault.Usage, "cannot use %s %q: it is no quantity such as 500m, 2, 512Mi or 1G", field, text)
	}
	if q.amount.Sign() <= 0 {
		return Quantity{}, fault.New(fault.Usage, "cannot use %s %q: it is not above zero", field, text)
	}
	return q, nil
}

func parseQuantity(text string) (Quantity, bool) {
	part := quantity().FindStringSubmatch(text)
	const longest = 64 // a longer one is no amount of anything
	if part == nil || len(text) > longest {
		return Quantity{}, false
	}
	unit, ok := unitOf(part[2], part[3])
	if !ok {
		return Quantity{}, false
	}
	amount, ok := new(big.Rat).SetString(strings.TrimSuffix(part[1], "."))
	if !ok {
		return Quantity{}, false
	}
	return Quantity{amount.Mul(amount, unit)}, true
}

// unitOf gives what the number before a suffix is to be multiplied by.
func unitOf(suffix, exponent string) (*big.Rat, bool) {
	if exponent != "" {
		n, err := strconv.Atoi(exponent)
		const largest = 18 // beyond, Kubernetes cannot count either
		if suffix != "e" && suffix != "E" || err != nil || n < -largest || n > largest {
			return nil, false
		}
		return power(10, n), true
	}
	if suffix == "" {
		return power(10, 0), true
	}
	if i := strings.Index("KiMiGiTiPiEi", suffix); i >= 0 && len(suffix) == 2 && suffix[1] == 'i' {
		return power(1024, i/2+1), true
	}
	if i := strings.Index("num kMGTPE", suffix); i >= 0 && len(suffix) == 1 && suffix != " " {
		return power(1000, i-3), true
	}
	return nil, false
}

func power(base int64, exponent int) *big.Rat {
	r := big.NewRat(1, 1)
	factor := big.NewRat(base, 1)
	if exponent < 0 {
		factor.Inv(factor)
		exponent = -exponent
	}
	for range exponent {
		r.Mul(r, factor)
	}
	return r
}

// Cmp is below zero where q is less than other, zero where they are the same
// amount, however written.
func (q Quantity) Cmp(other Quantity) int { return q.rat().Cmp(other.rat()) }

// Bytes gives the amount in whole units, rounded up.
func (q Quantity) Bytes() int64 {
	whole, rest := new(big.Int).QuoRem(q.rat().Num(), q.rat().Denom(), new(big.Int))
	if rest.Sign() > 0 {
		whole.Add(whole, big.NewInt(1))
	}
	if !whole.IsInt64() {
		return 1<<63 - 1
	}
	return whole.Int64()
}

func (q Quantity) rat() *big.Rat {
	if q.amount == nil {
		return new(big.Rat)
	}
	return q.amount
}
