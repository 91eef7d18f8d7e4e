package kratosconf

import (
	_ "embed" // for the files below
)

// The identity schemas that are built in.
const (
	AdminSchema      = "admin_v0"       // a username and an email address
	SocialUserSchema = "social_user_v0" // an email address; the default
)

//go:embed schemas/admin_v0.json
var adminSchema string

//go:embed schemas/social_user_v0.json
var socialUserSchema string

//go:embed mappers/oidc.jsonnet
var oidcMapper string

//go:embed mappers/github.jsonnet
var githubMapper string

//go:embed mappers/microsoft.jsonnet
var microsoftMapper string

// BuiltInSchemas gives the identity schemas that are always available, the
// default first.
func BuiltInSchemas() []Schema {
	return []Schema{
		{ID: SocialUserSchema, JSON: []byte(socialUserSchema)},
		{ID: AdminSchema, JSON: []byte(adminSchema)},
	}
}

// DefaultMapper gives the URL of the jsonnet that makes the traits of
// [SocialUserSchema] of what a provider of this kind claims.
func DefaultMapper(provider string) string {
	switch provider {
	case "github", "github-app":
		return Base64URL([]byte(githubMapper))
	case "microsoft":
		return Base64URL([]byte(microsoftMapper))
	default:
		return Base64URL([]byte(oidcMapper))
	}
}
