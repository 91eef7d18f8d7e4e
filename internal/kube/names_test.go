package kube_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kube"
)

func TestNames(t *testing.T) {
	t.Parallel()
	const providers, schemas = "oidc-providers", "identity-schemas"
	of := func(owner string, names ...string) (all []kube.ConfigMap) {
		for _, name := range names {
			all = append(all, kube.ConfigMap{Name: name, Owner: owner})
		}
		return all
	}
	for what, c := range map[string]struct {
		app                string
		existing           []kube.ConfigMap
		providers, schemas string
	}{
		"kratos, new":                       {"kratos", nil, providers, schemas},
		"kratos, its own":                   {"kratos", of("kratos", providers, schemas), providers, schemas},
		"kratos, beside another":            {"kratos", of("auth", providers, schemas), "kratos-" + providers, "kratos-" + schemas},
		"kratos, beside one of nobody":      {"kratos", of("", schemas), providers, "kratos-" + schemas},
		"kratos, one each":                  {"kratos", append(of("kratos", providers), of("auth", schemas)...), providers, "kratos-" + schemas},
		"kratos, after another went":        {"kratos", of("kratos", "kratos-"+providers), "kratos-" + providers, schemas},
		"kratos, another's name like its":   {"kratos", of("auth", "kratos-"+providers), providers, schemas},
		"another, new":                      {"auth", nil, "auth-" + providers, "auth-" + schemas},
		"another, of the charm before":      {"auth", of("auth", providers, schemas), providers, schemas},
		"another, half of the charm before": {"auth", of("auth", schemas), "auth-" + providers, schemas},
		"another, beside kratos":            {"auth", of("kratos", providers, schemas), "auth-" + providers, "auth-" + schemas},
		"another, its own":                  {"auth", of("auth", "auth-"+providers, "auth-"+schemas), "auth-" + providers, "auth-" + schemas},
		"another, both of its own":          {"auth", of("auth", providers, "auth-"+providers), providers, "auth-" + schemas},
		"another, other maps":               {"auth", of("auth", "auth-dashboards"), "auth-" + providers, "auth-" + schemas},
	} {
		p, s := kube.Names(c.app, c.existing)
		if p != c.providers || s != c.schemas {
			t.Errorf("%s: %q and %q, want %q and %q", what, p, s, c.providers, c.schemas)
		}
	}
}
