package relation

// LoginUIEndpoint is the relation to the pages of sign-in and self-service,
// interface login_ui_endpoints.
const LoginUIEndpoint = "ui-endpoint-info"

// LoginUI holds the URLs of the pages; one that nobody offers is empty.
type LoginUI struct {
	Consent, Error, Login, OIDCError               string
	DeviceVerification, PostDeviceDone             string
	Recovery, Registration, Settings, Verification string
	WebauthnSettings, AccountLinkingSettings       string
}

// pages are the keys of the databag and where their values go.
func (u *LoginUI) pages() []page {
	return []page{
		{"consent_url", &u.Consent},
		{"error_url", &u.Error},
		{"login_url", &u.Login},
		{"oidc_error_url", &u.OIDCError},
		{"device_verification_url", &u.DeviceVerification},
		{"post_device_done_url", &u.PostDeviceDone},
		{"recovery_url", &u.Recovery},
		{"registration_url", &u.Registration},
		{"settings_url", &u.Settings},
		{"verification_url", &u.Verification},
		{"webauthn_settings_url", &u.WebauthnSettings},
		{"account_linking_settings_url", &u.AccountLinkingSettings},
	}
}

type page struct {
	key string
	url *string
}

// ReadLoginUI reads the pages of all relations of the endpoint. Each page may be
// offered by one of them only: with two offers nobody knows which one people
// should see, and the error names the later relation.
func ReadLoginUI(relations []Relation) (LoginUI, error) {
	var ui LoginUI
	for _, r := range relations {
		for _, p := range ui.pages() {
			offered := r.RemoteApp[p.key]
			if offered == "" {
				continue
			}
			if *p.url != "" {
				return LoginUI{}, r.malformed(p.key, "another relation offers the same page")
			}
			if _, ok := webURL(offered); !ok {
				return LoginUI{}, r.malformed(p.key, notWebURL)
			}
			*p.url = offered
		}
	}
	if ui == (LoginUI{}) && len(relations) > 0 {
		return LoginUI{}, relations[0].waiting("login_url")
	}
	return ui, nil
}
