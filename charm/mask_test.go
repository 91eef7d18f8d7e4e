package charm

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	t.Parallel()
	const odd = "s3cr3t-mark/\"é<\\ @:%"
	inJSON, err := json.Marshal(odd)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text, want string
		secrets    []string
	}{
		"plain":               {"a s3cr3t-mark b", "a [hidden] b", []string{"s3cr3t-mark"}},
		"none":                {"nothing here", "nothing here", []string{"s3cr3t-mark"}},
		"no secrets":          {"a", "a", nil},
		"too short":           {"abc", "abc", []string{"abc", ""}},
		"often":               {"abcd-abcd", "[hidden]-[hidden]", []string{"abcd"}},
		"overlapping itself":  {"aaaaaa", "[hidden]", []string{"aaaa"}},
		"of several lines":    {"  first line\n  second line", "  [hidden]\n  [hidden]", []string{"first line\nsecond line\n"}},
		"begin and end":       {"abcdXabcd", "[hidden]X[hidden]", []string{"abcd"}},
		"odd, as it is":       {"(" + odd + ")", "([hidden])", []string{odd}},
		"odd, quoted":         {strconv.Quote(odd), `"[hidden]"`, []string{odd}},
		"odd, quoted ASCII":   {strconv.QuoteToASCII(odd), `"[hidden]"`, []string{odd}},
		"odd, JSON":           {string(inJSON), `"[hidden]"`, []string{odd}},
		"odd, JSON, no HTML":  {`"s3cr3t-mark/\"é<\\ @:%"`, `"[hidden]"`, []string{odd}},
		"odd, in a query":     {"?a=" + url.QueryEscape(odd) + "&b", "?a=[hidden]&b", []string{odd}},
		"odd, in a path":      {"/" + url.PathEscape(odd) + "/", "/[hidden]/", []string{odd}},
		"odd, in an address":  {(&url.URL{Scheme: "smtp", User: url.UserPassword("u", odd), Host: "h"}).String(), "smtp://u:[hidden]@h", []string{odd}},
		"odd, base64":         {"=" + base64.StdEncoding.EncodeToString([]byte(odd)) + ".", "=[hidden]", []string{odd}},
		"odd, base64 for URL": {base64.RawURLEncoding.EncodeToString([]byte(odd)) + ".", "[hidden].", []string{odd}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := mask(test.text, test.secrets); strings.TrimRight(got, "=.") != strings.TrimRight(test.want, "=.") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Whatever the order of secrets that overlap, no part of one is left.
func TestMaskOverlapping(t *testing.T) {
	t.Parallel()
	secrets := []string{"abcd1234", "1234wxyz", "wxyzQRST", "cd1234wx", "1234"}
	for _, order := range permutations(secrets) {
		if got := mask("<abcd1234wxyzQRST> <1234wxyz> <1234>", order); got != "<[hidden]> <[hidden]> <[hidden]>" {
			t.Fatalf("%q: %q", order, got)
		}
	}
}

func permutations(list []string) [][]string {
	if len(list) < 2 {
		return [][]string{slices.Clone(list)}
	}
	var all [][]string
	for i := range list {
		rest := slices.Concat(list[:i], list[i+1:])
		for _, p := range permutations(rest) {
			all = append(all, append([]string{list[i]}, p...))
		}
	}
	return all
}

func FuzzMask(f *testing.F) {
	f.Add("a", "s3cr3t-mark", "mark-s3cr3t", "b")
	f.Add("aa", "aaaa", "aaab", "ab")
	f.Fuzz(func(t *testing.T, before, one, other, after string) {
		if len(one) < minSecret || len(other) < minSecret || strings.ContainsAny(one+other, "\n []hiden") {
			return
		}
		got := mask(before+one+other+after+one, []string{one, other})
		if strings.Contains(got, one) || strings.Contains(got, other) {
			t.Errorf("left in %q", got)
		}
	})
}
