package charm

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju/jujutest"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
	"github.com/kratos-agent/kratos-agent/internal/pebble"
	"github.com/kratos-agent/kratos-agent/internal/pebble/pebbletest"
)

// applyCluster gives a rig beside a Kubernetes.
func applyCluster(t *testing.T, o kubetest.Options) (*applyRig, *kubetest.Double) {
	t.Helper()
	r := newApplyRig(t, "", pebbletest.Options{Grace: 300 * time.Millisecond})
	d := kubetest.Start(t, o)
	r.deps.Cluster = func() (*kube.Client, error) {
		return kube.New(kube.Options{Getenv: d.Getenv, Dir: d.TokenDir, App: "kratos"})
	}
	return r, d
}

// inCluster applies a plan where there is no container.
func (r *applyRig) inCluster(p Plan) Outcome {
	r.t.Helper()
	o, err := apply(r.t.Context(), r.deps, r.world, p, usualPatience())
	if err != nil {
		r.t.Fatal(err)
	}
	return o
}

func TestApplyKubernetes(t *testing.T) {
	t.Parallel()
	r, d := applyCluster(t, kubetest.Options{})
	p := Plan{ConfigMaps: []string{"oidc-providers", "identity-schemas"}, Limits: &kube.Limits{CPU: "500m", Memory: "1Gi"}}
	wantOutcome(t, r.inCluster(p), Outcome{})
	wantOutcome(t, r.inCluster(Plan{Limits: p.Limits}), Outcome{}) // once more: nothing changes
	if m, ok := d.ConfigMap("identity-schemas"); !ok || m.OwnerUID == "" {
		t.Errorf("%+v, %v", m, ok)
	}
	if got := d.Generation(); got != 2 {
		t.Errorf("the pod was replaced %d times", got-1)
	}
	patches := slices.DeleteFunc(d.Journal(), func(request string) bool { return strings.HasPrefix(request, "GET") })
	const maps, set = "POST /api/v1/namespaces/iam/configmaps", "PATCH /apis/apps/v1/namespaces/iam/statefulsets/kratos"
	if diff := cmp.Diff([]string{maps, maps, set}, patches); diff != "" {
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

// A ConfigMap that is somebody else's is told of, and what to do about it; all
// else is done.
func TestApplyConfigMapOfAnother(t *testing.T) {
	t.Parallel()
	r, d := applyCluster(t, kubetest.Options{ConfigMaps: []kubetest.ConfigMap{{Name: "oidc-providers"}}})
	o := r.inCluster(Plan{ConfigMaps: []string{"oidc-providers", "identity-schemas"}, Limits: &kube.Limits{CPU: "500m"}})
	if fault.KindOf(o.ClusterErr) != fault.Conflict || !strings.HasPrefix(fault.HintOf(o.ClusterErr), "Label it juju-app-name=kratos") {
		t.Errorf("the error is %v", o.ClusterErr)
	}
	if _, made := d.ConfigMap("identity-schemas"); !made || d.Generation() != 2 {
		t.Error("not all else is done")
	}
}

// The limits end the pod, so all that is told is told before.
func TestApplyLimitsComeLast(t *testing.T) {
	t.Parallel()
	r, d := applyCluster(t, kubetest.Options{})
	u := jujutest.NewUnit(t, "leader: true\n")
	r.deps.Tools.Runner = noting{u, func(tool string) {
		if d.Generation() != 1 {
			t.Errorf("%s comes after the limits", tool)
		}
	}}
	p := r.plan(planned{config: "a: 1"})
	p.Keys, p.NewKeys, p.OpenPorts, p.Limits = testKeys("1"), true, []string{"4433/tcp"}, &kube.Limits{CPU: "500m"}
	o, tools := r.hook(u, p)
	wantOutcome(t, o, Outcome{Settled: true})
	if d.Generation() != 2 || !slices.Equal(tools, []string{"secret-add", "open-port"}) || r.current(serviceKratos) != pebble.Active {
		t.Errorf("not all was done: %s", tools)
	}
}

// What Kubernetes refuses is pending until it was asked again and has taken it.
func TestApplyNotesWhatIsPending(t *testing.T) {
	t.Parallel()
	r, d := applyCluster(t, kubetest.Options{Forbid: []kubetest.Rule{{Resource: "statefulsets", Verb: "patch"}}})
	pass := func(asked Cluster, p Plan, want bool) {
		t.Helper()
		r.world.Cluster = asked
		before := r.look().Container.Memory.Pending
		if o := r.apply(p); !o.Settled {
			t.Errorf("%+v", o)
		}
		wrote := strings.Join(r.double.Journal(), "\n")
		if got := r.look().Container.Memory.Pending; got != want {
			t.Errorf("pending is %v, want %v", got, want)
		}
		if written := strings.Contains(wrote, "POST /v1/files"); written != (before != want) {
			t.Errorf("the memory was written: %v", written)
		}
	}
	p := r.plan(planned{config: "a: 1"})
	r.apply(p)
	limited := p
	limited.Limits = &kube.Limits{CPU: "500m"}
	known, away := Cluster{Asked: true}, Cluster{Asked: true, Err: errors.New("away")}
	pass(known, p, false)
	pass(known, limited, true)
	pass(known, limited, true)
	p.Memory.Pending, limited.Memory.Pending = false, false // which apply does not go by
	pass(Cluster{}, p, true)
	pass(away, p, true)
	d.Forbid()
	pass(known, limited, false)
	p.Memory.Pending = true
	pass(Cluster{}, p, false)
	pass(away, p, false)
	r.deps.Cluster = func() (*kube.Client, error) { return nil, away.Err }
	pass(Cluster{}, limited, true)
}
