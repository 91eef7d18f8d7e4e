package relation

import (
	"crypto/sha1" // a name, not a protection: the ids exist already
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// ExternalIDPEndpoint is the relation to integrators of external identity
// providers, interface external_provider, version 1.
const ExternalIDPEndpoint = "kratos-external-idp"

const keyProviders = "providers"

// Provider is the registration of this Kratos at an external identity provider.
type Provider struct {
	RelationID int
	// ID names the provider within Kratos, and in the redirect URI that is
	// registered at the provider.
	ID string
	// Type is Kratos' name of the kind of provider: generic, github, ...
	Type         string
	Label        string
	ClientID     string
	ClientSecret Secret
	Scope        []string
	// IssuerURL is set for generic and auth0.
	IssuerURL string
	// MicrosoftTenant is set for microsoft.
	MicrosoftTenant string
	// The three are set for apple, which has no ClientSecret.
	AppleTeamID, ApplePrivateKeyID string
	ApplePrivateKey                Secret
	// MapperURL is empty where the provider's usual mapper is meant.
	MapperURL string
}

// wireProvider is a provider as the integrator writes it.
type wireProvider struct {
	Provider          string          `json:"provider"`
	ID                string          `json:"id"`
	ProviderID        string          `json:"provider_id"`
	ClientID          string          `json:"client_id"`
	ClientSecret      string          `json:"client_secret"`
	IssuerURL         string          `json:"issuer_url"`
	MicrosoftTenant   string          `json:"microsoft_tenant"`
	MicrosoftTenantID string          `json:"microsoft_tenant_id"`
	AppleTeamID       string          `json:"apple_team_id"`
	ApplePrivateKeyID string          `json:"apple_private_key_id"`
	ApplePrivateKey   string          `json:"apple_private_key"`
	Label             string          `json:"label"`
	Scope             json.RawMessage `json:"scope"`
	MapperURL         string          `json:"mapper_url"`
	JsonnetMapper     string          `json:"jsonnet_mapper"`
}

// ReadProviders reads the providers of one integrator. One that is malformed
// spoils the list: the integrator writes them together.
func ReadProviders(r Relation) ([]Provider, error) {
	text := r.RemoteApp[keyProviders]
	if text == "" {
		return nil, r.waiting(keyProviders)
	}
	wires, err := decode[[]wireProvider](r, keyProviders, text, "a list of providers")
	if err != nil {
		return nil, err
	}
	providers := make([]Provider, 0, len(wires))
	for i, w := range wires {
		p, err := w.provider(r, fmt.Sprintf("%s[%d]", keyProviders, i))
		if err != nil {
			return nil, err
		}
		providers = append(providers, p)
	}
	return providers, nil
}

func (w wireProvider) provider(r Relation, path string) (Provider, error) {
	if !knownProvider(w.Provider) {
		return Provider{}, r.malformed(path+".provider", "it is no kind of provider that Kratos knows")
	}
	if key := w.missing(); key != "" {
		return Provider{}, r.malformed(path+"."+key, "it is missing")
	}
	scope, err := w.scope(r, path+".scope")
	if err != nil {
		return Provider{}, err
	}
	p := Provider{
		RelationID: r.ID, ID: w.id(), Type: w.Provider, Label: either(w.Label, w.Provider),
		ClientID: w.ClientID, ClientSecret: Secret(w.ClientSecret), Scope: scope,
		IssuerURL: w.IssuerURL, MicrosoftTenant: w.tenant(),
		AppleTeamID: w.AppleTeamID, ApplePrivateKeyID: w.ApplePrivateKeyID, ApplePrivateKey: Secret(w.ApplePrivateKey),
		MapperURL: w.mapper(),
	}
	if w.Provider == "yander" { // as the integrator misspells it
		p.Type = "yandex"
	}
	if _, ok := webURL(p.IssuerURL); !ok && p.IssuerURL != "" {
		return Provider{}, r.malformed(path+".issuer_url", notWebURL)
	}
	return p, nil
}

func knownProvider(kind string) bool {
	switch kind {
	case "generic", "google", "facebook", "microsoft", "github", "apple", "gitlab", "auth0", "slack",
		"spotify", "discord", "twitch", "netid", "yander", "yandex", "vk", "dingtalk":
		return true
	}
	return false
}

// missing gives the first key that this kind of provider cannot be without.
func (w wireProvider) missing() string {
	type field struct{ key, value string }
	needed := []field{{"client_id", w.ClientID}}
	switch w.Provider {
	case "apple":
		needed = append(needed, field{"apple_team_id", w.AppleTeamID},
			field{"apple_private_key_id", w.ApplePrivateKeyID}, field{"apple_private_key", w.ApplePrivateKey})
	case "generic", "auth0":
		needed = append(needed, field{"client_secret", w.ClientSecret}, field{"issuer_url", w.IssuerURL})
	case "microsoft":
		needed = append(needed, field{"client_secret", w.ClientSecret}, field{"microsoft_tenant", w.tenant()})
	default:
		needed = append(needed, field{"client_secret", w.ClientSecret})
	}
	for _, f := range needed {
		if f.value == "" {
			return f.key
		}
	}
	return ""
}

// id gives the provider's id: the one it was given, else one made of what
// identifies the client, the same on every reading. People's social logins and
// the redirect URIs are tied to it.
func (w wireProvider) id() string {
	if given := either(w.ID, w.ProviderID); given != "" {
		return given
	}
	client := w.ClientID
	switch w.Provider {
	case "generic", "auth0":
		client += "_" + w.IssuerURL
	case "microsoft":
		client += "_" + w.tenant()
	}
	sum := sha1.Sum([]byte(client))
	return w.Provider + "_" + hex.EncodeToString(sum[:])
}

func (w wireProvider) tenant() string { return either(w.MicrosoftTenant, w.MicrosoftTenantID) }

// mapper gives the URL of the claims mapper; one that was sent whole becomes a
// URL that holds it.
func (w wireProvider) mapper() string {
	if w.MapperURL == "" && w.JsonnetMapper != "" {
		return "base64://" + base64.StdEncoding.EncodeToString([]byte(w.JsonnetMapper))
	}
	return w.MapperURL
}

// scope reads the scopes: one string with spaces between them, or a list.
func (w wireProvider) scope(r Relation, key string) ([]string, error) {
	var list []string
	var text string
	switch {
	case len(w.Scope) == 0 || json.Unmarshal(w.Scope, &text) == nil:
		list = []string{text}
	case json.Unmarshal(w.Scope, &list) != nil:
		return nil, r.malformed(key, "it is neither a string nor a list of strings")
	}
	list = strings.Fields(strings.Join(list, " "))
	switch {
	case len(list) > 0:
		return list, nil
	case w.Provider == "github":
		return []string{"user:email"}, nil
	default:
		return []string{"profile", "email", "address", "phone"}, nil
	}
}

// MergeProviders joins the providers of several relations. Of two with the same
// id the first is kept, and the error names the other: Kratos would sign people
// in through either.
func MergeProviders(lists ...[]Provider) ([]Provider, error) {
	var merged []Provider
	var err error
	seen := map[string]bool{}
	for _, list := range lists {
		for i, p := range list {
			if seen[p.ID] {
				if err == nil {
					r := Relation{ID: p.RelationID, Endpoint: ExternalIDPEndpoint}
					err = r.malformed(fmt.Sprintf("%s[%d].id", keyProviders, i), "another provider has the same")
				}
				continue
			}
			seen[p.ID] = true
			merged = append(merged, p)
		}
	}
	return merged, err
}

// WriteRedirectURIs tells an integrator where its providers are to send people
// back to. publicURL is Kratos' public address; nothing is told without it.
func WriteRedirectURIs(publicURL string, providers []Provider) Databag {
	type registered struct {
		ProviderID  string `json:"provider_id"`
		RedirectURI string `json:"redirect_uri"`
	}
	if publicURL == "" || len(providers) == 0 {
		return Databag{}
	}
	base := strings.TrimRight(publicURL, "/") + "/self-service/methods/oidc/callback/"
	list := make([]registered, 0, len(providers))
	for _, p := range providers {
		list = append(list, registered{ProviderID: p.ID, RedirectURI: base + url.PathEscape(p.ID)})
	}
	return Databag{keyProviders: encode(list)}
}
