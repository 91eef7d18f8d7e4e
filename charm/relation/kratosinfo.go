package relation

import "strings"

// KratosInfoEndpoint is the relation to charms that use this Kratos, interface
// kratos_info.
const KratosInfoEndpoint = "kratos-info"

// KratosInfo is what the users of this Kratos are told.
type KratosInfo struct {
	// AdminURL and PublicURL are where neighbours reach the two APIs.
	AdminURL, PublicURL string
	// BrowserURL is the public address, where people's browsers reach Kratos.
	// Nobody is told anything while it is not known.
	BrowserURL string
	// The ConfigMaps that hold providers and identity schemas.
	ProvidersConfigMap, SchemasConfigMap, ConfigMapsNamespace string

	MFA, OIDCWebauthnSequencing, Verification bool
	Features                                  Features
}

// Features are the ways to sign in that the Login UI shows or hides.
type Features struct{ Password, Webauthn, TOTP, BackupCodes, AccountLinking bool }

// String gives the features that are on, with commas between them.
func (f Features) String() string {
	var on []string
	for _, flag := range []struct {
		on   bool
		name string
	}{
		{f.Password, "password"},
		{f.Webauthn, "webauthn"},
		{f.TOTP, "totp"},
		{f.BackupCodes, "backup_codes"},
		{f.AccountLinking, "account_linking"},
	} {
		if flag.on {
			on = append(on, flag.name)
		}
	}
	return strings.Join(on, ",")
}

// WriteKratosInfo tells the users of this Kratos about it. With all features
// off the key of the flags goes, so that none outlives its switch.
func WriteKratosInfo(i KratosInfo) Databag {
	if i.BrowserURL == "" {
		return Databag{}
	}
	bag := Databag{
		"admin_endpoint":                   i.AdminURL,
		"public_endpoint":                  i.PublicURL,
		"login_browser_endpoint":           strings.TrimRight(i.BrowserURL, "/") + "/self-service/login/browser",
		"sessions_endpoint":                strings.TrimRight(i.PublicURL, "/") + "/sessions/whoami",
		"providers_configmap_name":         i.ProvidersConfigMap,
		"schemas_configmap_name":           i.SchemasConfigMap,
		"configmaps_namespace":             i.ConfigMapsNamespace,
		"mfa_enabled":                      python(i.MFA),
		"oidc_webauthn_sequencing_enabled": python(i.OIDCWebauthnSequencing),
		"verification_enabled":             python(i.Verification),
	}
	if flags := i.Features.String(); flags != "" {
		bag["feature_flags"] = flags
	}
	return bag
}

// python writes a boolean as the charms on the other side read it.
func python(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
