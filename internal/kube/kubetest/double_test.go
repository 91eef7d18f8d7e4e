package kubetest_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
)

const (
	maps = "/api/v1/namespaces/iam/configmaps"
	set  = "/apis/apps/v1/namespaces/iam/statefulsets/kratos"
)

// answer is what of an answer tells why: that of a refusal, or of an object.
type answer struct {
	code   int
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	Code   int    `json:"code"`

	Details struct {
		Causes []struct{ Reason, Field, Message string } `json:"causes"`
	} `json:"details"`
	Metadata struct {
		Name            string `json:"name"`
		UID             string `json:"uid"`
		ResourceVersion string `json:"resourceVersion"`
		ManagedFields   []struct{ Manager, Operation string }
	} `json:"metadata"`
	Items []struct{ Metadata struct{ Name string } }
}

type caller struct {
	t      *testing.T
	d      *kubetest.Double
	client *http.Client
}

func call(t *testing.T, d *kubetest.Double) caller {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(read(t, d, "ca.crt"))) {
		t.Fatal("ca.crt holds no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return caller{t, d, &http.Client{Transport: transport}}
}

func read(t *testing.T, d *kubetest.Double, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(d.TokenDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

func (c caller) do(method, path, contentType, body string) answer {
	c.t.Helper()
	return c.with(read(c.t, c.d, "token"), method, path, contentType, body)
}

func (c caller) with(token, method, path, contentType, body string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.d.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", contentType)
	response, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{code: response.StatusCode}
	if err := json.Unmarshal(text, &a); err != nil {
		c.t.Fatalf("%v in %q", err, text)
	}
	return a
}

func (c caller) apply(query, spec string) answer {
	c.t.Helper()
	return c.do("PATCH", set+query, "application/apply-patch+yaml",
		`{"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "kratos"}`+spec+"}")
}

// limits is the spec of a patch.
func limits(container, resources string) string {
	return `, "spec": {"template": {"spec": {"containers": [{"name": "` + container + `", "resources": ` + resources + `}]}}}`
}

func (a answer) refused(t *testing.T, code int, reason string) {
	t.Helper()
	if a.code != code || a.Code != code || a.Kind != "Status" || a.Reason != reason {
		t.Errorf("it is %+v, want %d %s", a, code, reason)
	}
}

func configMap(name, owner string) string {
	return `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "` + name + `"` + owner + `}}`
}

func owner(kind, name, uid string) string {
	return `, "ownerReferences": [{"apiVersion": "apps/v1", "kind": "` + kind + `", "name": "` + name + `", "uid": "` + uid + `"}]`
}

func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{Forbid: []kubetest.Rule{{Verb: "list", Resource: "configmaps"}, {Resource: "statefulsets"}}})
	c := call(t, d)
	old := read(t, d, "token")
	d.RenewToken()
	for _, token := range []string{"", old, "other"} {
		c.with(token, "GET", maps, "", "").refused(t, http.StatusUnauthorized, "Unauthorized")
	}
	c.do("GET", maps, "", "").refused(t, http.StatusForbidden, "Forbidden")
	c.do("GET", set, "", "").refused(t, http.StatusForbidden, "Forbidden")
	c.apply("?fieldManager=a", "").refused(t, http.StatusForbidden, "Forbidden")
	c.do("GET", "/api/v1/namespaces/other/configmaps/a", "", "").refused(t, http.StatusForbidden, "Forbidden")
	c.do("GET", maps+"/a", "", "").refused(t, http.StatusNotFound, "NotFound")
	c.do("DELETE", maps+"/a", "", "").refused(t, http.StatusNotFound, "NotFound")
	c.do("GET", "/api/v1/namespaces/iam/secrets", "", "").refused(t, http.StatusNotFound, "NotFound")
	d.Forbid()
	if a := c.do("GET", maps, "", ""); a.code != http.StatusOK || a.Kind != "ConfigMapList" {
		t.Errorf("trusted: %+v", a)
	}
}

func TestConfigMapsBySelector(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{ConfigMaps: []kubetest.ConfigMap{
		kubetest.Made("b", "kratos", nil), kubetest.Made("a", "auth", nil), {Name: "c"},
	}})
	c := call(t, d)
	for query, want := range map[string]string{
		"":                                  "a b c",
		"?labelSelector=juju-app-name":      "a b",
		"?labelSelector=juju-app-name=auth": "a",
		"?labelSelector=none":               "",
	} {
		var names []string
		for _, item := range c.do("GET", maps+query, "", "").Items {
			names = append(names, item.Metadata.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %q", query, got)
		}
	}
	c.do("GET", maps+"?labelSelector=a+in+(", "", "").refused(t, http.StatusBadRequest, "BadRequest")
	c.do("GET", maps+"?watch=true", "", "").refused(t, http.StatusBadRequest, "BadRequest")
}

func TestCreatingConfigMaps(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{UID: "u"})
	c := call(t, d)
	for _, o := range []string{owner("StatefulSet", "kratos", "v"), owner("StatefulSet", "auth", "u"), owner("Pod", "kratos", "u")} {
		c.do("POST", maps, "application/json", configMap("a", o)).refused(t, http.StatusUnprocessableEntity, "Invalid")
	}
	c.do("POST", maps, "application/json", configMap("A", "")).refused(t, http.StatusUnprocessableEntity, "Invalid")
	c.do("POST", maps, "application/json", configMap("a", `, "namespace": "b"`)).refused(t, http.StatusBadRequest, "BadRequest")
	c.do("POST", maps, "application/json", configMap("a", `, "resourceVersion": "1"`)).refused(t, http.StatusBadRequest, "BadRequest")
	c.do("POST", maps, "application/json", "{").refused(t, http.StatusBadRequest, "BadRequest")
	if a := c.do("POST", maps, "application/json", configMap("a", owner("StatefulSet", "kratos", "u"))); a.code != http.StatusCreated {
		t.Errorf("it is %+v", a)
	}
	before := c.do("GET", maps+"/a", "", "").Metadata.ResourceVersion
	c.do("POST", maps, "application/json", configMap("a", "")).refused(t, http.StatusConflict, "AlreadyExists")
	if c.do("GET", maps+"/a", "", "").Metadata.ResourceVersion != before {
		t.Error("what was refused changed it")
	}
	d.EditConfigMap("a", map[string]string{"k": "v"})
	if c.do("GET", maps+"/a", "", "").Metadata.ResourceVersion == before {
		t.Error("the resourceVersion is that of before the edit")
	}
	if got, _ := d.ConfigMap("a"); got.OwnerUID != "u" || got.Data["k"] != "v" {
		t.Errorf("it is %+v", got)
	}
}

