package kube

import (
	"cmp"
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// The labels of the ConfigMaps that a charm makes.
const (
	ownerLabel   = "juju-app-name"
	managerLabel = "app.kubernetes.io/managed-by"
	juju         = "juju"
)

// ConfigMap is a map of strings that Kubernetes keeps and the Admin UI edits.
type ConfigMap struct {
	Name  string
	Owner string            // the Juju application, or "" for none
	Data  map[string]string // of the application's own alone; nil for others
}

// ConfigMaps gives the ConfigMaps of the namespace that charms made, by name: in
// one request, those with the label app.kubernetes.io/managed-by=juju. So those
// of other applications are there, without their data, and what a person or
// Kubernetes itself made is not.
func (c *Client) ConfigMaps(ctx context.Context) ([]ConfigMap, error) {
	var list *unstructured.UnstructuredList
	err := c.call(ctx, func(ctx context.Context) (err error) {
		list, err = c.configMaps.List(ctx, metav1.ListOptions{LabelSelector: managerLabel + "=" + juju})
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "cannot list the ConfigMaps")
	}
	maps := make([]ConfigMap, 0, len(list.Items))
	for i := range list.Items {
		maps = append(maps, c.configMap(&list.Items[i]))
	}
	slices.SortFunc(maps, func(a, b ConfigMap) int { return cmp.Compare(a.Name, b.Name) })
	return maps, nil
}

func (c *Client) configMap(u *unstructured.Unstructured) ConfigMap {
	m := ConfigMap{Name: u.GetName(), Owner: u.GetLabels()[ownerLabel]}
	if m.Owner == c.app {
		m.Data, _, _ = unstructured.NestedStringMap(u.Object, "data")
	}
	return m
}

// CreateConfigMap makes an empty ConfigMap of the application, which Kubernetes
// removes together with the application's StatefulSet. The error is of the kind
// Conflict where one of this name exists, whoever made it.
func (c *Client) CreateConfigMap(ctx context.Context, name string) error {
	err := c.createConfigMap(ctx, name)
	if err == nil {
		return nil
	}
	f := fault.Wrap(err, "cannot create the ConfigMap %q", name)
	if f.Kind == fault.Conflict {
		return f.WithHint("Label it %s=%s and %s=%s to have it used, or delete it", ownerLabel, c.app, managerLabel, juju)
	}
	return f
}

func (c *Client) createConfigMap(ctx context.Context, name string) error {
	set, err := c.statefulSet(ctx)
	if err != nil {
		return err
	}
	u := &unstructured.Unstructured{}
	u.SetAPIVersion("v1")
	u.SetKind("ConfigMap")
	u.SetName(name)
	u.SetNamespace(c.namespace)
	u.SetLabels(map[string]string{ownerLabel: c.app, managerLabel: juju})
	u.SetOwnerReferences([]metav1.OwnerReference{{
		APIVersion: set.GetAPIVersion(), Kind: set.GetKind(), Name: set.GetName(), UID: set.GetUID(),
	}})
	return c.call(ctx, func(ctx context.Context) error {
		_, err := c.configMaps.Create(ctx, u, metav1.CreateOptions{FieldManager: Manager})
		return err
	})
}
