package kubetest

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const applyType = "application/apply-patch+yaml"

// patchStatefulSet takes server-side apply alone.
func (d *Double) patchStatefulSet(r request) (int, any, error) {
	if t := r.Header.Get("Content-Type"); t != applyType {
		return 0, nil, apierrors.NewGenericServerResponse(http.StatusUnsupportedMediaType, "PATCH", group(statefulSets), r.name,
			"the body of the request was in an unknown format - accepted media types include: "+applyType, 0, false)
	}
	manager, force, err := asked(r)
	if err != nil {
		return 0, nil, err
	}
	spec, err := d.applied(r)
	if err != nil {
		return 0, nil, err
	}
	config, err := d.set.typed(spec)
	if err != nil {
		return 0, nil, apierrors.NewBadRequest("failed to create typed patch object: " + err.Error())
	}
	before := d.set.managers
	changed, err := d.set.apply(config, manager, force)
	if err != nil {
		return 0, nil, conflict(err)
	}
	if changed {
		d.set.generation++
	}
	if changed || !d.set.managers.Equals(before) {
		d.set.version = d.next()
	}
	return d.answerSet()
}

// asked reads the parameters of a patch.
func asked(r request) (manager string, force bool, err error) {
	q := r.URL.Query()
	for _, key := range slices.Sorted(maps.Keys(q)) {
		if key != "fieldManager" && key != "force" {
			return "", false, apierrors.NewBadRequest("the double does not know the parameter " + key)
		}
	}
	manager = q.Get("fieldManager")
	if manager == "" {
		return "", false, apierrors.NewInvalid(schema.GroupKind{Group: "meta.k8s.io", Kind: "PatchOptions"}, "",
			field.ErrorList{field.Required(field.NewPath("fieldManager"), "is required for apply patch")})
	}
	if text := q.Get("force"); text != "" {
		if force, err = strconv.ParseBool(text); err != nil {
			return "", false, apierrors.NewBadRequest("force is no boolean")
		}
	}
	return manager, force, nil
}

// applied reads the object of a patch and gives its spec, nil for none.
func (d *Double) applied(r request) (any, error) {
	if r.name != d.app {
		return nil, apierrors.NewNotFound(group(statefulSets), r.name)
	}
	var object map[string]any
	if err := yaml.Unmarshal(r.body, &object); err != nil {
		return nil, apierrors.NewBadRequest("error decoding YAML: " + err.Error())
	}
	if object["apiVersion"] != string(version) || object["kind"] != "StatefulSet" {
		return nil, apierrors.NewBadRequest("the object is no StatefulSet of apps/v1")
	}
	for key := range object {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "spec"}, key) {
			return nil, apierrors.NewBadRequest("failed to create typed patch object: ." + key + ": field not declared in schema")
		}
	}
	if err := d.meta(object["metadata"]); err != nil {
		return nil, err
	}
	if err := canonical(object["spec"]); err != nil {
		return nil, apierrors.NewBadRequest("unable to decode: " + strings.ToLower(err.Error()))
	}
	return object["spec"], nil
}

func (d *Double) meta(meta any) error {
	m, _ := meta.(map[string]any)
	for key, value := range m {
		switch {
		case key == "name" && value == d.app, key == "namespace" && value == d.namespace:
		case key == "name":
			return apierrors.NewBadRequest("the name of the object does not match the name on the URL")
		default:
			return apierrors.NewBadRequest("the double does not take metadata." + key + " in a patch")
		}
	}
	return nil
}
