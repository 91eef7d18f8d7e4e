package kubetest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
	"sigs.k8s.io/structured-merge-diff/v6/merge"
	"sigs.k8s.io/structured-merge-diff/v6/typed"
)

// Owned is what somebody did to the resources of a container.
type Owned struct {
	Manager   string // the field manager
	Container string // kratos where empty
	// Update is a change that replaces what others own, as Juju's; else it is
	// applied with force.
	Update bool
	Resources
}

// Juju is the field manager that made the StatefulSet.
const Juju = "juju"

// statefulSet is the application's.
type statefulSet struct {
	shape        typed.ParseableType
	uid, version string
	generation   int64 // it grows with every change of the spec
	live         *typed.TypedValue
	managers     fieldpath.ManagedFields // by operation and name: Apply/kratos-agent
}

func (d *Double) newStatefulSet(o Options) *statefulSet {
	d.tb.Helper()
	shape, err := newShape()
	d.must(err)
	s := &statefulSet{
		shape: shape, managers: fieldpath.ManagedFields{},
		uid: or(o.UID, "5e7ab9d2-0000-4000-8000-000000000001"),
	}
	d.must(s.create(d.app, o.Containers))
	for _, done := range o.Owned {
		d.must(s.change(done))
	}
	s.version, s.generation = d.next(), 1
	return s
}

func (d *Double) must(err error) {
	d.tb.Helper()
	if err != nil {
		d.tb.Fatal(err)
	}
}

func (s *statefulSet) create(app string, names []string) error {
	if len(names) == 0 {
		names = []string{"charm", "kratos"}
	}
	var containers []any
	for _, name := range names {
		containers = append(containers, map[string]any{"name": name, "image": "registry.example/" + name})
	}
	label := map[string]any{"app.kubernetes.io/name": app}
	none, err := s.typed(nil)
	if err != nil {
		return err
	}
	made, err := s.typed(map[string]any{
		"replicas": int64(1), "serviceName": app + "-endpoints",
		"selector": map[string]any{"matchLabels": label},
		"template": map[string]any{"metadata": map[string]any{"labels": label}, "spec": map[string]any{"containers": containers}},
	})
	if err != nil {
		return err
	}
	return s.update(none, made, Juju)
}

func (s *statefulSet) update(before, after *typed.TypedValue, manager string) error {
	live, managers, err := newUpdater().Update(before, after, version, s.managers.Copy(), "Update/"+manager)
	if err != nil {
		return err
	}
	s.live, s.managers = live, managers
	return nil
}

// change does what somebody else did, who is always let.
func (s *statefulSet) change(o Owned) error {
	spec := map[string]any{"template": map[string]any{"spec": map[string]any{
		"containers": []any{map[string]any{"name": or(o.Container, "kratos"), "resources": o.tree()}},
	}}}
	if err := canonical(spec); err != nil {
		return err
	}
	config, err := s.typed(spec)
	if err != nil {
		return err
	}
	if !o.Update {
		_, err := s.apply(config, o.Manager, true)
		return err
	}
	merged, err := s.live.Merge(config)
	if err != nil {
		return err
	}
	return s.update(s.live, merged, o.Manager)
}

// apply is server-side apply. It tells whether the spec has changed.
func (s *statefulSet) apply(config *typed.TypedValue, manager string, force bool) (bool, error) {
	live, managers, err := newUpdater().Apply(s.live, config, version, s.managers.Copy(), "Apply/"+manager, force)
	if err != nil {
		return false, err
	}
	if set := managers["Apply/"+manager]; set != nil && set.Set().Empty() {
		delete(managers, "Apply/"+manager)
	}
	if errs := s.invalid(live); len(errs) > 0 {
		return false, apierrors.NewInvalid(schema.GroupKind{Group: "apps", Kind: "StatefulSet"}, "", errs)
	}
	changed, err := differ(s.live, live)
	if err != nil {
		return false, err
	}
	s.live, s.managers = live, managers
	return changed, nil
}