func TestPatchesThatAreRefused(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	c := call(t, d)
	const m, invalid = "?fieldManager=a", http.StatusUnprocessableEntity
	for what, try := range map[string]struct {
		query, spec string
		code        int
		reason      string
	}{
		"no manager":         {"", limits("kratos", `{}`), invalid, "Invalid"},
		"dry run":            {m + "&dryRun=All", "", http.StatusBadRequest, "BadRequest"},
		"force is no bool":   {m + "&force=please", "", http.StatusBadRequest, "BadRequest"},
		"another container":  {m, limits("courier", `{"limits": {"cpu": "1"}}`), invalid, "Invalid"},
		"request over limit": {m, limits("kratos", `{"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}`), invalid, "Invalid"},
		"below zero":         {m, limits("kratos", `{"requests": {"cpu": "-1"}}`), invalid, "Invalid"},
		"no quantity":        {m, limits("kratos", `{"limits": {"cpu": "many"}}`), http.StatusBadRequest, "BadRequest"},
		"unknown field":      {m, limits("kratos", `{"limit": {"cpu": "1"}}`), http.StatusBadRequest, "BadRequest"},
		"unknown part":       {m, `, "data": {}`, http.StatusBadRequest, "BadRequest"},
		"selector":           {m + "&force=true", `, "spec": {"selector": {"matchLabels": {"a": "b"}}}`, invalid, "Invalid"},
		"metadata":           {m, `, "metadata": {"name": "kratos", "managedFields": []}`, http.StatusBadRequest, "BadRequest"},
		"another name":       {m, `, "metadata": {"name": "auth"}`, http.StatusBadRequest, "BadRequest"},
		"another kind":       {m, `, "kind": "Deployment"`, http.StatusBadRequest, "BadRequest"},
	} {
		t.Run(what, func(t *testing.T) {
			if strings.Contains(try.spec, "metadata") || strings.Contains(try.spec, "kind") {
				body := `{"apiVersion": "apps/v1"` + try.spec + "}"
				c.do("PATCH", set+try.query, "application/apply-patch+yaml", body).refused(t, try.code, try.reason)
				return
			}
			c.apply(try.query, try.spec).refused(t, try.code, try.reason)
		})
	}
	if a := c.do("PATCH", set+m, "application/merge-patch+json", "{}"); a.code != http.StatusUnsupportedMediaType {
		t.Errorf("another type: %+v", a)
	}
	if d.Generation() != 1 || len(d.Managers()) != 1 {
		t.Errorf("generation %d, managers %q", d.Generation(), d.Managers())
	}
	c.do("GET", set+"x", "", "").refused(t, http.StatusNotFound, "NotFound")
	c.do("PATCH", set+"x"+m, "application/apply-patch+yaml", "").refused(t, http.StatusNotFound, "NotFound")
}

