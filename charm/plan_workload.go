package charm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// options notes what is wrong with the options that no other part looks at.
func (f *facts) options(w World) {
	o := w.Options
	if o.Sequencing && o.Passwordless {
		f.problems = append(f.problems, problem{Condition{juju.Blocked, statusMFA}, true})
	}
	f.proxies = kratosconf.Proxies{HTTP: f.proxy("http_proxy", o.HTTPProxy), HTTPS: f.proxy("https_proxy", o.HTTPSProxy), No: o.NoProxy}
}

// proxy gives a proxy's URL. The scheme can be left out, as everywhere where
// proxies are named.
func (f *facts) proxy(option, value string) string {
	if value == "" {
		return ""
	}
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	if err := kratosconf.CheckURL(option, value); err != nil {
		f.trouble(false, err)
		return ""
	}
	return value
}

// workload says what is to become of the services.
func (p *Plan) workload(w World, f *facts, c kratosconf.Config, k *Keys, state schemaState) error {
	switch {
	case !w.Container.Ready:
		return nil
	case !w.related(relation.DatabaseEndpoint), state == schemaNewer:
		p.Workload, p.Layer = Stop, stoppedLayer(w)
		return nil
	case f.database == nil, k == nil, w.Keys == nil:
		return nil
	}
	env, err := environment(w, f, *k)
	f.trouble(true, err)
	switch {
	case w.unseen() && !w.serving(): // what would be started could be another one
		return nil
	case p.serves(w, f, state) && !w.unseen():
		return p.serve(w, f, c, env)
	case w.serving() && (state == schemaCurrent || p.Migrate):
		return p.hold(w, f)
	}
	return nil
}

// serve has Kratos run by what is known.
func (p *Plan) serve(w World, f *facts, c kratosconf.Config, env kratosconf.Environment) (err error) {
	if p.Config, err = c.YAML(); err != nil {
		return err
	}
	p.Workload = Serve
	p.Files, p.Scripts = files(w, f), scripts(w, c)
	p.Courier, p.UI = w.Leader && f.smtp != nil, w.builtinUI()
	p.Layer = servingLayer(w, f, variables(w, f, env, p.Config, p.Files), p.Courier)
	p.Try = w.serving() && roomForTrial(w.Options) && !w.onlyWayToDatabase(p)
	p.Candidate, err = candidate(p.Layer)
	return err
}

// onlyWayToDatabase tells whether nothing but the way to the database has changed,
// or what serves does so no more: then there is nothing to be won by a trial, and
// time to be lost, since a new server may need its time.
func (w World) onlyWayToDatabase(p *Plan) bool {
	if w.Container.Checks[checkReady].Status == pebble.Down {
		return true
	}
	have, want := w.Container.Plan.Services[serviceKratos].Environment, p.Layer.Services[serviceKratos].Environment
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if name != "DSN" && name != filesVariable && name != databaseVariable && have[name] != want[name] {
			return false
		}
	}
	return len(have) == len(want) && bytes.Equal(w.Container.Config, p.Config)
}

// hold keeps the Kratos that runs as it is, while something keeps the plan from
// being carried out, but for the way to its database: that one can be the last
// thing that still worked.
func (p *Plan) hold(w World, f *facts) (err error) {
	held := pebble.Layer{Services: map[string]pebble.Service{}}
	for _, name := range allServices() {
		service, ok := w.Container.Plan.Services[name]
		if !ok || service.Environment == nil {
			continue
		}
		if _, has := service.Environment["DSN"]; has {
			service.Environment = throughDatabase(service, f.database)
		}
		held.Services[name] = service
	}
	p.Held = true
	p.Courier = heldCourier(w, f, held.Services)
	if w.Container.Plan.Holds(held) && !p.Migrate {
		return nil
	}
	p.Workload, p.Layer, p.Config = Serve, held, w.Container.Config
	if f.database.CA != "" {
		p.Files = map[string][]byte{databaseCAPath: []byte(f.database.CA)}
	}
	_, p.UI = held.Services[serviceUI]
	p.Candidate, err = candidate(held)
	return err
}

// heldCourier has the mails sent by the leader, as ever, with what the Kratos that
// is held knows of the mail server.
func heldCourier(w World, f *facts, held map[string]pebble.Service) bool {
	kratos := held[serviceKratos]
	sends := w.Leader && kratos.Environment["COURIER_SMTP_CONNECTION_URI"] != ""
	_, known := w.Container.Plan.Services[serviceCourier]
	switch {
	case sends:
		held[serviceCourier] = courierService(kratos.Environment)
	case known:
		held[serviceCourier] = disabled(w, serviceCourier)
	}
	return sends
}

