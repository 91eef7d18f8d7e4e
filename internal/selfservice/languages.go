package selfservice

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxLanguages is how many languages of one browser are considered.
const maxLanguages = 16

// languages gives the tags of Accept-Language, best first.
func languages(r *http.Request) []string {
	type wish struct {
		tag     string
		quality float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(rest), "q="); ok {
			q, _ = strconv.ParseFloat(value, 64)
		}
		if tag = strings.TrimSpace(tag); tag != "" && tag != "*" && q > 0 && len(wishes) < maxLanguages {
			wishes = append(wishes, wish{tag, q})
		}
	}
	slices.SortStableFunc(wishes, func(a, b wish) int { return cmp.Compare(b.quality, a.quality) })
	tags := make([]string, len(wishes))
	for i, w := range wishes {
		tags[i] = w.tag
	}
	return tags
}
