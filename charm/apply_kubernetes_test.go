package charm

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

// applyCluster gives a rig without a container, beside a Kubernetes.
func applyCluster(t *testing.T, o kubetest.Options) (*applyRig, *kubetest.Double) {
	t.Helper()
	r := newApplyRig(t, "", pebbletest.Options{})
	d := kubetest.Start(t, o)
	r.deps.Cluster = func() (*kube.Client, error) {
		return kube.New(kube.Options{Getenv: d.Getenv, Dir: d.TokenDir, App: "kratos"})
	}
	return r, d
}

func (r *applyRig) inCluster(p Plan) Outcome {
	r.t.Helper()
	o, err := apply(r.t.Context(), r.deps, r.world, p)
	if err != nil {
		r.t.Fatal(err)
	}
	return o
}

func TestApplyKubernetes(t *testing.T) {
	t.Parallel()
	r, d := applyCluster(t, kubetest.Options{ConfigMaps: []kubetest.ConfigMap{kubetest.Made("there", "other", nil)}})
	p := Plan{ConfigMaps: []string{"there", "identity-schemas"}, Limits: &kube.Limits{CPU: "500m", Memory: "1Gi"}}
	for range 2 { // the second time, both are there, and so are the limits
		wantOutcome(t, r.inCluster(p), Outcome{})
	}
	if m, ok := d.ConfigMap("identity-schemas"); !ok || m.OwnerUID == "" {
		t.Errorf("%+v, %v", m, ok)
	}
	if got := d.Generation(); got != 2 {
		t.Errorf("the pod was replaced %d times", got-1)
	}
	patches := slices.DeleteFunc(d.Journal(), func(request string) bool { return strings.HasPrefix(request, "GET") })
	const maps, set = "POST /api/v1/namespaces/iam/configmaps", "PATCH /apis/apps/v1/namespaces/iam/statefulsets/kratos"
	if diff := cmp.Diff([]string{maps, maps, set, maps, maps}, patches); diff != "" {
		t.Error(diff)
	}
}

func TestApplyKubernetesRefuses(t *testing.T) {
	t.Parallel()
	r, d := applyCluster(t, kubetest.Options{Forbid: []kubetest.Rule{{Resource: "configmaps"}}})
	o := r.inCluster(Plan{ConfigMaps: []string{"identity-schemas"}, Limits: &kube.Limits{CPU: "500m"}})
	if !errors.Is(o.ClusterErr, kube.ErrForbidden) {
		t.Errorf("the error is %v", o.ClusterErr)
	}
	if d.Generation() != 2 {
		t.Error("the limits are not set because of something else")
	}
	away := errors.New("away")
	r.deps.Cluster = func() (*kube.Client, error) { return nil, away }
	if o := r.inCluster(Plan{ConfigMaps: []string{"identity-schemas"}}); !errors.Is(o.ClusterErr, away) {
		t.Errorf("the error is %v", o.ClusterErr)
	}
}
