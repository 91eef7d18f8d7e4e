package kratosconf

import (
	"net/url"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// LogLevel gives the level that Kratos is told for what the option says: one of
// Kratos' own, or warn, which Kratos refuses and everyone means as warning.
func LogLevel(field, level string) (string, error) {
	levels := []string{"trace", "debug", "info", "warning", "error", "fatal", "panic"}
	if level == "warn" {
		return "warning", nil
	}
	if !slices.Contains(levels, level) {
		return "", fault.New(fault.Usage, "cannot use %s %q: it is none of %s", field, level, strings.Join(levels, ", "))
	}
	return level, nil
}

// CheckURL refuses what is no absolute http or https URL with a host. The error
// does not show the URL, which may hold a password.
func CheckURL(field, value string) error {
	if reason := whyNoURL(value); reason != "" {
		return fault.New(fault.Usage, "cannot use %s: it %s", field, reason)
	}
	return nil
}

func whyNoURL(value string) string {
	u, err := url.Parse(value)
	switch {
	case value == "":
		return "is empty"
	case err != nil:
		return "is no URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return "does not begin with http:// or https://"
	case u.Hostname() == "":
		return "names no host"
	default:
		return ""
	}
}

// CheckUnique refuses a list that has an id twice, or an empty one.
func CheckUnique(field string, ids []string) error {
	seen := map[string]bool{}
	for _, id := range ids {
		switch {
		case id == "":
			return fault.New(fault.Usage, "cannot use %s: an id is empty", field)
		case seen[id]:
			return fault.New(fault.Usage, "cannot use %s: the id %q is there twice", field, id)
		}
		seen[id] = true
	}
	return nil
}

// CheckProvider refuses a provider that Kratos refuses, and one that Kratos
// accepts and fails on when someone clicks on it.
func CheckProvider(p Provider) error {
	field := "the provider"
	if p.ID == "" {
		return fault.New(fault.Usage, "cannot use %s: id is empty", field)
	}
	field += " " + quote(p.ID)
	if !slices.Contains(providers(), p.Provider) {
		return fault.New(fault.Usage, "cannot use %s: Kratos knows no provider %q", field, p.Provider)
	}
	for _, n := range needed(p) {
		if n.value == "" {
			return fault.New(fault.Usage, "cannot use %s: %s needs %s", field, p.Provider, n.name)
		}
	}
	for _, n := range foreign(p) {
		if n.value != "" {
			return fault.New(fault.Usage, "cannot use %s: %s takes no %s", field, p.Provider, n.name)
		}
	}
	return checkProviderURLs(field, p)
}

func checkProviderURLs(field string, p Provider) error {
	for _, u := range []namedText{{"issuer_url", p.IssuerURL}, {"auth_url", p.AuthURL}, {"token_url", p.TokenURL}} {
		if u.value == "" {
			continue
		}
		if err := CheckURL(field+": "+u.name, u.value); err != nil {
			return err
		}
	}
	u, err := url.Parse(p.MapperURL)
	if err != nil || !slices.Contains([]string{"base64", "file", "http", "https"}, u.Scheme) {
		return fault.New(fault.Usage, "cannot use %s: mapper_url is no http, https, file or base64 URL", field)
	}
	return nil
}

// namedText is a value and its key.
type namedText struct{ name, value string }

// needed gives what a provider cannot do without.
func needed(p Provider) []namedText {
	all := []namedText{{"client_id", p.ClientID}, {"mapper_url", p.MapperURL}}
	switch p.Provider {
	case "apple":
		return append(all, appleKeys(p)...)
	case "generic", "auth0":
		all = append(all, namedText{"issuer_url", p.IssuerURL})
	case "microsoft":
		all = append(all, namedText{"microsoft_tenant", p.MicrosoftTenant})
	}
	return append(all, namedText{"client_secret", string(p.ClientSecret)})
}

// foreign gives what belongs to other providers, and is refused at this one.
func foreign(p Provider) []namedText {
	tenant := namedText{"microsoft_tenant", p.MicrosoftTenant}
	switch p.Provider {
	case "apple": // makes the client secret of its key
		return []namedText{tenant, {"client_secret", string(p.ClientSecret)}}
	case "microsoft":
		return appleKeys(p)
	default:
		return append(appleKeys(p), tenant)
	}
}

func appleKeys(p Provider) []namedText {
	return []namedText{
		{"apple_team_id", p.AppleTeamID}, {"apple_private_key_id", p.ApplePrivateKeyID}, {"apple_private_key", string(p.ApplePrivateKey)},
	}
}

// providers are those that Kratos 1.3.1 knows.
func providers() []string {
	return []string{
		"apple", "auth0", "dingtalk", "discord", "facebook", "generic", "github", "github-app", "gitlab", "google", "lark",
		"linkedin", "linkedin_v2", "microsoft", "netid", "patreon", "salesforce", "slack", "spotify", "vk", "x", "yandex",
	}
}
