package charm

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// defaultSender is the default of the option sender_email. A mail server that
// names another sender is heard only where nobody has set the option.
const defaultSender = "identity@canonical.com"

// environment is that of both services.
func environment(w World, f *facts, k Keys) (kratosconf.Environment, error) {
	level, err := kratosconf.LogLevel("log_level", w.Options.LogLevel)
	if err != nil {
		return kratosconf.Environment{}, err
	}
	e := kratosconf.Environment{
		CookieSecrets: k.Cookie.list(), CipherSecrets: k.ciphers(), DefaultSecrets: k.Default.list(),
		Log:               kratosconf.Log{Level: level, Format: "json"},
		CORS:              true,
		OAuth2ProviderURL: f.hydra.AdminURL,
		Proxies:           f.proxies,
		Dev:               w.Options.Dev,
		Courier:           courier(w, f),
	}
	if f.database != nil {
		e.DSN = kratosconf.Secret(f.database.DSN(databaseCAPath))
	}
	e.Serve.Public = &kratosconf.Listener{BaseURL: baseURL(w, f)}
	if url := f.publicURL(); url != "" {
		e.AllowedReturnURLs = []string{url + "/"}
	}
	if w.Options.Sequencing || w.Options.LocalIDP && w.Options.EnforceMFA {
		e.RequiredAAL = kratosconf.HighestAvailable
	}
	if f.tracing != nil {
		e.Tracing = &kratosconf.Tracing{Endpoint: f.tracing.Server, Insecure: f.tracing.Insecure, SamplingRatio: 1}
	}
	if len(f.cas) > 0 {
		// The directory takes the place of the system's own, which stays.
		e.CertDir = caDir + ":/etc/ssl/certs"
	}
	return e, nil
}

// baseURL is what Kratos takes for its own address: the best that is known of
// those that somebody can reach it by. Left to itself it takes its host's name,
// and https.
func baseURL(w World, f *facts) string {
	switch {
	case f.publicURL() != "":
		return f.publicURL()
	case w.builtinUI(): // in front of Kratos stand our own pages
		return w.inCluster(w.Ports.UI)
	case f.internal.Host != "":
		return f.internal.URL()
	}
	return w.inCluster(w.Ports.Public)
}

func courier(w World, f *facts) kratosconf.Courier {
	c := kratosconf.Courier{FromAddress: w.Options.SenderEmail, FromName: w.Options.SenderName, TemplatePath: templatesDir}
	if w.Options.RecoveryTemplate != "" {
		c.RecoveryCodeBody = "file://" + recoveryPath
	}
	if f.smtp == nil {
		return c
	}
	c.ConnectionURI = kratosconf.Secret(f.smtp.ConnectionURI())
	if f.smtp.Sender != "" && w.Options.SenderEmail == defaultSender {
		c.FromAddress = f.smtp.Sender
	}
	return c
}

// files are those that Kratos reads beside its configuration.
func files(w World, f *facts) map[string][]byte {
	all := map[string][]byte{}
	if w.Options.RecoveryTemplate != "" {
		all[recoveryPath] = []byte(w.Options.RecoveryTemplate)
	}
	if w.verification() && w.VerificationTemplate != "" {
		all[verificationPath] = []byte(w.VerificationTemplate)
	}
	if len(f.cas) > 0 {
		all[caPath] = []byte(strings.Join(f.cas, ""))
	}
	if f.database != nil && f.database.CA != "" {
		all[databaseCAPath] = []byte(f.database.CA)
	}
	return all
}

// variables gives the environment as it stands in the plan: Kratos' own, and
// what the charm wants to find there again.
func variables(w World, f *facts, e kratosconf.Environment, config []byte, files map[string][]byte) map[string]string {
	env := e.Map()
	env["SQA_OPT_OUT"] = "true" // nobody asked for its telemetry
	env[versionVariable] = w.Container.Version
	env[databaseVariable] = strconv.Itoa(f.database.RelationID)
	hashes := map[string]string{configPath: fingerprint(config)}
	for path, content := range files {
		hashes[path] = fingerprint(content)
	}
	env[filesVariable] = record(hashes)
	if w.Ports.Host != "" {
		env["SERVE_PUBLIC_HOST"], env["SERVE_ADMIN_HOST"] = w.Ports.Host, w.Ports.Host
	}
	if w.Ports.Public != relation.PublicPort || w.Ports.Admin != relation.AdminPort {
		env["SERVE_PUBLIC_PORT"], env["SERVE_ADMIN_PORT"] = strconv.Itoa(w.Ports.Public), strconv.Itoa(w.Ports.Admin)
	}
	return env
}

