package docs_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/charm"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf/schemacheck"
	"github.com/kratos-agent/kratos-agent/internal/selfservice"
	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// declared is what the charm's three files say there is.
type declared struct {
	options, endpoints, resources map[string]bool
	actions                       []spec.Action
}

func readDeclared(t *testing.T) declared {
	t.Helper()
	var config struct{ Options map[string]any }
	var metadata struct{ Requires, Provides, Peers, Resources map[string]any }
	must(t, yaml.Unmarshal(kratosagent.Config, &config))
	must(t, yaml.Unmarshal(kratosagent.Metadata, &metadata))
	actions, err := spec.Parse(kratosagent.Actions)
	must(t, err)
	return declared{
		options: keys(config.Options), resources: keys(metadata.Resources), actions: actions,
		endpoints: keys(metadata.Requires, metadata.Provides, metadata.Peers),
	}
}

func keys(lists ...map[string]any) map[string]bool {
	names := map[string]bool{}
	for _, list := range lists {
		for name := range list {
			names[name] = true
		}
	}
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pages gives every page by its path from here.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	read := func(path string) {
		text, err := os.ReadFile(path)
		must(t, err)
		all[filepath.ToSlash(path)] = string(text)
	}
	must(t, filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			read(path)
		}
		return err
	}))
	read("../README.md")
	read("../charm/README.md")
	return all
}

// TestCommandsAreDeclared holds the commands that only a controller could run to
// the charm's files: what they name is there.
func TestCommandsAreDeclared(t *testing.T) {
	t.Parallel()
	d := readDeclared(t)
	for path, text := range pages(t) {
		for what, c := range map[string]struct {
			in   *regexp.Regexp
			have map[string]bool
		}{
			"option":   {regexp.MustCompile(`juju config kratos (?:--reset )?([a-z_]+)`), d.options},
			"endpoint": {regexp.MustCompile(`\bkratos:([a-z][a-z0-9-]*)`), d.endpoints},
			"resource": {regexp.MustCompile(`(?:--resource|attach-resource kratos) ([a-z-]+)=`), d.resources},
		} {
			for _, found := range c.in.FindAllStringSubmatch(text, -1) {
				if !c.have[found[1]] {
					t.Errorf("%s: there is no %s %s: %s", path, what, found[1], found[0])
				}
			}
		}
		for _, command := range regexp.MustCompile(`juju config kratos ([^\n`+"`"+`]*)`).FindAllStringSubmatch(text, -1) {
			for _, pair := range regexp.MustCompile(`(?:^| )([a-z_]+)=`).FindAllStringSubmatch(command[1], -1) {
				if !d.options[pair[1]] {
					t.Errorf("%s: there is no option %s", path, pair[1])
				}
			}
		}
		d.checkActions(t, path, text)
	}
}

// checkActions looks at each action that a page runs, and at its parameters.
func (d declared) checkActions(t *testing.T, path, text string) {
	t.Helper()
	for _, command := range regexp.MustCompile(`juju run kratos/\S+ ([a-z-]+)([^\n`+"`"+`]*)`).FindAllStringSubmatch(text, -1) {
		action, ok := spec.Find(d.actions, command[1])
		if !ok {
			t.Errorf("%s: there is no action %s", path, command[1])
			continue
		}
		for _, pair := range regexp.MustCompile(` ([a-z-]+)=`).FindAllStringSubmatch(command[2], -1) {
			if _, ok := action.Param(pair[1]); !ok && !strings.HasPrefix(pair[1], "--") {
				t.Errorf("%s: %s has no parameter %s", path, action.Name, pair[1])
			}
		}
	}
}

// TestFlagsOfThePages: each flag of kratos-agent ui that a page names, and each
// variable, is one.
func TestFlagsOfThePages(t *testing.T) {
	t.Parallel()
	flags, variables := map[string]bool{}, map[string]bool{}
	for _, s := range selfservice.Settings() {
		flags[s.Flag], variables[s.Env] = true, true
	}
	explained := map[string]bool{}
	for path, text := range pages(t) {
		for _, v := range regexp.MustCompile(`\bKRATOS_(?:PUBLIC_URL|AGENT_UI_[A-Z_]*[A-Z])\b`).FindAllString(text, -1) {
			if !variables[v] {
				t.Errorf("%s: there is no variable %s", path, v)
			}
		}
		commands := regexp.MustCompile(`kratos-agent ui ([^\n`+"`"+`]*)`).FindAllStringSubmatch(text, -1)
		if path == "how-to/self-service.md" {
			commands = append(commands, regexp.MustCompile("`(--[a-z-]+)`").FindAllStringSubmatch(text, -1)...)
		}
		for _, command := range commands {
			for _, f := range regexp.MustCompile(`(?:^| )--([a-z-]+)`).FindAllStringSubmatch(command[1], -1) {
				if f[1] == "dev" {
					continue // Kratos'
				}
				explained[f[1]] = true
				if !flags[f[1]] {
					t.Errorf("%s: ui has no flag --%s", path, f[1])
				}
			}
		}
	}
	for name := range flags {
		if !explained[name] {
			t.Errorf("no guide names --%s", name)
		}
	}
}

