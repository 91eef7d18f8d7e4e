package cli

import (
	"fmt"
	"slices"
	"strings"
)

const bashHead = `# bash completion for kratos-agent; print it with: kratos-agent completion bash

_kratos_agent() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    local command="" joined="" words="" i IFS=$' \t\n'
    # bash makes three words of --flag=value.
    if [[ $cur == "=" ]]; then
        joined=1 cur=""
    elif [[ $prev == "=" ]]; then
        joined=1 prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
`

const bashTail = `    esac
    if [[ $words ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
    fi
}

complete -F _kratos_agent kratos-agent
`

func bash(commands []Command) string {
	all := commandNames(commands)
	var b strings.Builder
	b.WriteString(bashHead)
	fmt.Fprintf(&b, "        %s)\n            command=${COMP_WORDS[i]}\n            break\n            ;;\n        esac\n    done\n", strings.Join(all, "|"))
	b.WriteString("    case \"$command $prev\" in\n")
	bashValues(&b, commands)
	b.WriteString("    esac\n    case $command in\n")
	bashWords(&b, `""`, append(all, append(dashed(CommonFlags()), "--help", "--version")...))
	bashWords(&b, "help", all)
	for _, w := range Builtins() {
		if w.words != nil {
			bashWords(&b, w.Name, w.words)
		}
	}
	for _, c := range commands {
		bashFlags(&b, c.Name, append(dashed(c.Flags), dashed(CommonFlags())...))
	}
	for _, w := range Builtins() {
		if len(w.Flags) > 0 {
			bashFlags(&b, w.Name, dashed(w.Flags))
		}
	}
	b.WriteString(bashTail)
	return b.String()
}

func bashFlags(b *strings.Builder, command string, flags []string) {
	fmt.Fprintf(b, "    %s)\n        if [[ $cur == -* ]]; then\n            words=%q\n        fi\n        ;;\n",
		command, strings.Join(append(flags, "--help"), " "))
}

func bashWords(b *strings.Builder, command string, words []string) {
	fmt.Fprintf(b, "    %s)\n        words=%q\n        ;;\n", command, strings.Join(words, " "))
}

// bashValues completes what stands behind a flag: a branch for each way to do
// that, with the flags that it is for.
func bashValues(b *strings.Builder, commands []Command) {
	patterns := map[string][]string{}
	var ways []string
	add := func(command string, flags []Flag) {
		for _, f := range flags {
			way, pattern := bashWay(f), fmt.Sprintf(`*" --%s"`, f.Name)
			if len(f.Enum) > 0 && command != "" {
				pattern = fmt.Sprintf("%q", command+" --"+f.Name)
			}
			if patterns[way] == nil {
				ways = append(ways, way)
			}
			if !slices.Contains(patterns[way], pattern) {
				patterns[way] = append(patterns[way], pattern)
			}
		}
	}
	add("", CommonFlags())
	for _, c := range commands {
		add(c.Name, c.Flags)
	}
	for _, w := range Builtins() {
		add(w.Name, w.Flags)
	}
	for _, way := range ways {
		fmt.Fprintf(b, "    %s)\n%s        ;;\n", strings.Join(patterns[way], "|"), way)
	}
}

// bashWay is how the value of a flag is completed.
func bashWay(f Flag) string {
	switch {
	case f.File:
		return "        compopt -o filenames 2>/dev/null\n        IFS=$'\\n'\n" +
			"        COMPREPLY=($(compgen -f -- \"$cur\"))\n        return\n"
	case f.Boolean():
		return "        if [[ $joined ]]; then\n            COMPREPLY=($(compgen -W \"true false\" -- \"$cur\"))\n            return\n        fi\n"
	case len(f.Enum) > 0:
		return fmt.Sprintf("        COMPREPLY=($(compgen -W %q -- \"$cur\"))\n        return\n", strings.Join(f.Enum, " "))
	default:
		return "        return\n"
	}
}