// servingLayer has Kratos run, watched by its checks, and the courier where it
// is this unit's to send mails.
func servingLayer(w World, f *facts, env map[string]string, sends bool) pebble.Layer {
	l := pebble.Layer{
		Summary:    "Ory Kratos",
		Services:   map[string]pebble.Service{serviceKratos: service("Ory Kratos", "kratos serve all", env)},
		LogTargets: logTargets(w, f),
		Checks: map[string]pebble.Check{
			checkReady: healthCheck(w, checkReady, checkReady),
			checkAlive: healthCheck(w, checkAlive, checkAlive),
		},
	}
	if sends {
		l.Services[serviceCourier] = courierService(env)
	}
	if w.builtinUI() {
		l.Services[serviceUI] = uiService(w, f)
	}
	for _, name := range []string{serviceCourier, serviceUI} {
		_, wanted := l.Services[name]
		if _, known := w.Container.Plan.Services[name]; known && !wanted {
			l.Services[name] = disabled(w, name) // what a layer no longer names stays in the plan
		}
	}
	return l
}

// service runs a command of Kratos'.
func service(summary, command string, env map[string]string) pebble.Service {
	return pebble.Service{
		Override: pebble.Replace, Summary: summary, Startup: pebble.Enabled,
		Command: command + " --config " + configPath, Environment: env,
	}
}

func courierService(env map[string]string) pebble.Service {
	return service("The sender of Kratos' mails", "kratos courier watch", env)
}

func healthCheck(w World, path, level string) pebble.Check {
	return pebble.Check{
		Override: pebble.Replace, Level: level,
		HTTP: &pebble.HTTPCheck{URL: fmt.Sprintf("http://127.0.0.1:%d/admin/health/%s", w.Ports.Admin, path)},
	}
}

// disabled gives a service of the plan as one that is not to be started, and
// that holds no secret any more.
func disabled(w World, name string) pebble.Service {
	s := w.Container.Plan.Services[name]
	return pebble.Service{Override: pebble.Replace, Startup: pebble.Disabled, Command: s.Command}
}

// stoppedLayer has nothing run of what the plan knows. A check cannot be taken
// out of a plan; without a level it is none that Kubernetes asks about.
func stoppedLayer(w World) pebble.Layer {
	l := pebble.Layer{Summary: "Ory Kratos, stopped", Services: map[string]pebble.Service{}, Checks: map[string]pebble.Check{}}
	for _, name := range allServices() {
		if _, known := w.Container.Plan.Services[name]; known {
			l.Services[name] = disabled(w, name)
		}
	}
	for _, name := range []string{checkReady, checkAlive} {
		if _, known := w.Container.Plan.Checks[name]; known {
			check := healthCheck(w, name, "")
			check.Period = pebble.Duration(24 * time.Hour)
			l.Checks[name] = check
		}
	}
	return l
}

// logTargets sends the services' output to every Loki that is related, and no
// more to those that were.
func logTargets(w World, f *facts) map[string]pebble.LogTarget {
	targets := map[string]pebble.LogTarget{}
	labels := w.topology().LogLabels()
	for name, t := range w.Container.Plan.LogTargets {
		if t.Labels["juju_application"] == w.App() {
			t.Override, t.Services = pebble.Replace, []string{"-all"}
			targets[name] = t
		}
	}
	for _, t := range f.targets {
		targets[t.Unit] = pebble.LogTarget{
			Override: pebble.Replace, Type: "loki", Location: t.URL, Services: []string{"all"}, Labels: labels,
		}
	}
	return targets
}