// TestPagesThatAreQuoted: what a guide says that a page says, in bold, is one of
// its texts.
func TestPagesThatAreQuoted(t *testing.T) {
	t.Parallel()
	catalogue, err := os.ReadFile("../internal/selfservice/page/lang/en.json")
	must(t, err)
	var texts map[string]string
	must(t, json.Unmarshal(catalogue, &texts))
	all := strings.Join(slices.Collect(maps.Values(texts)), "\n")
	quoted := regexp.MustCompile(`\*\*([^*]+)\*\*`).FindAllStringSubmatch(pages(t)["how-to/invite-people.md"], -1)
	for _, q := range quoted {
		if text := strings.Join(strings.Fields(q[1]), " "); !strings.Contains(all, text) {
			t.Errorf("no page says %q", text)
		}
	}
	if len(quoted) < 6 {
		t.Errorf("only %d were found", len(quoted))
	}
}

// TestCharmFile: the guides name the file that make charm writes.
func TestCharmFile(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../internal/dev/pack/main.go")
	must(t, err)
	base := regexp.MustCompile(`baseName, baseChannel = "(\w+)", "([\d.]+)"`).FindSubmatch(source)
	if base == nil {
		t.Fatal("the base is not found in pack")
	}
	want := regexp.MustCompile(`^kratos_` + string(base[1]) + `-` + regexp.QuoteMeta(string(base[2])) + `_(amd64|arm64)\.charm$`)
	found := 0
	for path, text := range pages(t) {
		for _, name := range regexp.MustCompile(`[\w.-]+\.charm\b`).FindAllString(text, -1) {
			found++
			if !want.MatchString(name) {
				t.Errorf("%s names %s", path, name)
			}
		}
	}
	if found == 0 {
		t.Error("no file was found")
	}
}

// TestLinks finds links that lead nowhere within the pages.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for path, text := range all {
		for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(link[1], "#")
			to := path
			if file != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(path), file))
			}
			if _, err := os.Stat(filepath.FromSlash(to)); err != nil {
				t.Errorf("%s: %s leads nowhere", path, link[1])
			} else if anchor != "" && !hasAnchor(all[strings.TrimPrefix(to, "../docs/")], anchor) {
				t.Errorf("%s: %s has no such section", path, link[1])
			}
		}
	}
}

// hasAnchor tells whether a page has the heading that the anchor is made of.
func hasAnchor(text, anchor string) bool {
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		made := regexp.MustCompile(`[^a-z0-9_ -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		if strings.ReplaceAll(made, " ", "-") == anchor {
			return true
		}
	}
	return false
}

// TestEveryEndpointIsExplained: how to integrate has a section for each.
func TestEveryEndpointIsExplained(t *testing.T) {
	t.Parallel()
	text := pages(t)["how-to/integrate.md"]
	for name := range readDeclared(t).endpoints {
		_, section, ok := strings.Cut(text, "\n## "+name+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !ok || name != "kratos-peers" && !strings.Contains(section, "juju integrate kratos:"+name+" ") {
			t.Errorf("%s is not explained, or has no command", name)
		}
	}
}

// TestStatusesThatAreQuoted: what a guide says that a unit says is a status.
func TestStatusesThatAreQuoted(t *testing.T) {
	t.Parallel()
	var known []*regexp.Regexp
	for _, n := range charm.Statuses() {
		words := regexp.MustCompile(`[A-Z]{4,}`).ReplaceAllString(regexp.QuoteMeta(n.Text), ".+")
		known = append(known, regexp.MustCompile("^"+words+"$"))
	}
	isKnown := func(text string) bool {
		for _, k := range known {
			if k.MatchString(text) {
				return true
			}
		}
		return false
	}
	quoted := regexp.MustCompile("(?m)`((?:Missing integration|Waiting for|Waiting to|No mail|No pages|Failed to) [^`]+)`" +
		`|^kratos/\d\*? +(?:blocked|waiting|active) +idle +(.+)$`)
	found := 0
	for path, text := range pages(t) {
		if strings.HasPrefix(path, "reference/") {
			continue
		}
		for _, q := range quoted.FindAllStringSubmatch(text, -1) {
			for said := range strings.SplitSeq(q[1]+q[2], "; ") {
				found++
				if !isKnown(said) {
					t.Errorf("%s: no unit says %q", path, said)
				}
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d were found", found)
	}
}

// TestSchemasInTheGuides: what the guide and the option's description show can be
// set as it stands.
func TestSchemasInTheGuides(t *testing.T) {
	t.Parallel()
	for path, least := range map[string]int{"how-to/identity-schemas.md": 1, "reference/options.md": 1} {
		found := 0
		for _, block := range regexp.MustCompile("(?ms)^```json\n(.*?)^```$").FindAllStringSubmatch(pages(t)[path], -1) {
			schemas, err := kratosconf.ParseSchemas("identity_schemas", block[1])
			must(t, err)
			for _, s := range schemas {
				found++
				must(t, schemacheck.Check(t.Context(), s.ID, s.JSON))
				if !regexp.MustCompile(`"credentials": \{"password": \{"identifier": true\}`).Match(s.JSON) {
					t.Errorf("%s: nobody can sign in with %s", path, s.ID)
				}
			}
		}
		if found < least {
			t.Errorf("%s: %d schemas were found", path, found)
		}
	}
}
