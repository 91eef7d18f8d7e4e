package charm

import (
	"encoding/json"
	"fmt"
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
	p.Files, p.Scripts = files(w, f), scripts(c)
	p.Courier, p.UI = w.Leader && f.smtp != nil, w.builtinUI()
	p.Layer = servingLayer(w, f, variables(w, f, env, p.Config, p.Files), p.Courier)
	p.Try = w.serving() && roomForTrial(w.Options) && !w.onlyWayToDatabase(p)
	p.Candidate, err = candidate(p.Layer)
	return err
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
