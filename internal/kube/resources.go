package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
)

// resources are what a container may use at most, and what is kept for it, by
// the name of the resource.
type resources struct{ limits, requests map[string]string }

// resourcesOf gives the resources for the limits: none without a limit.
func resourcesOf(l Limits) (resources, error) {
	r := resources{limits: map[string]string{}, requests: map[string]string{}}
	for name, text := range map[string]string{cpu: l.CPU, memory: l.Memory} {
		if text == "" {
			continue
		}
		limit, err := parseLimit(name, text)
		if err != nil {
			return resources{}, err
		}
		r.limits[name] = limit
	}
	if len(r.limits) == 0 {
		return r, nil
	}
	r.requests[cpu] = least(cpu, requestedCPU, r.limits[cpu])
	r.requests[memory] = least(memory, requestedMemory, r.limits[memory])
	return r, nil
}

// parseLimit checks a limit and gives it as Kubernetes can take it. It reads
// 0.3Gi as so many thousandths of a byte, so that is rounded up.
func parseLimit(name, text string) (string, error) {
	q, err := kratosconf.ParseQuantity(name, text)
	if err != nil || name != memory {
		return text, err
	}
	whole := strconv.FormatInt(q.Bytes(), 10)
	if w, err := kratosconf.ParseQuantity(name, whole); err != nil || w.Cmp(q) != 0 {
		return whole, nil
	}
	return text, nil
}

// sameAmount tells whether two limits are the same. One that is no quantity is
// the same as itself alone.
func sameAmount(name, a, b string) bool {
	if a == b || a == "" || b == "" {
		return a == b
	}
	order, ok := compare(name, a, b)
	return ok && order == 0
}

// least gives the request, or the limit where there is one that is lower.
func least(name, request, limit string) string {
	if order, ok := compare(name, request, limit); ok && order > 0 {
		return limit
	}
	return request
}

// compare compares two limits as Kubernetes takes them; it is not ok where one
// is no quantity.
func compare(name, a, b string) (order int, ok bool) {
	x, errX := kratosconf.ParseQuantity(name, a)
	y, errY := kratosconf.ParseQuantity(name, b)
	if errX != nil || errY != nil {
		return 0, false
	}
	if name == memory {
		return cmp.Compare(x.Bytes(), y.Bytes()), true
	}
	return x.Cmp(y), true
}

// spec is that of a StatefulSet which says nothing but these resources.
func spec(container string, r resources) map[string]any {
	return map[string]any{"template": map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{
			"name":      container,
			"resources": map[string]any{"limits": values(r.limits), "requests": values(r.requests)},
		}},
	}}}
}

// values gives the map as unstructured objects hold it.
func values(m map[string]string) map[string]any {
	all := make(map[string]any, len(m))
	for name, text := range m {
		all[name] = text
	}
	return all
}

// state is what the template of a StatefulSet says on a container's resources.
type state struct {
	limits map[string]string
	owned  map[string]owned // by field manager, of those who apply
}

// owned is what a field manager owns of a container's resources.
type owned struct{ limits, requests map[string]any }

func (o owned) any() bool { return len(o.limits)+len(o.requests) > 0 }

// holds tells whether the limits are as wanted. One that is not wanted may be
// there where neither the charm nor its predecessor set it. Requests follow the
// limits, and are not worth new pods by themselves.
func (s state) holds(wanted resources) bool {
	for _, name := range []string{cpu, memory} {
		if limit := wanted.limits[name]; limit != "" && !sameAmount(name, limit, s.limits[name]) {
			return false
		}
		if wanted.limits[name] == "" && s.ours(name) {
			return false
		}
	}
	return true
}

func (s state) ours(limit string) bool {
	_, now := s.owned[Manager].limits[limit]
	_, before := s.owned[predecessor].limits[limit]
	return now || before
}

// state reads what the StatefulSet says on the container.
func (c *Client) state(ctx context.Context, container string) (state, error) {
	set, err := c.statefulSet(ctx)
	if err != nil {
		return state{}, err
	}
	found, ok := containerOf(set, container)
	if !ok {
		return state{}, fault.New(fault.NotFound, "the StatefulSet %q has no container of this name", c.app)
	}
	limits, _, _ := unstructured.NestedMap(found, "resources", "limits")
	s := state{limits: map[string]string{}, owned: map[string]owned{}}
	for name, limit := range limits {
		s.limits[name] = fmt.Sprint(limit)
	}
	for _, entry := range set.GetManagedFields() {
		if entry.Operation == metav1.ManagedFieldsOperationApply {
			s.owned[entry.Manager] = ownedOf(entry.FieldsV1, container)
		}
	}
	return s, nil
}

func containerOf(set *unstructured.Unstructured, name string) (map[string]any, bool) {
	containers, _, _ := unstructured.NestedSlice(set.Object, "spec", "template", "spec", "containers")
	for _, c := range containers {
		if c, ok := c.(map[string]any); ok && c["name"] == name {
			return c, true
		}
	}
	return nil, false
}

// ownedOf reads the fields of an entry of managedFields: a tree of names, f: for
// a field and k: for the keys of an element of a list.
func ownedOf(f *metav1.FieldsV1, container string) owned {
	var tree map[string]any
	if f == nil || json.Unmarshal(f.GetRawBytes(), &tree) != nil {
		return owned{}
	}
	key, err := json.Marshal(map[string]string{"name": container})
	if err != nil {
		return owned{}
	}
	path := []string{"f:spec", "f:template", "f:spec", "f:containers", "k:" + string(key), "f:resources"}
	return owned{
		limits:   fieldsAt(tree, append(path, "f:limits")),
		requests: fieldsAt(tree, append(path, "f:requests")),
	}
}

func fieldsAt(tree map[string]any, path []string) map[string]any {
	found, _, _ := unstructured.NestedMap(tree, path...)
	fields := make(map[string]any, len(found))
	for name, f := range found {
		if field, ok := strings.CutPrefix(name, "f:"); ok { // "." is the map itself
			fields[field] = f
		}
	}
	return fields
}