func differ(a, b *typed.TypedValue) (bool, error) {
	c, err := a.Compare(b)
	if err != nil {
		return false, err
	}
	return !c.IsSame(), nil
}

// spec gives the spec, to be read.
func (s *statefulSet) spec() any { return child(s.live.AsValue().Unstructured(), "spec") }

// invalid finds what Kubernetes refuses in a StatefulSet, however it came.
func (s *statefulSet) invalid(live *typed.TypedValue) field.ErrorList {
	var errs field.ErrorList
	spec := child(live.AsValue().Unstructured(), "spec")
	at := field.NewPath("spec")
	for _, name := range []string{"selector", "serviceName"} {
		if fmt.Sprint(child(spec, name)) != fmt.Sprint(child(s.spec(), name)) {
			errs = append(errs, field.Forbidden(at.Child(name), "updates to this field are forbidden"))
		}
	}
	for i, c := range containersOf(spec) {
		at := at.Child("template", "spec", "containers").Index(i)
		if c["image"] == nil {
			errs = append(errs, field.Required(at.Child("image"), ""))
		}
		errs = append(errs, tooMuch(at.Child("resources", "requests"), resourcesOf(c))...)
	}
	return errs
}

// tooMuch finds the requests above their limits, and amounts below zero.
func tooMuch(at *field.Path, r Resources) field.ErrorList {
	var errs field.ErrorList
	for name, text := range r.Requests {
		request := resource.MustParse(text) // what is live is canonical
		limit, limited := r.Limits[name]
		if limited && request.Cmp(resource.MustParse(limit)) > 0 {
			errs = append(errs, field.Invalid(at.Key(name), text, "must be less than or equal to "+name+" limit of "+limit))
		}
		if request.Sign() < 0 {
			errs = append(errs, field.Invalid(at.Key(name), text, "must be greater than or equal to 0"))
		}
	}
	return errs
}

func (s *statefulSet) managedFields() ([]metav1.ManagedFieldsEntry, error) {
	var entries []metav1.ManagedFieldsEntry
	for _, key := range slices.Sorted(maps.Keys(s.managers)) {
		fields, err := s.managers[key].Set().ToJSON()
		if err != nil {
			return nil, err
		}
		operation, manager, _ := strings.Cut(key, "/")
		entries = append(entries, metav1.ManagedFieldsEntry{
			Manager: manager, Operation: metav1.ManagedFieldsOperationType(operation), APIVersion: string(version),
			FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(string(fields)),
		})
	}
	return entries, nil
}

// conflict writes the fields that others own as Kubernetes does.
func conflict(err error) error {
	var conflicts merge.Conflicts
	if !errors.As(err, &conflicts) {
		return err
	}
	var causes []metav1.StatusCause
	for _, c := range conflicts {
		_, manager, _ := strings.Cut(c.Manager, "/")
		causes = append(causes, metav1.StatusCause{
			Type:    metav1.CauseTypeFieldManagerConflict,
			Message: fmt.Sprintf("conflict with %q", manager),
			Field:   c.Path.String(),
		})
	}
	return apierrors.NewApplyConflict(causes, fmt.Sprintf("Apply failed with %d conflicts", len(causes)))
}

func (d *Double) getStatefulSet(r request) (int, any, error) {
	if r.name != d.app {
		return 0, nil, apierrors.NewNotFound(group(statefulSets), r.name)
	}
	return d.answerSet()
}

func (d *Double) answerSet() (int, any, error) {
	managed, err := d.set.managedFields()
	if err != nil {
		return 0, nil, err
	}
	var object struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              any `json:"spec"`
	}
	object.TypeMeta = metav1.TypeMeta{APIVersion: string(version), Kind: "StatefulSet"}
	object.ObjectMeta = metav1.ObjectMeta{
		Name: d.app, Namespace: d.namespace, UID: types.UID(d.set.uid),
		ResourceVersion: d.set.version, Generation: d.set.generation, ManagedFields: managed,
	}
	object.Spec = d.set.spec()
	return http.StatusOK, object, nil
}
