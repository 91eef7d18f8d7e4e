package charm

import (
	"maps"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
)

// mark stands in every secret of the worlds. No status may hold it.
const mark = "s3cr3t-mark"

const databaseID = 2

func keysOf(name string) Keys {
	pad := func(kind string) KeyPair {
		text := mark + "-" + name + "-" + kind + "-xxxxxxxxxxxxxxxx"
		return KeyPair{Current: secretText(text[:32])}
	}
	return Keys{Cookie: pad("cook"), Cipher: pad("ciph"), Default: pad("defa")}
}

// world is a unit that serves well: the leader, alone, with a database.
func world(changes ...func(*World)) World {
	k := keysOf("a")
	w := World{
		Unit: "kratos/0", Model: "iam", ModelUUID: "5a6f1c52-9d0c-4a51-8d9e-0a3c7f3c1b11", Leader: true,
		Options: Options{
			LocalIDP: true, EnforceMFA: true, LogLevel: "info",
			SenderEmail: defaultSender, SenderName: "Canonical Identity Platform",
		},
		Relations: map[string][]relation.Relation{},
		Granted:   relation.Secrets{},
		Keys:      &k, Fresh: keysOf("f"),
		OpenPorts: []string{"4433/tcp", "4434/tcp"},
		Container: Container{Ready: true, Version: "v1.3.1"},
		Ports:     Ports{Public: 4433, Admin: 4434, UI: 4455},
	}
	having(relation.Relation{ID: databaseID, Endpoint: relation.DatabaseEndpoint, App: "pg", RemoteApp: relation.Databag{
		"endpoints": "pg.iam.svc:5432", "database": "iam_kratos", "username": "relation-2", "password": "p@ss: /?#" + mark,
	}})(&w)
	having(relation.Relation{ID: 1, Endpoint: relation.PeersEndpoint, App: "kratos", RemoteApp: relation.Databag{
		"migration_version_2": `"v1.3.1"`, "leader": `"kratos/0"`,
	}})(&w)
	for _, change := range changes {
		change(&w)
	}
	return w
}

func having(r relation.Relation) func(*World) {
	return func(w *World) {
		if r.LocalApp == nil && w.Leader {
			r.LocalApp = relation.Databag{}
		}
		w.Relations[r.Endpoint] = append(w.Relations[r.Endpoint], r)
	}
}

func without(endpoint string) func(*World) { return func(w *World) { delete(w.Relations, endpoint) } }

// peers replaces what the application's databag of the peers says.
func peers(bag relation.Databag) func(*World) {
	return func(w *World) { w.Relations[relation.PeersEndpoint][0].RemoteApp = bag }
}

func option(set func(*Options)) func(*World) { return func(w *World) { set(&w.Options) } }

func follower(w *World) { w.Leader = false }

func found(state DatabaseState) func(*World) { return func(w *World) { w.Database = state } }

// running is a container whose Kratos runs by the plan for the world as it is.
func running(w *World) {
	p, err := plan(*w)
	if err != nil {
		panic(err)
	}
	w.Container.Plan = pebble.Plan{Services: p.Layer.Services, Checks: p.Layer.Checks, LogTargets: p.Layer.LogTargets}
	w.Container.Config = p.Config
	w.Container.Services = map[string]pebble.ServiceStatus{}
	for name := range p.Layer.Services {
		w.Container.Services[name] = pebble.ServiceStatus{Name: name, Startup: pebble.Enabled, Current: pebble.Active}
	}
}

func remote(endpoint string, id int, bag relation.Databag) func(*World) {
	return having(relation.Relation{ID: id, Endpoint: endpoint, App: endpoint + "-app", RemoteApp: bag})
}

var loginUI = remote(relation.LoginUIEndpoint, 10, relation.Databag{
	"login_url": "https://ui.example.com/login", "error_url": "https://ui.example.com/error", "settings_url": "https://ui.example.com/settings",
	"recovery_url": "https://ui.example.com/recovery", "registration_url": "https://ui.example.com/register",
	"verification_url": "https://ui.example.com/verify", "webauthn_settings_url": "https://ui.example.com/keys",
	"account_linking_settings_url": "https://ui.example.com/links",
})

var publicRoute = remote(relation.PublicRouteEndpoint, 11, relation.Databag{"external_host": "iam.example.com:8443", "scheme": "https"})

var smtpServer = remote(relation.SMTPEndpoint, 12, relation.Databag{
	"host": "mail.example.com", "port": "465", "transport_security": "tls", "auth_type": "plain", "user": "AKIA",
	"password": "ab/cd+e#f" + mark, "smtp_sender": "people@example.com",
})

var github = remote(relation.ExternalIDPEndpoint, 13, relation.Databag{
	"providers": `[{"provider":"github","client_id":"cid","client_secret":"ab: cd ` + mark + `","id":"github_x","label":"GitHub"}]`,
})

var observers = []func(*World){
	remote(relation.MetricsEndpoint, 20, nil), remote(relation.DashboardEndpoint, 21, nil),
	having(relation.Relation{ID: 22, Endpoint: relation.LoggingEndpoint, App: "loki", RemoteUnits: map[string]relation.Databag{
		"loki/0": {"endpoint": `{"url":"http://loki-0:3100/loki/api/v1/push"}`},
	}}),
	remote(relation.TracingEndpoint, 23, relation.Databag{
		"receivers": `[{"protocol":{"name":"otlp_http","type":"http"},"url":"http://tempo.iam.svc:4318"}]`,
	}),
	func(w *World) { w.Address = "10.1.2.3" },
}

// hook is a call that a neighbour wants to be made.
func hook(endpoint string, id int, more relation.Databag) func(*World) {
	bag := relation.Databag{"url": "http://hooks.iam.svc/x", "body": "function(ctx) ctx", "method": "POST", "mode": "after"}
	maps.Copy(bag, more)
	return remote(endpoint, id, bag)
}

func configMaps(maps ...kube.ConfigMap) func(*World) {
	return func(w *World) { w.Cluster = Cluster{Asked: true, ConfigMaps: maps, Limits: &kube.Limits{}} }
}

func all(changes ...func(*World)) func(*World) {
	return func(w *World) {
		for _, change := range changes {
			change(w)
		}
	}
}

// builtin has the charm serve the pages itself.
func builtin(w *World) { w.Options.BuiltinUI, w.Program = true, []byte("ELF") }
