package charm

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// builtinUI tells whether the charm serves the pages itself: a login UI that is
// related wins.
func (w World) builtinUI() bool { return w.Options.BuiltinUI && !w.related(relation.LoginUIEndpoint) }

// useBuiltinUI has Kratos lead to the charm's own pages. There is none to
// register on: whoever comes is invited, or known to an external provider.
func (f *facts) useBuiltinUI(w World) {
	if !w.builtinUI() {
		return
	}
	if w.related(relation.HydraEndpoint) {
		f.trouble(false, errors.New("missing integration "+relation.LoginUIEndpoint+": the pages of enable_builtin_ui cannot ask for the consent that "+relation.HydraEndpoint+" needs"))
	}
	f.ui = pages(baseURL(w, f))
}

// pages gives the addresses of the charm's own pages.
func pages(base string) relation.LoginUI {
	return relation.LoginUI{
		Error: base + "/error", Login: base + "/login", Settings: base + "/settings",
		Recovery: base + "/recovery", Verification: base + "/verification",
	}
}

// inside is who can be between a browser and the pages: the ingress, somewhere in
// the cluster. Whoever else is in there reaches Kratos' own port as well, which
// believes what anybody says of a client's address.
const inside = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,127.0.0.0/8,fc00::/7,::1"

// uiService runs this program in the container.
func uiService(w World, f *facts) pebble.Service {
	return pebble.Service{
		Override: pebble.Replace, Summary: "The pages of sign-in and self-service", Startup: pebble.Enabled,
		Command: programPath + " ui",
		Environment: map[string]string{
			"KRATOS_PUBLIC_URL":             fmt.Sprintf("http://127.0.0.1:%d", w.Ports.Public),
			"KRATOS_AGENT_UI_LISTEN":        fmt.Sprintf("%s:%d", w.Ports.Host, w.Ports.UI),
			"KRATOS_AGENT_UI_PUBLIC_URL":    baseURL(w, f),
			"KRATOS_AGENT_UI_TRUSTED_PROXY": inside,
			"KRATOS_AGENT_UI_ENFORCE_MFA":   strconv.FormatBool(w.Options.LocalIDP && w.Options.EnforceMFA),
			programVariable:                 fingerprint(w.Program),
		},
	}
}
