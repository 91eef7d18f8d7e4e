package dispatch_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	kratosagent "github.com/kratos-agent/kratos-agent"
	"github.com/kratos-agent/kratos-agent/charm"
	"github.com/kratos-agent/kratos-agent/internal/dispatch"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
	"github.com/kratos-agent/kratos-agent/internal/pgtest"
	"github.com/kratos-agent/kratos-agent/internal/spec"
	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// mark stands in every secret of these tests.
const mark = "s3cr3t-mark"

// model is what the units of a deployment share: the database's server, and
// Kubernetes.
type model struct {
	binary string
	pg     *pgtest.Cluster
	kube   *kubetest.Double
}

func newModel(t testing.TB, binary string, maps ...kubetest.ConfigMap) model {
	t.Helper()
	return model{binary: binary, pg: pgtest.New(t), kube: kubetest.Start(t, kubetest.Options{ConfigMaps: maps})}
}

// charmed is a unit: what Juju keeps of it, its container, and the Kratos that
// comes up there by hooks alone.
type charmed struct {
	t      testing.TB
	model  model
	unit   *jujutest.Unit
	pod    *pebbletest.Double
	ports  charm.Ports
	stderr bytes.Buffer
}

func (m model) deploy(t testing.TB, unit *jujutest.Unit) *charmed {
	t.Helper()
	c := &charmed{t: t, model: m, unit: unit, ports: charm.Ports{
		Public: testneed.Port(t), Admin: testneed.Port(t), UI: testneed.Port(t), Host: "127.0.0.1",
	}}
	c.pod = pebbletest.Start(t, pebbletest.Options{
		Hold: true, Programs: map[string]string{"kratos": m.binary},
	})
	t.Cleanup(c.nowhere)
	return c
}

func (c *charmed) options(path string) dispatch.Options {
	declared, err := spec.Parse(kratosagent.Actions)
	if err != nil {
		c.t.Fatal(err)
	}
	return dispatch.Options{
		Runner: c.unit, Stderr: &c.stderr, Declared: declared, BcryptCost: 4, Ports: c.ports, ServiceAccount: c.model.kube.TokenDir,
		Getenv: func(name string) string {
			switch name {
			case "JUJU_DISPATCH_PATH":
				return path
			case "KRATOS_ADMIN_URL":
				return c.kratos().AdminURL
			case pebble.SocketVariable:
				return c.pod.Socket
			}
			for _, kv := range c.unit.Env() {
				if value, ok := strings.CutPrefix(kv, name+"="); ok {
					return value
				}
			}
			return c.model.kube.Getenv(name)
		},
	}
}

// hook runs a hook, and once more: the second time must change nothing.
func (c *charmed) hook(name string, env ...string) {
	c.t.Helper()
	c.once(name, env...)
	before := c.seen()
	c.pod.Forget()
	c.model.kube.Forget()
	c.once(name, env...)
	if diff := cmp.Diff(before, c.seen()); diff != "" {
		c.t.Errorf("%s changes something the second time (-first +second)\n%s", name, diff)
	}
	for _, request := range c.pod.Journal() {
		asks := strings.HasPrefix(request, "GET ") || request == "POST /v1/services" // a replan
		if asked := request == "POST /v1/exec" && !c.serves(); !asks && !asked {
			c.t.Errorf("%s: the second time it asks Pebble for %s", name, request)
		}
	}
	for _, request := range c.model.kube.Journal() {
		if !strings.HasPrefix(request, "GET ") {
			c.t.Errorf("%s: the second time it asks Kubernetes for %s", name, request)
		}
	}
}

func (c *charmed) once(name string, env ...string) {
	c.t.Helper()
	c.unit.BeginHook(name, env...)
	code := dispatch.Main(c.t.Context(), c.options("hooks/"+name))
	c.unit.End(code)
	if code != 0 {
		c.t.Fatalf("hook %s: exit code %d: %s", name, code, &c.stderr)
	}
}

// action runs an action and gives its task.
func (c *charmed) action(name string, params map[string]any) *jujutest.Task {
	c.t.Helper()
	c.unit.BeginAction(name, params)
	return c.unit.End(dispatch.Main(c.t.Context(), c.options("actions/"+name)))
}

// completed runs an action that has to succeed.
func (c *charmed) completed(name string, params map[string]any) *jujutest.Task {
	c.t.Helper()
	task := c.action(name, params)
	if task.Status != "completed" {
		c.t.Fatalf("%s: %s: %s", name, task.Status, task.Message)
	}
	return task
}

// seen is all that a hook could change.
type seen struct {
	Juju     string
	Services map[string]pebble.ServiceStatus
	Config   string
}

func (c *charmed) seen() seen {
	c.t.Helper()
	st := *c.unit.State()
	st.Running, st.Tasks, st.DebugLog = nil, nil, nil
	services, err := pebble.New(c.pod.Socket).Services(c.t.Context())
	if err != nil && !errors.Is(err, pebble.ErrNotReady) {
		c.t.Fatal(err)
	}
	for _, secret := range st.Secrets {
		secret.Consumers = nil // who has read it
	}
	text, err := yaml.Marshal(st)
	if err != nil {
		c.t.Fatal(err)
	}
	return seen{Juju: string(text), Services: services, Config: c.file("/etc/config/kratos/kratos.yaml")}
}