func TestManagersConflict(t *testing.T) {
	t.Parallel()
	other := kubetest.Owned{Manager: "other", Resources: kubetest.Resources{Limits: map[string]string{"cpu": "1", "memory": "1Gi"}}}
	d := kubetest.Start(t, kubetest.Options{Owned: []kubetest.Owned{other}})
	c := call(t, d)

	a := c.apply("?fieldManager=a", limits("kratos", `{"limits": {"cpu": "2", "memory": "1024Mi"}}`))
	a.refused(t, http.StatusConflict, "Conflict")
	want := `.spec.template.spec.containers[name="kratos"].resources.limits.cpu`
	if len(a.Details.Causes) != 1 || a.Details.Causes[0].Field != want || !strings.Contains(a.Details.Causes[0].Message, `"other"`) {
		t.Errorf("the causes are %+v", a.Details.Causes)
	}

	a = c.apply("?fieldManager=a&force=true", limits("kratos", `{"limits": {"cpu": "2", "memory": "1024Mi"}}`))
	if a.code != http.StatusOK || a.Metadata.UID == "" {
		t.Errorf("forced: %+v", a)
	}
	for resource, want := range map[string][]string{"cpu": {"a"}, "memory": {"a", "other"}} {
		if diff := cmp.Diff(want, d.Owners("kratos", "limits", resource)); diff != "" {
			t.Errorf("%s: %s", resource, diff)
		}
	}
	again := c.apply("?fieldManager=a", limits("kratos", `{"limits": {"cpu": "2000m", "memory": "1Gi"}}`))
	if again.Metadata.ResourceVersion != a.Metadata.ResourceVersion || d.Generation() != 2 {
		t.Errorf("the same again: version %s after %s, generation %d",
			again.Metadata.ResourceVersion, a.Metadata.ResourceVersion, d.Generation())
	}

	c.apply("?fieldManager=a", "")
	if diff := cmp.Diff(kubetest.Resources{Limits: map[string]string{"memory": "1Gi"}}, d.Resources("kratos")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{kubetest.Juju, "other"}, d.Managers()); diff != "" {
		t.Error(diff)
	}
}

func TestJournalCanBeForgotten(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	c := call(t, d)
	c.with("", "GET", maps+"?a=b", "", "")
	if diff := cmp.Diff([]string{"GET " + maps}, d.Journal()); diff != "" {
		t.Error(diff)
	}
	d.Forget()
	if len(d.Journal()) != 0 {
		t.Errorf("it is %q", d.Journal())
	}
}
