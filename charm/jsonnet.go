package charm

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// jsonnetURL gives the URL under which Kratos finds a jsonnet program that was
// given as a URL or as the program itself. A file of the workload's is refused:
// nobody outside has put one there.
func jsonnetURL(given string) (string, error) {
	scheme, _, isURL := strings.Cut(given, "://")
	switch {
	case !isURL || strings.ContainsAny(scheme, " \t\r\n{"):
		return kratosconf.Base64URL([]byte(given)), nil
	case scheme == "http", scheme == "https":
		return given, nil
	case scheme == "base64":
		if _, err := jsonnetText(given); err != nil {
			return "", err
		}
		return given, nil
	}
	return "", errors.New("it is neither jsonnet nor an http, https or base64 URL of it")
}

// jsonnetText gives the program that a URL holds itself, and nil for one that
// stands elsewhere.
func jsonnetText(url string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(url, "base64://")
	if !ok {
		return nil, nil
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	return text, nil
}

// scripts are the jsonnet programs that stand in the configuration itself and are
// not the charm's own.
func scripts(c kratosconf.Config) []Script {
	var all []Script
	add := func(where, url string) {
		if text, err := jsonnetText(url); err == nil && text != nil {
			all = append(all, Script{Where: where, Text: text})
		}
	}
	if oidc := c.SelfService.Methods.OIDC.Config; oidc != nil {
		for i, p := range oidc.Providers {
			if p.MapperURL != kratosconf.DefaultMapper(p.Provider) {
				add(fmt.Sprintf("selfservice.methods.oidc.config.providers.%d.mapper_url", i), p.MapperURL)
			}
		}
	}
	flows := c.SelfService.Flows
	for _, hooks := range []struct {
		flow   string
		before *kratosconf.Before
		after  *kratosconf.After
	}{{"login", flows.Login.Before, flows.Login.After}, {"registration", flows.Registration.Before, flows.Registration.After}} {
		for _, body := range bodies(hooks.before, hooks.after) {
			add("selfservice.flows."+hooks.flow+": the body of a web hook", body)
		}
	}
	return all
}

// bodies gives the web hooks' bodies of a flow, none twice.
func bodies(b *kratosconf.Before, a *kratosconf.After) []string {
	var hooks []kratosconf.Hook
	if b != nil {
		hooks = append(hooks, b.Hooks...)
	}
	if a != nil {
		for _, method := range slices.Sorted(maps.Keys(a.Methods)) {
			hooks = append(hooks, a.Methods[method].Hooks...)
		}
	}
	var all []string
	for _, h := range hooks {
		if h.Config != nil && !slices.Contains(all, h.Config.Body) {
			all = append(all, h.Config.Body)
		}
	}
	return all
}
