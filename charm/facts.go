package charm

import (
	"errors"
	"fmt"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// facts are the World's relations, read.
type facts struct {
	database *relation.Database
	peers    *relation.Peers
	// providers are those of the integrators, none twice; byRelation has them as
	// each integrator wrote them.
	providers  []relation.Provider
	byRelation map[int][]relation.Provider
	hydra      relation.Hydra
	ui         relation.LoginUI
	onRegister []relation.Webhook
	onLogin    []relation.Webhook
	smtp       *relation.SMTP
	public     relation.Ingress
	internal   relation.Ingress
	cas        []string
	tracing    *relation.Tracing
	targets    []relation.LogTarget
	proxies    kratosconf.Proxies

	problems []problem
}

// problem is what is wrong with something that was given. With one, a running
// Kratos is left as it is. Without one running, a vital problem keeps it from
// being started; what any other is about is left out.
type problem struct {
	Condition
	vital bool
}

// trouble notes a problem that a person has to mend.
func (f *facts) trouble(vital bool, err error) {
	if err != nil {
		f.problems = append(f.problems, problem{Condition{juju.Blocked, sentence(err)}, vital})
	}
}

// vital tells whether Kratos must not be started.
func (f *facts) vital() bool {
	for _, p := range f.problems {
		if p.vital {
			return true
		}
	}
	return false
}

// use notes what is wrong with a value that was read from a relation. What the
// other side has not said yet is nothing wrong.
func (f *facts) use(vital bool, err error) (ok bool) {
	if err != nil && !errors.Is(err, relation.ErrWaiting) {
		f.trouble(vital, err)
	}
	return err == nil
}

// insist is use for what must not be done without: that the other side has not
// said it yet, or says it no more, is a problem too.
func (f *facts) insist(err error) (ok bool) {
	if errors.Is(err, relation.ErrWaiting) {
		f.problems = append(f.problems, problem{Condition{juju.Waiting, sentence(err)}, true})
		return false
	}
	return f.use(true, err)
}

func readFacts(w World) *facts {
	f := &facts{byRelation: map[int][]relation.Provider{}}
	f.readCore(w)
	f.readProviders(w)
	f.readWebhooks(w)
	f.readNeighbours(w)
	return f
}

// readCore reads what Kratos cannot do without.
func (f *facts) readCore(w World) {
	if r, ok := w.one(relation.DatabaseEndpoint); ok {
		if d, err := relation.ReadDatabase(r, w.Granted); f.use(true, err) {
			f.database = &d
		}
	}
	if r, ok := w.one(relation.PeersEndpoint); ok {
		if p, err := relation.ReadPeers(r, w.Unit); f.use(true, err) {
			f.peers = &p
		}
	}
}

func (f *facts) readProviders(w World) {
	var lists [][]relation.Provider
	for _, r := range w.Relations[relation.ExternalIDPEndpoint] {
		if list, err := relation.ReadProviders(r); f.use(false, err) {
			f.byRelation[r.ID] = list
			lists = append(lists, list)
		}
	}
	merged, err := relation.MergeProviders(lists...)
	f.trouble(false, err)
	f.providers = merged
}

// readWebhooks reads the calls that others want Kratos to make. They can be what
// keeps people out, so Kratos is not started without one that is asked for.
func (f *facts) readWebhooks(w World) {
	for _, r := range w.Relations[relation.RegistrationWebhookEndpoint] {
		if hook, err := relation.ReadRegistrationWebhook(r, w.Granted); f.insist(err) {
			f.onRegister = append(f.onRegister, f.checked(r, hook))
		}
	}
	for _, r := range w.Relations[relation.LoginWebhookEndpoint] {
		if hook, err := relation.ReadLoginWebhook(r, w.Granted); f.insist(err) {
			f.onLogin = append(f.onLogin, f.checked(r, hook))
		}
	}
	relation.SortWebhooks(f.onRegister)
	relation.SortWebhooks(f.onLogin)
}

// checked notes what Kratos would refuse of a call.
func (f *facts) checked(r relation.Relation, hook relation.Webhook) relation.Webhook {
	if hook.IgnoreResponse && hook.ParseResponse {
		f.trouble(true, fmt.Errorf("cannot use relation %s: its answer is both ignored and parsed", r))
	}
	if hook.Before && len(hook.Methods) > 0 {
		f.trouble(true, fmt.Errorf("cannot use relation %s: a call before the flow cannot be of some methods only", r))
	}
	_, err := jsonnetURL(hook.Body)
	if err != nil {
		f.trouble(true, fmt.Errorf("cannot use \"body\" in relation %s: %w", r, err))
	}
	return hook
}

func (f *facts) readNeighbours(w World) {
	ui, err := relation.ReadLoginUI(w.Relations[relation.LoginUIEndpoint])
	if f.use(false, err) {
		f.ui = ui
	}
	optional(f, w, relation.HydraEndpoint, relation.ReadHydra, func(h relation.Hydra) { f.hydra = h })
	optional(f, w, relation.PublicRouteEndpoint, relation.ReadRoute, func(i relation.Ingress) { f.public = i })
	optional(f, w, relation.InternalRouteEndpoint, relation.ReadRoute, func(i relation.Ingress) { f.internal = i })
	optional(f, w, relation.TracingEndpoint, relation.ReadTracing, func(t relation.Tracing) { f.tracing = &t })
	f.useBuiltinUI(w) // whose addresses are those of the routes
	readSMTP := func(r relation.Relation) (relation.SMTP, error) { return relation.ReadSMTP(r, w.Granted) }
	optional(f, w, relation.SMTPEndpoint, readSMTP, func(s relation.SMTP) { f.smtp = &s })
	for _, r := range w.Relations[relation.CACertsEndpoint] {
		if list, err := relation.ReadCACerts(r); f.use(false, err) {
			f.cas = append(f.cas, list...)
		}
	}
	for _, r := range w.Relations[relation.LoggingEndpoint] {
		if list, err := relation.ReadLogTargets(r); f.use(false, err) {
			f.targets = append(f.targets, list...)
		}
	}
}

// optional reads the one relation of an endpoint that Kratos can do without.
func optional[T any](f *facts, w World, endpoint string, read func(relation.Relation) (T, error), keep func(T)) {
	r, ok := w.one(endpoint)
	if !ok {
		return
	}
	if value, err := read(r); f.use(false, err) {
		keep(value)
	}
}

// publicURL is where people's browsers reach Kratos, or empty.
func (f *facts) publicURL() string {
	if f.public.Host == "" {
		return ""
	}
	return f.public.URL()
}
