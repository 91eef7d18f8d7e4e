package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/cli"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// completions are what is typed, and what a shell offers for its last word.
// Each shell is asked, in a directory that holds "my file" and "mine".
func completions() map[string][]string {
	return map[string][]string{
		"kratos-agent inv":                                  {"invalidate-identity-sessions", "invite-user"},
		"kratos-agent help get":                             {"get-identity"},
		"kratos-agent completion ":                          {"bash", "fish", "zsh"},
		"kratos-agent reset-password --pass":                {"--password-file", "--password-secret-id"},
		"kratos-agent reset-identity-mfa a --mfa-type ":     {"all", "lookup_secret", "totp", "webauthn"},
		"kratos-agent reset-identity-mfa a --mfa-type=":     {"all", "lookup_secret", "totp", "webauthn"},
		"kratos-agent get-identity a --format j":            {"json"},
		"kratos-agent get-identity a --format=j":            {"json"},
		"kratos-agent --quiet get-identity --iden":          {"--identity-id"},
		"kratos-agent reset-password a --password-file my":  {"my file"},
		"kratos-agent reset-password a --recovery-method c": {"code"},
		"kratos-agent get-identity ":                        nil,
		"kratos-agent ui --brand-l":                         {"--brand-logo"},
		"kratos-agent ui --brand-logo my":                   {"my file"},
		"kratos-agent ui --q":                               nil,
		"kratos-agent ui --listen ":                         nil,
	}
}

func TestBashCompletion(t *testing.T) {
	t.Parallel()
	// The words are split as bash splits them: at "=" too.
	const ask = `source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
compopt() { :; }
_kratos_agent
printf '%s\n' "${COMPREPLY[@]}"`
	script := completion(t, "bash")
	for typed, want := range completions() {
		args := []string{"--norc", "-c", ask, "bash", script}
		for _, w := range strings.Split(typed, " ") {
			flag, value, joined := strings.Cut(w, "=")
			args = append(args, flag)
			if joined {
				args = append(args, "=")
			}
			if joined && value != "" {
				args = append(args, value)
			}
		}
		offers(t, typed, shell(t, "bash", args...), want)
	}
}

func TestFishCompletion(t *testing.T) {
	t.Parallel()
	script := completion(t, "fish")
	for typed, want := range completions() {
		offered := shell(t, "fish", "--no-config", "-c", `source $argv[1]; complete -C $argv[2] | string split -f1 \t; true`, script, typed)
		for i, o := range offered {
			if _, value, ok := strings.Cut(o, "="); ok {
				offered[i] = value
			}
		}
		offers(t, typed, offered, want)
	}
}

// TestZshCompletion asks zsh's completion system itself, on a terminal of its
// own: compadd is made to write down what matches.
func TestZshCompletion(t *testing.T) {
	t.Parallel()
	const ask = `zmodload zsh/zpty
out=$2 && : >$out
zpty -b z "zsh -f -i"
zpty -w z "stty -echo; PS1=; autoload -U compinit; compinit -u -D; source $1; setopt nolistbeep; LISTMAX=0"
zpty -w z 'compadd() { local -a found; [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && { builtin compadd "$@"; return }; builtin compadd -A found "$@"; builtin compadd "$@"; print -rl -- $found >>'$out' }'
zpty -w z 'finish() { print -r -- --end >>'$out' }; zle -N finish; bindkey "^T" finish; bindkey "^I" list-choices'
zpty -w z 'zle-line-init() { print -r -- --ready >>'$out' }; zle -N zle-line-init'
await() {
	integer i
	for ((i = 0; i < 500; i++)) {
		[[ $(grep -c -x -e $1 $out) == $2 ]] && return
		zpty -r -t z junk
		sleep 0.02
	}
	exit 1
}
await --ready 1
integer n=0
for typed in "${@[3,-1]}"; do
	zpty -n -w z "$typed"$'\t\x14\x15'
	await --end $((++n))
done
zpty -d z`
	script, out := completion(t, "zsh"), filepath.Join(t.TempDir(), "out")
	var typed []string
	for line := range completions() {
		typed = append(typed, line)
	}
	shell(t, "zsh", append([]string{"-f", "-c", ask, "zsh", script, out}, typed...)...)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	_, listed, _ := strings.Cut(string(text), "--ready\n")
	answers := strings.Split(listed, "--end\n")
	if len(answers) != len(typed)+1 {
		t.Fatalf("zsh answered %d of %d times:\n%s", len(answers)-1, len(typed), text)
	}
	for i, line := range typed {
		offers(t, line, strings.Split(strings.ReplaceAll(answers[i], `\ `, " "), "\n"), completions()[line])
	}
}

func completion(t *testing.T, shell string) (path string) {
	t.Helper()
	script := words("completion", shell).must(t).stdout
	path = filepath.Join(t.TempDir(), "completion")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// shell runs a shell in a directory with two files and gives its lines.
func shell(t *testing.T, name string, args ...string) []string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		testneed.Skip(t, "no "+name, "the completion script is tried in the shell itself", "apt-get install "+name)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir, "TERM=dumb", "LC_ALL=C.UTF-8"}
	if err := os.WriteFile(filepath.Join(cmd.Dir, "my file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

func offers(t *testing.T, typed string, got, want []string) {
	t.Helper()
	got = slices.DeleteFunc(got, func(s string) bool { return s == "" })
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" && fmt.Sprint(want) != fmt.Sprint(got) {
		t.Errorf("%q: %s", typed, diff)
	}
}

func TestManualPage(t *testing.T) {
	t.Parallel()
	page := words("man").must(t).stdout
	for _, c := range cli.Commands(declared(t)) {
		if !strings.Contains(page, ".SS "+strings.ReplaceAll(c.Name, "-", `\-`)+"\n") {
			t.Errorf("the manual page lacks %s", c.Name)
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		testneed.Skip(t, "no groff", "the manual page is formatted with it", "apt-get install groff")
	}
	cmd := exec.CommandContext(t.Context(), groff, "-man", "-Tutf8", "-ww", "-z")
	cmd.Stdin = strings.NewReader(page)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("groff says: %s %v", out, err)
	}
}
