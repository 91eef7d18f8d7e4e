package kubetest

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// ConfigMap is a ConfigMap as a test gives it and reads it back.
type ConfigMap struct {
	Name   string
	Labels map[string]string
	Data   map[string]string
	// OwnerUID is the uid of the object that it goes with; "" where it stays.
	OwnerUID string
}

// Made is a ConfigMap as a charm of this application makes it.
func Made(name, app string, data map[string]string) ConfigMap {
	return ConfigMap{
		Name: name, Data: data,
		Labels: map[string]string{"juju-app-name": app, "app.kubernetes.io/managed-by": "juju"},
	}
}

// configMap is a ConfigMap as it goes over the wire.
type configMap struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Data              map[string]string `json:"data,omitempty"`
}

type configMapList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []configMap `json:"items"`
}

// ConfigMaps gives all ConfigMaps, by name.
func (d *Double) ConfigMaps() []ConfigMap {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []ConfigMap
	for _, m := range d.sorted(labels.Everything()) {
		all = append(all, m.plain())
	}
	return all
}

// ConfigMap gives a ConfigMap, and whether there is one.
func (d *Double) ConfigMap(name string) (ConfigMap, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok := d.maps[name]
	return m.plain(), ok
}

// EditConfigMap gives a ConfigMap other data and leaves all else, as the Admin
// UI does.
func (d *Double) EditConfigMap(name string, data map[string]string) {
	d.tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	m, ok := d.maps[name]
	if !ok {
		d.tb.Fatalf("there is no ConfigMap %q to edit", name)
	}
	m.Data, m.ResourceVersion = maps.Clone(data), d.next()
	d.maps[name] = m
}

func (m configMap) plain() ConfigMap {
	c := ConfigMap{Name: m.Name, Labels: m.Labels, Data: m.Data}
	for _, o := range m.OwnerReferences {
		c.OwnerUID = string(o.UID)
	}
	return c
}

// put keeps a ConfigMap that the test gives.
func (d *Double) put(c ConfigMap) {
	m := configMap{ObjectMeta: metav1.ObjectMeta{Name: c.Name, Labels: c.Labels}, Data: maps.Clone(c.Data)}
	if c.OwnerUID != "" {
		m.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "StatefulSet", Name: d.app, UID: types.UID(c.OwnerUID)}}
	}
	d.keep(m)
}

func (d *Double) keep(m configMap) configMap {
	m.APIVersion, m.Kind, m.Namespace = "v1", "ConfigMap", d.namespace
	m.ResourceVersion = d.next()
	m.UID = types.UID("configmap-" + m.ResourceVersion)
	d.maps[m.Name] = m
	return m
}

func (d *Double) sorted(selector labels.Selector) []configMap {
	found := []configMap{}
	for _, m := range d.maps {
		if selector.Matches(labels.Set(m.Labels)) {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(a, b configMap) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

func (d *Double) listConfigMaps(r request) (int, any, error) {
	q := r.URL.Query()
	for key := range q {
		if key != "labelSelector" {
			return 0, nil, apierrors.NewBadRequest("the double does not know the parameter " + key)
		}
	}
	selector, err := labels.Parse(q.Get("labelSelector"))
	if err != nil {
		return 0, nil, apierrors.NewBadRequest("unable to parse requirement: " + err.Error())
	}
	list := configMapList{Items: d.sorted(selector)}
	list.APIVersion, list.Kind, list.ResourceVersion = "v1", "ConfigMapList", d.next()
	return http.StatusOK, list, nil
}

func (d *Double) getConfigMap(r request) (int, any, error) {
	m, ok := d.maps[r.name]
	if !ok {
		return 0, nil, apierrors.NewNotFound(group(configMaps), r.name)
	}
	return http.StatusOK, m, nil
}

func (d *Double) createConfigMap(r request) (int, any, error) {
	var m configMap
	if err := json.Unmarshal(r.body, &m); err != nil || m.APIVersion != "v1" || m.Kind != "ConfigMap" {
		return 0, nil, apierrors.NewBadRequest("the object provided is unrecognized")
	}
	if m.Namespace != "" && m.Namespace != d.namespace {
		return 0, nil, apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	if m.ResourceVersion != "" {
		return 0, nil, apierrors.NewBadRequest("resourceVersion should not be set on objects to be created")
	}
	if errs := d.invalid(m); len(errs) > 0 {
		return 0, nil, apierrors.NewInvalid(schema.GroupKind{Kind: "ConfigMap"}, m.Name, errs)
	}
	if _, exists := d.maps[m.Name]; exists {
		return 0, nil, apierrors.NewAlreadyExists(group(configMaps), m.Name)
	}
	return http.StatusCreated, d.keep(m), nil
}

func (d *Double) invalid(m configMap) field.ErrorList {
	var errs field.ErrorList
	meta := field.NewPath("metadata")
	for _, problem := range validation.IsDNS1123Subdomain(m.Name) {
		errs = append(errs, field.Invalid(meta.Child("name"), m.Name, problem))
	}
	for i, o := range m.OwnerReferences {
		at := meta.Child("ownerReferences").Index(i)
		if o.APIVersion != "apps/v1" || o.Kind != "StatefulSet" || o.Name != d.app {
			errs = append(errs, field.Invalid(at, o.Name, "there is no such owner"))
		}
		if string(o.UID) != d.set.uid {
			errs = append(errs, field.Invalid(at.Child("uid"), o.UID, "there is no such owner"))
		}
	}
	return errs
}
