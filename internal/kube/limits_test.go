package kube_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kube"
	"github.com/kratos-agent/kratos-agent/internal/kube/kubetest"
)

// python is the field manager of the charm before this one.
const python = "ResourcePatcher"

func resources(cpu, memory, requestedCPU, requestedMemory string) kubetest.Resources {
	return kubetest.Resources{Limits: pair(cpu, memory), Requests: pair(requestedCPU, requestedMemory)}
}

func pair(cpu, memory string) map[string]string {
	var m map[string]string
	for name, text := range map[string]string{"cpu": cpu, "memory": memory} {
		if text != "" && m == nil {
			m = map[string]string{}
		}
		if text != "" {
			m[name] = text
		}
	}
	return m
}

// usual is what the charm before this one always requested.
func usual(cpu, memory string) kubetest.Resources { return resources(cpu, memory, "100m", "200Mi") }

func patches(d *kubetest.Double) int {
	return strings.Count(strings.Join(d.Journal(), "\n"), "PATCH ")
}

func TestLimitsAreSet(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		limits kube.Limits
		want   kubetest.Resources
	}{
		"both":              {kube.Limits{CPU: "2", Memory: "1Gi"}, usual("2", "1Gi")},
		"cpu":               {kube.Limits{CPU: "1500m"}, usual("1500m", "")},
		"memory":            {kube.Limits{Memory: "512Mi"}, usual("", "512Mi")},
		"below the request": {kube.Limits{CPU: "50m", Memory: "100Mi"}, resources("50m", "100Mi", "50m", "100Mi")},
		"parts of a byte":   {kube.Limits{Memory: "0.3Gi"}, usual("", "322122548")},
		"written otherwise": {kube.Limits{CPU: "0.5", Memory: "1024Mi"}, usual("500m", "1Gi")},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			d := kubetest.Start(t, kubetest.Options{})
			k := client(t, d, "kratos")
			for range 2 {
				must(t, k.SetLimits(t.Context(), "kratos", c.limits))
			}
			if diff := cmp.Diff(c.want, d.Resources("kratos")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(kubetest.Resources{}, d.Resources("charm")); diff != "" {
				t.Error(diff)
			}
			got, err := k.Limits(t.Context(), "kratos")
			must(t, err)
			if !got.Equal(c.limits) {
				t.Errorf("they are read as %+v", got)
			}
			if n := patches(d); n != 1 || d.Generation() != 2 {
				t.Errorf("%d patches, generation %d", n, d.Generation())
			}
		})
	}
}

func TestLimitsFollowTheOptions(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	k := client(t, d, "kratos")
	for i, step := range []struct {
		limits kube.Limits
		want   kubetest.Resources
	}{
		{kube.Limits{CPU: "2", Memory: "1Gi"}, usual("2", "1Gi")},
		{kube.Limits{CPU: "1", Memory: "1Gi"}, usual("1", "1Gi")},
		{kube.Limits{Memory: "1Gi"}, usual("", "1Gi")},
		{kube.Limits{}, kubetest.Resources{}},
		{kube.Limits{CPU: "1"}, usual("1", "")},
	} {
		must(t, k.SetLimits(t.Context(), "kratos", step.limits))
		if diff := cmp.Diff(step.want, d.Resources("kratos")); diff != "" {
			t.Errorf("step %d: %s", i, diff)
		}
		if want := int64(i + 2); d.Generation() != want {
			t.Errorf("step %d: generation %d", i, d.Generation())
		}
	}
}

func TestNothingToTakeBack(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	must(t, client(t, d, "kratos").SetLimits(t.Context(), "kratos", kube.Limits{}))
	if diff := cmp.Diff([]string{"GET /apis/apps/v1/namespaces/iam/statefulsets/kratos"}, d.Journal()); diff != "" {
		t.Error(diff)
	}
}

// What the charm before this one set is taken over: with one change of the
// template, and nothing stays that only it could take back.
func TestLimitsAreTakenOver(t *testing.T) {
	t.Parallel()
	type before struct{ cpu, memory string }
	for what, c := range map[string]struct {
		before  before
		limits  kube.Limits
		want    kubetest.Resources
		patches int
	}{
		"another value":       {before{"1", "1Gi"}, kube.Limits{CPU: "2", Memory: "1Gi"}, usual("2", "1Gi"), 3},
		"one less":            {before{"1", "1Gi"}, kube.Limits{CPU: "1"}, usual("1", ""), 3},
		"one less, one other": {before{"1", "1Gi"}, kube.Limits{CPU: "2"}, usual("2", ""), 3},
		"none any more":       {before{"1", "1Gi"}, kube.Limits{}, kubetest.Resources{}, 3},
		"requests alone":      {before{"", ""}, kube.Limits{CPU: "1"}, usual("1", ""), 3},
		"the same":            {before{"1", "1Gi"}, kube.Limits{CPU: "1000m", Memory: "1024Mi"}, usual("1", "1Gi"), 0},
		"none before either":  {before{"", ""}, kube.Limits{}, usual("", ""), 0},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			d := kubetest.Start(t, kubetest.Options{Owned: []kubetest.Owned{{Manager: python, Resources: usual(c.before.cpu, c.before.memory)}}})
			k := client(t, d, "kratos")
			must(t, k.SetLimits(t.Context(), "kratos", c.limits))
			if diff := cmp.Diff(c.want, d.Resources("kratos")); diff != "" {
				t.Error(diff)
			}
			if n := patches(d); n != c.patches {
				t.Errorf("%d patches", n)
			}
			changes := int64(min(c.patches, 1))
			if d.Generation() != 1+changes {
				t.Errorf("generation %d", d.Generation())
			}
			if c.patches == 0 {
				return
			}
			if slices.Contains(d.Managers(), python) {
				t.Error("the charm before still owns something")
			}
			must(t, k.SetLimits(t.Context(), "kratos", kube.Limits{}))
			if diff := cmp.Diff(kubetest.Resources{}, d.Resources("kratos")); diff != "" {
				t.Errorf("taken back: %s", diff)
			}
		})
	}
}