func (c *charmed) file(path string) string {
	content, err := pebble.New(c.pod.Socket).ReadFile(context.WithoutCancel(c.t.Context()), path)
	if err != nil {
		return ""
	}
	return string(content)
}

func (c *charmed) current(service string) string {
	c.t.Helper()
	services, err := pebble.New(c.pod.Socket).Services(c.t.Context(), service)
	if err != nil {
		c.t.Fatal(err)
	}
	return services[service].Current
}

func (c *charmed) since() time.Time {
	c.t.Helper()
	services, err := pebble.New(c.pod.Socket).Services(c.t.Context(), "kratos")
	if err != nil {
		c.t.Fatal(err)
	}
	return services["kratos"].CurrentSince
}

func (c *charmed) serves() bool {
	response, err := http.Get(c.kratos().AdminURL + "/admin/health/ready")
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// kratos is the server, looked at on ways of its own.
func (c *charmed) kratos() *kratostest.Server {
	return &kratostest.Server{
		AdminURL:  fmt.Sprintf("http://127.0.0.1:%d", c.ports.Admin),
		PublicURL: fmt.Sprintf("http://127.0.0.1:%d", c.ports.Public),
	}
}

// status wants the unit to say this, begin to end or, with a star at the end, as
// its begin.
func (c *charmed) status(name, message string) {
	c.t.Helper()
	have := c.unit.State().Status
	begin, open := strings.CutSuffix(message, "*")
	if have.Status != name || have.Message != message && !(open && strings.HasPrefix(have.Message, begin)) {
		c.t.Fatalf("the status is %s %q, want %s %q\n%s", have.Status, have.Message, name, message, c.log())
	}
}

func (c *charmed) log() string {
	lines := c.unit.State().DebugLog
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}

// nowhere wants the mark in no place where people read.
func (c *charmed) nowhere() {
	st := c.unit.State()
	text := fmt.Sprintln(st.Status, st.ApplicationStatus, st.DebugLog, c.stderr.String(), c.unit.Calls())
	for _, task := range st.Tasks {
		text += fmt.Sprintln(task.Message, task.Results, task.Log)
	}
	if i := strings.Index(text, mark); i >= 0 {
		c.t.Errorf("a secret is shown: %s", text[max(0, i-300):min(len(text), i+100)])
	}
}

// database relates PostgreSQL, which makes a database for the unit's application
// with a password of its own, and runs the hooks of that.
func (c *charmed) database(id string, password string) {
	c.t.Helper()
	user := strings.ReplaceAll(id, ":", "-")
	if err := c.model.pg.Role(c.t.Context(), user, password); err != nil {
		c.t.Fatal(err)
	}
	name, err := c.model.pg.Database(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	name, _, _ = strings.Cut(name[strings.LastIndex(name, "/")+1:], "?")
	c.unit.Change(func(st *jujutest.State) {
		secret := st.AddSecret("postgresql", "", map[string]string{"username": user, "password": password})
		secret.Grants = append(secret.Grants, "kratos")
		r := st.Relation(id)
		r.AppData = map[string]string{
			"endpoints": fmt.Sprintf("127.0.0.1:%d", c.model.pg.Port()), "database": name, "secret-user": "secret:" + secret.ID,
		}
	})
}

// integrate adds a relation with what the other side says, and gives its id.
func (c *charmed) integrate(endpoint, app string, data map[string]string) string {
	c.t.Helper()
	var id string
	c.unit.Change(func(st *jujutest.State) {
		r := st.Integrate(endpoint, app)
		r.AppData, id = data, r.ID
		r.Units = map[string]map[string]string{app + "/0": {}}
	})
	return id
}

// about runs a hook of a relation.
func (c *charmed) about(id, event string) {
	c.t.Helper()
	endpoint, _, _ := strings.Cut(id, ":")
	c.hook(endpoint+"-relation-"+event, "JUJU_RELATION="+endpoint, "JUJU_RELATION_ID="+id)
}

// breaks removes a relation as Juju does: the hook runs, then it is gone.
func (c *charmed) breaks(id string) {
	c.t.Helper()
	c.about(id, "broken")
	c.unit.Change(func(st *jujutest.State) { st.RemoveRelation(id) })
}

func (c *charmed) configure(option string, value any) {
	c.t.Helper()
	c.unit.Change(func(st *jujutest.State) {
		if st.Config == nil {
			st.Config = map[string]any{}
		}
		if st.Config[option] = value; value == nil {
			delete(st.Config, option)
		}
	})
	c.hook("config-changed")
}

// said gives a key of what the application says in a relation.
func (c *charmed) said(id, key string) string {
	c.t.Helper()
	return c.unit.State().Relation(id).OwnAppData[key]
}

// come brings a unit to where it has a database, by the hooks of a deployment.
func (c *charmed) come(password string) (database string) {
	c.t.Helper()
	for _, hook := range []string{"install", "leader-elected", "config-changed", "start"} {
		c.hook(hook)
	}
	database = c.integrate("pg-database", "postgresql", nil)
	c.about(database, "created")
	c.database(database, password)
	c.about(database, "changed")
	return database
}

// local gives a link as it is reached from here, whatever address it has.
func (c *charmed) local(link string) string {
	c.t.Helper()
	at, err := url.Parse(link)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.kratos().PublicURL + at.RequestURI()
}