// throughDatabase gives a service's environment with the way to the database as
// it is now, and its authority among the files.
func throughDatabase(s pebble.Service, d *relation.Database) map[string]string {
	env := maps.Clone(s.Environment)
	env["DSN"] = d.DSN(databaseCAPath)
	files := recorded(s)
	if files == nil {
		files = map[string]string{}
	}
	if delete(files, databaseCAPath); d.CA != "" {
		files[databaseCAPath] = fingerprint([]byte(d.CA))
	}
	env[filesVariable] = record(files)
	return env
}

// migrates tells whether the database is to be migrated in this pass: an empty
// one by itself, any other where it was asked for.
func (f *facts) migrates(w World, state schemaState) bool {
	if !w.Leader || !w.Container.Ready || w.Keys == nil || f.database == nil || f.peers == nil {
		return false
	}
	return state == schemaNone || w.Asked == AskedMigration && state != schemaNewer
}

// serves tells whether Kratos is to run by what is known. One that runs is left as
// it is while anything is wrong; without one, what is not vital is left out.
func (p *Plan) serves(w World, f *facts, state schemaState) bool {
	if state != schemaCurrent && !p.Migrate || f.vital() {
		return false
	}
	return !w.serving() || len(f.problems) == 0
}

// candidate gives the hash of a layer, which has the hashes of all files in it.
func candidate(l pebble.Layer) (string, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return "", fault.New(fault.Internal, "cannot marshal the layer").Because(err)
	}
	return fingerprint(text), nil
}

// scripts are the jsonnet programs that are to be looked at before Kratos gets
// them: those that stand in the configuration itself. They are looked at once,
// with the candidate that brings them.
func scripts(w World, c kratosconf.Config) []Script {
	var all []Script
	add := func(where, url string) {
		if text, err := jsonnetText(url); err == nil && text != nil {
			all = append(all, Script{Where: where, Text: text})
		}
	}
	if oidc := c.SelfService.Methods.OIDC.Config; oidc != nil {
		for i, p := range oidc.Providers {
			if p.MapperURL != kratosconf.DefaultMapper(p.Provider) {
				add(fmt.Sprintf("selfservice.methods.oidc.config.providers.%d.mapper_url", i), p.MapperURL)
			}
		}
	}
	flows := c.SelfService.Flows
	for _, hooks := range []struct {
		flow   string
		before *kratosconf.Before
		after  *kratosconf.After
	}{{"login", flows.Login.Before, flows.Login.After}, {"registration", flows.Registration.Before, flows.Registration.After}} {
		for _, body := range bodies(hooks.before, hooks.after) {
			add("selfservice.flows."+hooks.flow+": the body of a web hook", body)
		}
	}
	return all
}

// bodies gives the web hooks' bodies of a flow, none twice.
func bodies(b *kratosconf.Before, a *kratosconf.After) []string {
	var hooks []kratosconf.Hook
	if b != nil {
		hooks = append(hooks, b.Hooks...)
	}
	if a != nil {
		for _, method := range slices.Sorted(maps.Keys(a.Methods)) {
			hooks = append(hooks, a.Methods[method].Hooks...)
		}
	}
	var all []string
	for _, h := range hooks {
		if h.Config != nil && !slices.Contains(all, h.Config.Body) {
			all = append(all, h.Config.Body)
		}
	}
	return all
}

// relations says what the databags should hold.
func (p *Plan) relations(w World, f *facts, c kratosconf.Config, k *Keys, encrypt bool) {
	p.Bags = bags(w, f, c)
	plain, migrated := peersBag(w, f, k, encrypt)
	if plain != nil {
		p.Bags = append(p.Bags, *plain)
	}
	if p.Migrate {
		p.Migrated = migrated
	}
	if !p.Held { // what is held runs with the keys that it has
		p.Acknowledged = acknowledgement(w, k)
	}
}

// memory is what is to be remembered of what was learned.
func memory(w World) Memory {
	m := w.Container.Memory
	if w.Cluster.known() {
		m.ConfigMaps = w.Cluster.data(w.App())
	}
	return m
}

func missingPorts(w World) []string {
	var missing []string
	ports := []int{w.Ports.Public, w.Ports.Admin}
	if w.builtinUI() {
		ports = append(ports, w.Ports.UI)
	}
	for _, port := range ports {
		if name := fmt.Sprintf("%d/tcp", port); !slices.Contains(w.OpenPorts, name) {
			missing = append(missing, name)
		}
	}
	return missing
}
