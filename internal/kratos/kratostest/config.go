package kratostest

import (
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// The identity schemas of every test server.
const (
	// AdminSchema: username and email, both to sign in with, and no other
	// traits than name and phone_number. What Charmed Kratos calls the same.
	AdminSchema = "admin_v0"
	// DefaultSchema: email to sign in with by password, security key or code,
	// and any further trait. The server's default.
	DefaultSchema = "social_user_v0"
	// UsernameSchema: a username and no address at all.
	UsernameSchema = "username_only"
	// NoIdentifierSchema: no trait is an identifier.
	NoIdentifierSchema = "no_identifier"
	// ContactSchema: contact_email is a recovery address but no identifier.
	ContactSchema = "contact_email"
	// CamelSchema: emailAddress is the identifier; any further trait.
	CamelSchema = "camel_case"
)

//go:embed schemas/*.json
var schemaFiles embed.FS

// RecoveryUI is the page that recovery codes are typed into, as configured.
// Nothing listens there.
const RecoveryUI = "http://127.0.0.1:4455/recovery"

// settings gives the configuration file of a server: the base, the ports, and
// over them the overrides.
func settings(dsn string, publicPort, adminPort int, marker string, overrides map[string]any) ([]byte, error) {
	schemas, err := identitySchemas(marker)
	if err != nil {
		return nil, err
	}
	all := baseSettings()
	all["dsn"] = dsn
	all["identity"] = map[string]any{"default_schema_id": DefaultSchema, "schemas": schemas}
	all["serve"] = map[string]any{
		"public": listener(publicPort),
		"admin":  listener(adminPort),
	}
	merge(all, overrides)
	return json.MarshalIndent(all, "", "  ")
}

// baseURL reads back where the server of this configuration says it is.
func baseURL(configuration []byte) (string, error) {
	var c struct {
		Serve struct {
			Public struct {
				BaseURL string `json:"base_url"`
			}
		}
	}
	err := json.Unmarshal(configuration, &c)
	return c.Serve.Public.BaseURL, err
}

func listener(port int) map[string]any {
	return map[string]any{"host": "127.0.0.1", "port": port, "base_url": fmt.Sprintf("http://127.0.0.1:%d/", port)}
}

func baseSettings() map[string]any {
	const ui = "http://127.0.0.1:4455"
	return map[string]any{
		"log":     map[string]any{"level": "warning"},
		"hashers": map[string]any{"algorithm": "bcrypt", "bcrypt": map[string]any{"cost": 4}},
		"secrets": map[string]any{"cookie": []string{"kratostest-cookie-secret"}, "cipher": []string{"kratostest-cipher-secret-32-long"}},
		"session": map[string]any{"whoami": map[string]any{"required_aal": "highest_available"}},
		"courier": map[string]any{"smtp": map[string]any{"connection_uri": "smtp://127.0.0.1:1/?disable_starttls=true"}},
		"selfservice": map[string]any{
			"default_browser_return_url": ui + "/",
			"methods":                    methods(),
			"flows": map[string]any{
				"error":        map[string]any{"ui_url": ui + "/error"},
				"login":        map[string]any{"ui_url": ui + "/login"},
				"registration": map[string]any{"enabled": false, "ui_url": ui + "/registration"},
				"verification": map[string]any{"enabled": true, "ui_url": ui + "/verification"},
				"recovery":     map[string]any{"enabled": true, "ui_url": RecoveryUI},
				"settings": map[string]any{
					"ui_url": ui + "/settings", "required_aal": "highest_available", "privileged_session_max_age": "15m",
				},
			},
		},
	}
}

func methods() map[string]any {
	on := map[string]any{"enabled": true}
	rp := func() map[string]any {
		return map[string]any{"id": "localhost", "display_name": "kratostest", "origins": []string{"http://localhost:4455"}}
	}
	return map[string]any{
		"password":      map[string]any{"enabled": true, "config": map[string]any{"haveibeenpwned_enabled": false}},
		"link":          on,
		"code":          on,
		"lookup_secret": on,
		"oidc":          on,
		"totp":          map[string]any{"enabled": true, "config": map[string]any{"issuer": "kratostest"}},
		"webauthn":      map[string]any{"enabled": true, "config": map[string]any{"rp": rp()}},
		"passkey":       map[string]any{"enabled": true, "config": map[string]any{"rp": rp()}},
	}
}

// identitySchemas gives the schemas with the marker in their $id, by which a
// server is told from another that took its port.
func identitySchemas(marker string) ([]map[string]any, error) {
	files, err := schemaFiles.ReadDir("schemas")
	if err != nil {
		return nil, err
	}
	var schemas []map[string]any
	for _, f := range files {
		text, err := schemaFiles.ReadFile(path.Join("schemas", f.Name()))
		if err != nil {
			return nil, err
		}
		marked := strings.Replace(string(text), "https://kratos-agent.test/", "https://kratos-agent.test/"+marker+"/", 1)
		schemas = append(schemas, map[string]any{
			"id":  strings.TrimSuffix(f.Name(), ".json"),
			"url": "base64://" + base64.StdEncoding.EncodeToString([]byte(marked)),
		})
	}
	return schemas, nil
}

// merge lays the overrides over all. A key may be dotted; nil removes what is
// there; maps are merged; everything else replaces.
func merge(all, overrides map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(overrides)) {
		set(all, strings.Split(key, "."), overrides[key])
	}
}

func set(at map[string]any, keys []string, value any) {
	key := keys[0]
	below, isMap := at[key].(map[string]any)
	if len(keys) > 1 {
		if !isMap {
			below = map[string]any{}
		}
		below = maps.Clone(below)
		at[key] = below
		set(below, keys[1:], value)
		return
	}
	if value == nil {
		delete(at, key)
		return
	}
	if over, ok := value.(map[string]any); ok && isMap {
		below = maps.Clone(below)
		at[key] = below
		merge(below, over)
		return
	}
	at[key] = value
}
