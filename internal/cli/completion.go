package cli

import (
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// shells are those that completion scripts are made for.
var shells = []string{"bash", "zsh", "fish"}

// Completion gives a shell's completion script. It holds all that is completed:
// the agent is not run for it.
func Completion(shell string, declared []spec.Action) (string, error) {
	commands := Commands(declared)
	switch shell {
	case "bash":
		return bash(commands), nil
	case "zsh":
		return zsh(commands), nil
	case "fish":
		return fish(commands), nil
	}
	return "", fault.New(fault.Usage, "there is no completion for %q", shell).
		WithHint("the shells are %s", strings.Join(shells, ", "))
}

// commandNames are the names of all commands.
func commandNames(commands []Command) []string {
	var list []string
	for _, c := range commands {
		list = append(list, c.Name)
	}
	for _, b := range Builtins() {
		list = append(list, b.Name)
	}
	return list
}

// brief is the first sentence of a flag's usage.
func (f Flag) brief() string {
	first, _, _ := strings.Cut(f.Usage, "\n")
	first, _, _ = strings.Cut(first, ". ")
	return strings.TrimSuffix(first, ".")
}

func dashed(flags []Flag) []string {
	list := names(flags)
	for i := range list {
		list[i] = "--" + list[i]
	}
	return list
}

// single quotes a text for a shell, always.
func single(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
