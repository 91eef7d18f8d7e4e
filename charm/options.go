package charm

import (
	"fmt"
	"reflect"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// Options are the charm's, as config.yaml declares them and Juju gives them. One
// that is not set and has no default is empty.
type Options struct {
	HTTPProxy        string `option:"http_proxy"`
	HTTPSProxy       string `option:"https_proxy"`
	NoProxy          string `option:"no_proxy"`
	CPU              string `option:"cpu"`
	Memory           string `option:"memory"`
	Dev              bool   `option:"dev"`
	LocalIDP         bool   `option:"enable_local_idp"`
	EnforceMFA       bool   `option:"enforce_mfa"`
	Verification     bool   `option:"enable_verification"`
	SenderEmail      string `option:"sender_email"`
	SenderName       string `option:"sender_name"`
	Passwordless     bool   `option:"enable_passwordless_login_method"`
	Sequencing       bool   `option:"enable_oidc_webauthn_sequencing"`
	IdentitySchemas  string `option:"identity_schemas"`
	DefaultSchemaID  string `option:"default_identity_schema_id"`
	RecoveryTemplate string `option:"recovery_email_template"`
	LogLevel         string `option:"log_level"`
	BuiltinUI        bool   `option:"enable_builtin_ui"`
}

// readOptions takes the options out of what config-get gives. Juju has checked
// their types; an option that an older revision of the charm had is passed over.
func readOptions(given map[string]any) (Options, error) {
	var o Options
	v := reflect.ValueOf(&o).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("option")
		value, ok := given[name]
		if !ok || value == nil {
			continue
		}
		if reflect.TypeOf(value) != v.Field(i).Type() {
			return Options{}, fault.New(fault.Internal, "cannot read option %s: it is a %s", name, fmt.Sprintf("%T", value))
		}
		v.Field(i).Set(reflect.ValueOf(value))
	}
	return o, nil
}
