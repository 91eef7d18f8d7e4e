package jujutest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPortNetworkStatusAndResource(t *testing.T) {
	t.Parallel()
	const state = "status: {status: waiting, message: for it}\nports: [1/tcp]\nresources: {schema: '{}'}\n" + relations
	const network = `{"bind-addresses":[{"addresses":[{"cidr":"","hostname":"","value":"10.1.0.10"}],"interface-name":"","mac-address":""}],"egress-subnets":["10.1.0.10/32"],"ingress-addresses":["10.1.0.10"]}`
	tests := map[string]struct {
		line string
		want said
	}{
		"open a port":                      {"open-port 80/tcp", ok("")},
		"open one that is open":            {"open-port 1/tcp", ok("")},
		"open one of TCP":                  {"open-port -- 80", ok("")},
		"open none":                        {"open-port", mistaken("no port or range specified")},
		"open two":                         {"open-port 80 81", mistaken(`unrecognized args: ["81"]`)},
		"open no number":                   {"open-port http/tcp", mistaken(`invalid port "http": strconv.Atoi: parsing "http": invalid syntax`)},
		"open a range":                     {"open-port 80-90/tcp", mistaken("jujutest: a model on Kubernetes has single ports, not 80-90/tcp")},
		"open zero":                        {"open-port 0/tcp", mistaken("port range bounds must be between 1 and 65535, got 0-0")},
		"open too much":                    {"open-port 65536/tcp", mistaken("port range bounds must be between 1 and 65535, got 65536-65536")},
		"open another protocol":            {"open-port 80/sctp", mistaken(`invalid protocol "sctp", expected "tcp" or "udp"`)},
		"close a port":                     {"close-port 1/tcp", ok("")},
		"close one that is closed":         {"close-port 80/tcp", ok("")},
		"close none":                       {"close-port", mistaken("no port or range specified")},
		"open ports":                       {"opened-ports --format=json", ok(`["1/tcp"]` + "\n")},
		"open ports with an argument":      {"opened-ports x", mistaken(`unrecognized args: ["x"]`)},
		"network":                          {"network-get smtp --format=json", ok(network + "\n")},
		"network of the charm":             {"network-get juju-info --bind-address", ok("10.1.0.10\n")},
		"ingress":                          {"network-get db --ingress-address", ok("10.1.0.10\n")},
		"egress":                           {"network-get db --egress-subnets", ok("10.1.0.10/32\n")},
		"two of it":                        {"network-get db --egress-subnets --bind-address --format=json", ok(`{"bind-address":"10.1.0.10","egress-subnets":["10.1.0.10/32"]}` + "\n")},
		"network of nothing":               {"network-get", mistaken("no arguments specified")},
		"network of what is not declared":  {"network-get nope", failed(`binding name "nope" not defined by the unit's charm`)},
		"network of no relation":           {"network-get smtp -r 9", mistaken(`invalid value "9" for option -r: relation not found`)},
		"status":                           {"status-get", ok("waiting\n")},
		"status as JSON":                   {"status-get --format=json", ok(`{"status":"waiting"}` + "\n")},
		"status with its message":          {"status-get --format=json --include-data", ok(`{"message":"for it","status":"waiting","status-data":{}}` + "\n")},
		"status of the application":        {"status-get --format=json --application", ok(`{"application-status":{"message":"","status":"unknown","status-data":{},"units":{"kratos/0":{"message":"for it","status":"waiting","status-data":{}}}}}` + "\n")},
		"version":                          {"application-version-set -- -1", ok("")},
		"version with a dash":              {"application-version-set -1", mistaken("option provided but not defined: -1")},
		"no version":                       {"application-version-set", mistaken("no version specified")},
		"no resource":                      {"resource-get", mistaken("missing required resource name")},
		"a resource that is not there":     {"resource-get nope", failed("could not download resource: resource#kratos/nope not found")},
		"a resource that is an image":      {"resource-get image", failed("could not download resource: resource#kratos/image not found")},
		"a resource and an argument":       {"resource-get schema x", mistaken(`unrecognized args: ["x"]`)},
		"a resource has no format of JSON": {"resource-get schema --format=json", mistaken("option provided but not defined: --format")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnitOf(t, related, state)
			u.BeginHook("config-changed")
			if diff := cmp.Diff(test.want, u.call(words(test.line)[0], words(test.line)[1:]...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPortsAreOpenedWhenTheHookIsOver(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code int
		want []string
	}{
		"well":   {0, []string{"4433/tcp", "9/udp"}},
		"or not": {1, []string{"1/tcp"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := NewUnit(t, "ports: [1/tcp]")
			u.BeginHook("config-changed")
			for _, line := range []string{"open-port 9/UDP", "close-port 1", "open-port 4433/tcp", "open-port 4433", "open-port 7", "close-port 7/tcp"} {
				if got := u.call(words(line)[0], words(line)[1:]...); got != ok("") {
					t.Error(line, got)
				}
			}
			if got := u.call("opened-ports"); got != ok("1/tcp\n") {
				t.Errorf("nothing is done before, got %+v", got)
			}
			u.End(test.code)
			if diff := cmp.Diff(test.want, u.State().Ports); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStatusAndVersionAreSetAtOnce(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "")
	u.BeginHook("config-changed")
	u.call("application-version-set", "v26.2.0")
	u.call("status-set", "active", "fine")
	if st := u.State(); st.Version != "v26.2.0" || st.Status != (Status{"active", "fine"}) {
		t.Errorf("%+v", st.Member)
	}
}

func TestAPodWithoutAnAddress(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, "address: none\n"+relations)
	u.BeginHook("config-changed")
	if got := u.call("network-get", "smtp"); got != failed(`no network config found for binding "smtp"`) {
		t.Errorf("%+v", got)
	}
	if got := u.call("relation-get", "-r", "smtp:5", "--format=json", "-", "kratos/0"); got != ok(`{"mine":"1"}`+"\n") {
		t.Errorf("%+v", got)
	}
}

func TestResourceGet(t *testing.T) {
	t.Parallel()
	u := NewUnitOf(t, related, "resources: {schema: '{}'}")
	u.BeginHook("config-changed")
	for _, content := range []string{"{}", "[]\n"} {
		u.Change(func(st *State) { st.Resources["schema"] = content })
		got := u.call("resource-get", "schema")
		if got.Code != 0 || !filepath.IsAbs(got.Stdout) {
			t.Fatalf("%+v", got)
		}
		text, err := os.ReadFile(got.Stdout)
		if err != nil || string(text) != content || filepath.Base(got.Stdout) != "schema.json" {
			t.Errorf("%s: %q, %v", got.Stdout, text, err)
		}
	}
}

func TestStatusOfTheApplicationIsTheLeaders(t *testing.T) {
	t.Parallel()
	u := NewUnit(t, "leader: false")
	u.BeginHook("config-changed")
	if got := u.call("status-get", "--application"); got != failed("finding application status: this unit is not the leader") {
		t.Errorf("%+v", got)
	}
}
