package charm

import (
	"fmt"
	"slices"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// conditions are what the status has to tell of what is known, whatever is done
// about it.
func conditions(w World, f *facts, k *Keys, state schemaState) []Condition {
	var all []Condition
	add := func(when bool, status juju.StatusName, text string) {
		if when {
			all = append(all, Condition{status, text})
		}
	}
	related := w.related(relation.DatabaseEndpoint)
	add(!w.Container.Ready, juju.Waiting, statusContainer)
	add(!w.related(relation.PeersEndpoint), juju.Waiting, statusPeers)
	add(!related, juju.Blocked, statusDatabase)
	add(related && f.database == nil, juju.Waiting, statusCreation)
	add(k == nil || w.Keys == nil, juju.Waiting, statusSecret)
	all = append(all, f.schemaConditions(w, state)...)
	for _, p := range f.problems {
		all = append(all, p.Condition)
	}
	all = append(all, f.ingressConditions(w)...)
	if c, ok := clusterCondition(w.App(), w.Cluster.Err); ok {
		all = append(all, c)
	}
	add(w.Container.Mute, juju.Waiting, statusMute)
	add(k != nil && k.Rotation.Step == 1, juju.Active, statusRotation)
	return append(all, f.missing(w)...)
}

func (f *facts) schemaConditions(w World, state schemaState) []Condition {
	switch state {
	case schemaOlder:
		if w.Asked == AskedMigration {
			return nil
		}
		return []Condition{{juju.Waiting, fmt.Sprintf(statusMigration, w.Unit)}}
	case schemaElsewhere:
		return []Condition{{juju.Waiting, statusLeader}}
	case schemaUnanswered:
		return []Condition{{juju.Waiting, statusUnanswered}}
	case schemaNewer:
		recorded, _ := f.peers.Version(f.database.RelationID)
		return []Condition{{juju.Blocked, fmt.Sprintf(statusNewer, recorded, w.Container.Version)}}
	}
	return nil
}

func (f *facts) ingressConditions(w World) []Condition {
	if !w.related(relation.ExternalIDPEndpoint) || f.public.Host != "" {
		return nil
	}
	if w.related(relation.KratosInfoEndpoint) && !w.related(relation.PublicRouteEndpoint) {
		return []Condition{{juju.Blocked, statusHostname}}
	}
	return []Condition{{juju.Waiting, statusIngress}}
}

// missing tells what a Kratos that runs well does without, though people may
// look for it.
func (f *facts) missing(w World) []Condition {
	var all []Condition
	if !w.Options.LocalIDP {
		return nil
	}
	add := func(when, related bool, missing, silent string) {
		text := missing
		if related {
			text = silent
		}
		if when {
			all = append(all, Condition{juju.Active, text})
		}
	}
	add(f.ui.Login == "" || f.ui.Recovery == "", w.related(relation.LoginUIEndpoint), statusNoLoginUI, statusSilentUI)
	add(f.smtp == nil, w.related(relation.SMTPEndpoint), statusNoMail, statusSilentMail)
	return all
}

// secrets gives everything that the pass knows and nobody may read.
func secrets(w World, f *facts, k *Keys) []string {
	var all []string
	for _, content := range w.Granted {
		for _, key := range []string{"password", "entity-password", "uris", "read-only-uris", "auth-config-value"} {
			all = append(all, content[key])
		}
	}
	for _, keys := range []*Keys{w.Keys, k, &w.Fresh} {
		if keys == nil {
			continue
		}
		for _, value := range keys.pairs() {
			all = append(all, string(*value))
		}
	}
	return append(all, f.secrets(w)...)
}

// secrets gives those that some interfaces write in clear.
func (f *facts) secrets(w World) []string {
	var all []string
	for _, p := range f.providers {
		all = append(all, string(p.ClientSecret), string(p.ApplePrivateKey))
	}
	if m := w.configMaps(); m != nil {
		providers, _ := mapProviders(m.Providers)
		for _, p := range providers {
			all = append(all, string(p.ClientSecret), string(p.ApplePrivateKey))
		}
	}
	for _, h := range slices.Concat(f.onRegister, f.onLogin) {
		if h.Auth != nil {
			all = append(all, string(h.Auth.Value))
		}
	}
	if f.database != nil {
		all = append(all, string(f.database.Password), f.database.DSN(databaseCAPath))
	}
	if f.smtp != nil {
		all = append(all, string(f.smtp.Password), f.smtp.ConnectionURI())
	}
	return all
}
