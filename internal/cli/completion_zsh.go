package cli

import (
	"fmt"
	"strings"
)

const zshHead = `#compdef kratos-agent
# zsh completion for kratos-agent; print it with: kratos-agent completion zsh

_kratos_agent() {
    local curcontext="$curcontext" state line
    local -a common commands
`

const zshTail = `        esac
        ;;
    esac
}

if [[ $funcstack[1] == _kratos_agent ]]; then
    _kratos_agent "$@"
else
    compdef _kratos_agent kratos-agent
fi
`

func zsh(commands []Command) string {
	var b strings.Builder
	b.WriteString(zshHead)
	b.WriteString("    common=(\n")
	zshFlags(&b, "        ", "\n", append(CommonFlags(), Flag{Name: "help", Usage: "Show help"}))
	b.WriteString("    )\n    commands=(\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "        %s\n", single(c.Name+":"+c.Summary()))
	}
	for _, c := range Builtins() {
		fmt.Fprintf(&b, "        %s\n", single(c.Name+":"+c.Summary))
	}
	b.WriteString("    )\n    _arguments -C $common '--version[Print the version]' '1:command:->command' '*::argument:->argument'\n")
	b.WriteString("    case $state in\n    command)\n        _describe command commands\n        ;;\n    argument)\n        case $words[1] in\n")
	for _, c := range commands {
		zshCommand(&b, c)
	}
	for _, w := range Builtins() {
		if len(w.Flags) > 0 {
			fmt.Fprintf(&b, "        %s)\n            _arguments", w.Name)
			zshFlags(&b, " \\\n                ", "", append(w.Flags, Flag{Name: "help", Usage: "Show help"}))
			b.WriteString("\n            ;;\n")
		}
	}
	b.WriteString("        help)\n            _describe command commands\n            ;;\n")
	for _, w := range Builtins() {
		if w.words != nil {
			fmt.Fprintf(&b, "        %s)\n            _arguments '1:%s:(%s)'\n            ;;\n", w.Name, w.Name, strings.Join(w.words, " "))
		}
	}
	b.WriteString(zshTail)
	return b.String()
}

func zshCommand(b *strings.Builder, c Command) {
	fmt.Fprintf(b, "        %s)\n            _arguments $common", c.Name)
	zshFlags(b, " \\\n                ", "", c.Flags)
	if c.Person != "" {
		fmt.Fprintf(b, " \\\n                %s", single("1:"+c.Person+":"))
	}
	b.WriteString("\n            ;;\n")
}

// zshFlags writes the specifications that _arguments takes.
func zshFlags(b *strings.Builder, before, behind string, flags []Flag) {
	escape := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`)
	for _, f := range flags {
		what, value := "["+escape.Replace(f.brief())+"]", escape.Replace(f.Value)
		switch {
		case f.Name == "help":
			what = "--help" + what
		case f.Boolean():
			what = "--" + f.Name + "=-" + what + "::value:(true false)"
		case f.File:
			what = "--" + f.Name + "=" + what + ":" + value + ":_files"
		case len(f.Enum) > 0:
			what = "--" + f.Name + "=" + what + ":value:(" + strings.Join(f.Enum, " ") + ")"
		default:
			what = "--" + f.Name + "=" + what + ":" + value + ":"
		}
		b.WriteString(before + single(what) + behind)
	}
}
