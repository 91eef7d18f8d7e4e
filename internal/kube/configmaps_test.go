package kube_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
)

func TestConfigMapsAreThoseOfCharms(t *testing.T) {
	t.Parallel()
	data := map[string]string{"idps.json": `[{"client_secret": "` + mark + `"}]`}
	d := kubetest.Start(t, kubetest.Options{App: "auth", ConfigMaps: []kubetest.ConfigMap{
		kubetest.Made("oidc-providers", "kratos", data),
		kubetest.Made("auth-oidc-providers", "auth", data),
		kubetest.Made("identity-schemas", "auth", nil),
		{Name: "kube-root-ca.crt", Data: data},
		{Name: "of-juju", Data: data, Labels: map[string]string{"app.kubernetes.io/managed-by": "juju"}},
	}})
	got, err := client(t, d, "auth").ConfigMaps(t.Context())
	must(t, err)
	want := []kube.ConfigMap{
		{Name: "auth-oidc-providers", Owner: "auth", Data: data},
		{Name: "identity-schemas", Owner: "auth"},
		{Name: "of-juju"},
		{Name: "oidc-providers", Owner: "kratos"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"GET /api/v1/namespaces/iam/configmaps"}, d.Journal()); diff != "" {
		t.Error(diff)
	}
}

func TestCreatedConfigMap(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{App: "auth", UID: "the-uid"})
	c := client(t, d, "auth")
	must(t, c.CreateConfigMap(t.Context(), "auth-oidc-providers"))
	made, _ := d.ConfigMap("auth-oidc-providers")
	want := kubetest.Made("auth-oidc-providers", "auth", nil)
	want.OwnerUID = "the-uid"
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	d.EditConfigMap("auth-oidc-providers", map[string]string{"idps.json": "[]"})
	all, err := c.ConfigMaps(t.Context())
	must(t, err)
	edited := []kube.ConfigMap{{Name: "auth-oidc-providers", Owner: "auth", Data: map[string]string{"idps.json": "[]"}}}
	if diff := cmp.Diff(edited, all); diff != "" {
		t.Error(diff)
	}
}

func TestConfigMapIsNotCreatedTwice(t *testing.T) {
	t.Parallel()
	by := kubetest.ConfigMap{Name: "oidc-providers", Data: map[string]string{"a": "b"}}
	d := kubetest.Start(t, kubetest.Options{ConfigMaps: []kubetest.ConfigMap{by}})
	err := client(t, d, "kratos").CreateConfigMap(t.Context(), "oidc-providers")
	wantKind(t, err, fault.Conflict)
	if !strings.HasPrefix(err.Error(), `cannot create the ConfigMap "oidc-providers": `) ||
		!strings.Contains(fault.HintOf(err), "juju-app-name=kratos") {
		t.Errorf("%v, hint %q", err, fault.HintOf(err))
	}
	if diff := cmp.Diff([]kubetest.ConfigMap{by}, d.ConfigMaps()); diff != "" {
		t.Error(diff)
	}
}

func TestConfigMapNeedsItsOwner(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{App: "kratos"})
	wantKind(t, client(t, d, "auth").CreateConfigMap(t.Context(), "auth-oidc-providers"), fault.NotFound)
	err := client(t, d, "kratos").CreateConfigMap(t.Context(), "No_Name")
	wantKind(t, err, fault.Precondition)
	if want := `cannot create the ConfigMap "No_Name": Kubernetes answers Invalid because of metadata.name`; err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
	if all := d.ConfigMaps(); len(all) != 0 {
		t.Errorf("there are %v", all)
	}
}
