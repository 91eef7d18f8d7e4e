package pebbletest

import (
	"errors"
	"maps"
	"os"
	"strings"
)

// split takes a command apart into words, as a shell does with quotes and
// backslashes, and nothing else of a shell. The arguments of a [ ... ] group
// are the command's last ones.
func split(command string) ([]string, error) {
	var words []string
	var word strings.Builder
	in, quote := false, rune(0)
	next := []rune(command)
	for i := 0; i < len(next); i++ {
		r := next[i]
		switch {
		case r == '\\' && quote != '\'':
			if i++; i == len(next) {
				return nil, errors.New("EOF found after escape character")
			}
			in = true
			word.WriteRune(next[i])
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			in, quote = true, r
		case r == ' ' || r == '\t' || r == '\n':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		default:
			in = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, errors.New("EOF found when expecting closing quote")
	}
	if in {
		words = append(words, word.String())
	}
	return ungroup(words)
}

func ungroup(words []string) ([]string, error) {
	var plain []string
	for _, w := range words {
		if w != "[" && w != "]" {
			plain = append(plain, w)
		}
	}
	if len(plain) == 0 {
		return nil, errors.New("cannot be empty")
	}
	return plain, nil
}

// environment gives Pebble's own environment with the pairs over it.
func (d *daemon) environment(pairs map[string]string) map[string]string {
	env := map[string]string{"PATH": os.Getenv("PATH")}
	maps.Copy(env, d.options.Environment)
	maps.Copy(env, pairs)
	return env
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