// A taking over that ended in the middle is ended by the next hook that sets
// limits.
func TestTakingOverGoesOn(t *testing.T) {
	t.Parallel()
	both := usual("2", "1Gi")
	d := kubetest.Start(t, kubetest.Options{Owned: []kubetest.Owned{
		{Manager: python, Resources: both}, {Manager: kube.Manager, Resources: both},
	}})
	k := client(t, d, "kratos")
	must(t, k.SetLimits(t.Context(), "kratos", kube.Limits{}))
	if diff := cmp.Diff(kubetest.Resources{}, d.Resources("kratos")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{kubetest.Juju}, d.Managers()); diff != "" {
		t.Error(diff)
	}
}

func TestOptionsStandAboveConstraints(t *testing.T) {
	t.Parallel()
	constraint := kubetest.Owned{Manager: kubetest.Juju, Update: true, Resources: resources("", "2Gi", "", "2Gi")}
	d := kubetest.Start(t, kubetest.Options{Owned: []kubetest.Owned{constraint}})
	k := client(t, d, "kratos")

	must(t, k.SetLimits(t.Context(), "kratos", kube.Limits{}))
	if diff := cmp.Diff(constraint.Resources, d.Resources("kratos")); diff != "" || patches(d) != 0 {
		t.Errorf("%d patches, %s", patches(d), diff)
	}
	for range 2 { // Juju can come again
		must(t, k.SetLimits(t.Context(), "kratos", kube.Limits{Memory: "1Gi"}))
		if diff := cmp.Diff(usual("", "1Gi"), d.Resources("kratos")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{kube.Manager}, d.Owners("kratos", "limits", "memory")); diff != "" {
			t.Error(diff)
		}
		d.Change(constraint)
	}
}

// What was changed otherwise than by applying, no applying takes back.
func TestChangesByHandAreNotTakenBack(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{Owned: []kubetest.Owned{{Manager: kube.Manager, Update: true, Resources: usual("1", "")}}})
	must(t, client(t, d, "kratos").SetLimits(t.Context(), "kratos", kube.Limits{}))
	if patches(d) != 0 {
		t.Errorf("%d patches", patches(d))
	}
}

func TestImpossibleLimits(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{})
	k := client(t, d, "kratos")
	for _, l := range []kube.Limits{{CPU: "many"}, {Memory: "0"}, {Memory: "-1Gi"}, {CPU: "1", Memory: "1 GB"}} {
		wantKind(t, k.SetLimits(t.Context(), "kratos", l), fault.Usage)
	}
	if len(d.Journal()) != 0 {
		t.Errorf("there were requests: %q", d.Journal())
	}
}

func TestMissingContainerAndStatefulSet(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{Containers: []string{"charm"}})
	for _, k := range []*kube.Client{client(t, d, "kratos"), client(t, d, "auth")} {
		_, err := k.Limits(t.Context(), "kratos")
		wantKind(t, err, fault.NotFound)
		wantKind(t, k.SetLimits(t.Context(), "kratos", kube.Limits{CPU: "1"}), fault.NotFound)
	}
	if patches(d) != 0 {
		t.Errorf("there were requests: %q", d.Journal())
	}
}

func TestLimitsForbiddenAlone(t *testing.T) {
	t.Parallel()
	d := kubetest.Start(t, kubetest.Options{Forbid: []kubetest.Rule{{Verb: "patch"}}})
	k := client(t, d, "kratos")
	must(t, k.SetLimits(t.Context(), "kratos", kube.Limits{}))
	wantKind(t, k.SetLimits(t.Context(), "kratos", kube.Limits{CPU: "1"}), fault.Precondition)
	if d.Generation() != 1 {
		t.Errorf("generation %d", d.Generation())
	}
}

func TestEqualLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b kube.Limits
		want bool
	}{
		{kube.Limits{}, kube.Limits{}, true},
		{kube.Limits{CPU: "0.5", Memory: "1Gi"}, kube.Limits{CPU: "500m", Memory: "1024Mi"}, true},
		{kube.Limits{CPU: "1"}, kube.Limits{CPU: "2"}, false},
		{kube.Limits{Memory: "1G"}, kube.Limits{Memory: "1Gi"}, false},
		{kube.Limits{CPU: "1"}, kube.Limits{}, false},
		{kube.Limits{Memory: "0.3Gi"}, kube.Limits{Memory: "322122548"}, true},
		{kube.Limits{CPU: "0.0005"}, kube.Limits{CPU: "1m"}, false},
		{kube.Limits{CPU: "x"}, kube.Limits{CPU: "x"}, true},
		{kube.Limits{CPU: "x"}, kube.Limits{CPU: "1"}, false},
		{kube.Limits{CPU: "1"}, kube.Limits{CPU: "x"}, false},
	} {
		if got := c.a.Equal(c.b); got != c.want {
			t.Errorf("%+v, %+v: %t", c.a, c.b, got)
		}
	}
}
