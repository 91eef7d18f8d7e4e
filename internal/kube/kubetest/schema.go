package kubetest

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/merge"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

// what a StatefulSet is made of, as far as the double knows it. It decides how
// two of them are merged: containers by their names, resources one by one.
const shapes = `types:
- name: statefulset
  map:
    fields:
    - {name: spec, type: {namedType: spec}}
- name: spec
  map:
    fields:
    - {name: replicas, type: {scalar: numeric}}
    - {name: serviceName, type: {scalar: string}}
    - {name: selector, type: {map: {elementType: {namedType: labels}, elementRelationship: atomic}}}
    - {name: template, type: {namedType: template}}
- name: template
  map:
    fields:
    - {name: metadata, type: {map: {elementType: {namedType: labels}}}}
    - {name: spec, type: {namedType: pod}}
- name: labels
  map: {elementType: {scalar: string}}
- name: pod
  map:
    fields:
    - name: containers
      type: {list: {elementType: {namedType: container}, elementRelationship: associative, keys: [name]}}
- name: container
  map:
    fields:
    - {name: name, type: {scalar: string}}
    - {name: image, type: {scalar: string}}
    - {name: resources, type: {namedType: resources}}
- name: resources
  map:
    fields:
    - {name: limits, type: {map: {elementType: {scalar: untyped}}}}
    - {name: requests, type: {map: {elementType: {scalar: untyped}}}}
`

// version is the only one there is, so nothing is ever converted.
const version = fieldpath.APIVersion("apps/v1")

type noConversion struct{}

func (noConversion) Convert(v *typed.TypedValue, _ fieldpath.APIVersion) (*typed.TypedValue, error) {
	return v, nil
}

func (noConversion) IsMissingVersionError(error) bool { return false }

func newUpdater() *merge.Updater {
	b := merge.UpdaterBuilder{Converter: noConversion{}, ReturnInputOnNoop: true}
	return b.BuildUpdater()
}

// newShape reads the shapes. Values can only be merged that one shape made.
func newShape() (typed.ParseableType, error) {
	parser, err := typed.NewParser(shapes)
	if err != nil {
		return typed.ParseableType{}, err
	}
	return parser.Type("statefulset"), nil
}

// typed reads what of a StatefulSet has managers: its spec. A field that the
// double does not know is an error.
func (s *statefulSet) typed(spec any) (*typed.TypedValue, error) {
	object := map[string]any{}
	if spec != nil {
		object["spec"] = spec
	}
	return s.shape.FromUnstructured(object)
}

// containersOf gives the containers in a spec, to be read and changed.
func containersOf(spec any) []map[string]any {
	pod := child(child(spec, "template"), "spec")
	list, _ := child(pod, "containers").([]any)
	var containers []map[string]any
	for _, c := range list {
		if c, ok := c.(map[string]any); ok {
			containers = append(containers, c)
		}
	}
	return containers
}

func child(tree any, name string) any {
	m, _ := tree.(map[string]any)
	return m[name]
}

// canonical writes the quantities in a spec as Kubernetes keeps them: 1Gi for
// 1024Mi.
func canonical(spec any) error {
	for _, c := range containersOf(spec) {
		for _, kind := range []string{"limits", "requests"} {
			amounts, _ := child(c["resources"], kind).(map[string]any)
			for name, amount := range amounts {
				q, err := resource.ParseQuantity(fmt.Sprint(amount))
				if err != nil {
					return fmt.Errorf("%s.%s: %w", kind, name, err)
				}
				amounts[name] = q.String()
			}
		}
	}
	return nil
}

// Resources are the limits and the requests of a container, by resource.
type Resources struct{ Limits, Requests map[string]string }

func resourcesOf(container map[string]any) Resources {
	return Resources{
		Limits:   texts(child(container["resources"], "limits")),
		Requests: texts(child(container["resources"], "requests")),
	}
}

func (r Resources) tree() map[string]any {
	return map[string]any{"limits": tree(r.Limits), "requests": tree(r.Requests)}
}

func tree(m map[string]string) map[string]any {
	t := map[string]any{}
	for k, v := range m {
		t[k] = v
	}
	return t
}

func texts(tree any) map[string]string {
	m, _ := tree.(map[string]any)
	var t map[string]string
	for k, v := range m {
		if t == nil {
			t = map[string]string{}
		}
		t[k] = fmt.Sprint(v)
	}
	return t
}

func find(spec any, container string) (map[string]any, bool) {
	all := containersOf(spec)
	i := slices.IndexFunc(all, func(c map[string]any) bool { return c["name"] == container })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}
