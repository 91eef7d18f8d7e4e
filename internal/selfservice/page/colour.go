package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// colour is one of sRGB.
type colour struct{ r, g, b uint8 }

var (
	black = colour{}
	white = colour{255, 255, 255}
)

// parseColour reads #rrggbb.
func parseColour(s string) (colour, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 24)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return colour{}, fmt.Errorf("%q is not of the form #rrggbb", s)
	}
	return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

// hex gives rrggbb.
func (c colour) hex() string { return fmt.Sprintf("%02x%02x%02x", c.r, c.g, c.b) }

// luminance is the relative luminance of WCAG 2, from 0 to 1.
func (c colour) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is the contrast ratio of WCAG 2, from 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// textContrast is the contrast that text needs (WCAG 2.2, 1.4.3).
const textContrast = 4.5

// readableOn gives a test for colours that can be read on all of these.
func readableOn(grounds ...string) func(colour) bool {
	return func(c colour) bool {
		for _, g := range grounds {
			if on, err := parseColour(g); err != nil || contrast(c, on) < textContrast {
				return false
			}
		}
		return true
	}
}

// towards mixes the colour with an end, as little as will do.
func (c colour) towards(end colour, fits func(colour) bool) colour {
	const steps = 64
	mix := func(from, to uint8, i int) uint8 {
		return uint8((int(from)*(steps-i) + int(to)*i) / steps)
	}
	for i := range steps {
		if m := (colour{mix(c.r, end.r, i), mix(c.g, end.g, i), mix(c.b, end.b, i)}); fits(m) {
			return m
		}
	}
	return end
}

var (
	cssVariable = lazily(`--([a-z-]+):\s*(#[0-9a-f]{6})\b`)
	darkScheme  = "@media (prefers-color-scheme: dark)"
)

// tokens gives the colours that a style sheet names, as --name: #rrggbb. What
// comes before the rules for dark pages is for light ones; what the dark ones do
// not say anew they take from these.
func tokens(css string) (light, dark map[string]string) {
	light, dark = map[string]string{}, map[string]string{}
	before, after, _ := strings.Cut(css, darkScheme)
	for _, m := range cssVariable().FindAllStringSubmatch(before, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range cssVariable().FindAllStringSubmatch(after, -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}
