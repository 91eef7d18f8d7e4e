package cli

import (
	"cmp"
	"slices"
	"strings"
)

// didYouMean names what is near to a word that is not known, or gives "".
func didYouMean(prefix, word string, known []string) string {
	near := near(word, known)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = prefix + near[i]
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// near gives up to three of the known words that a mistyped or cut one may
// stand for, the nearest first. urfave/cli's own suggestion is the nearest,
// however far it is.
func near(word string, known []string) []string {
	word = strings.ToLower(word)
	distances := map[string]int{}
	var list []string
	for _, k := range known {
		d := distance(word, k)
		if begin, _, cut := strings.Cut(k, "-"); cut && distance(word, begin) < d {
			d = distance(word, begin) + 1 // --pasword, of --password-file
		}
		switch {
		case strings.HasPrefix(k, word), holds(k, word):
			d = 0
		case d > max(1, min(len(word), len(k))/3):
			continue
		}
		distances[k] = d
		list = append(list, k)
	}
	slices.SortStableFunc(list, func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	return list[:min(3, len(list))]
}

// holds tells whether all parts of the word, more than one, are parts of the
// known one: reset-mfa, of reset-identity-mfa.
func holds(known, word string) bool {
	parts, all := strings.Split(word, "-"), strings.Split(known, "-")
	missing := func(part string) bool { return !slices.Contains(all, part) }
	return len(parts) > 1 && !slices.ContainsFunc(parts, missing)
}

// distance counts the letters that are to be put in, left out, changed or
// swapped with the next to make one word of the other.
func distance(a, b string) int {
	before, last, now := []int(nil), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			changed := last[j-1]
			if a[i-1] != b[j-1] {
				changed++
			}
			now[j] = min(last[j]+1, now[j-1]+1, changed)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, make([]int, len(b)+1)
	}
	return last[len(b)]
}

// or gives the first text, or the other where it is empty.
func or(text, other string) string { return cmp.Or(text, other) }
