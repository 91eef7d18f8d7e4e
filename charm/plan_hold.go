package charm

import (
	"bytes"
	"maps"
	"slices"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

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
	p.Courier = heldCourier(w, held.Services)
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
func heldCourier(w World, held map[string]pebble.Service) bool {
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
