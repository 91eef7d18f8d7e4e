package kubetest

import (
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Resources gives the limits and the requests in the template of a container.
func (d *Double) Resources(container string) Resources {
	d.tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := find(d.set.spec(), container)
	if !ok {
		d.tb.Fatalf("the StatefulSet has no container %q", container)
	}
	return resourcesOf(c)
}

// Owners gives the field managers that own a container's resource, such as
// limits and cpu.
func (d *Double) Owners(container, kind, resource string) []string {
	d.tb.Helper()
	path, err := fieldpath.MakePath("spec", "template", "spec", "containers",
		fieldpath.KeyByFields("name", container), "resources", kind, resource)
	d.must(err)
	d.mu.Lock()
	defer d.mu.Unlock()
	var owners []string
	for _, key := range slices.Sorted(maps.Keys(d.set.managers)) {
		if d.set.managers[key].Set().Has(path) {
			_, manager, _ := strings.Cut(key, "/")
			owners = append(owners, manager)
		}
	}
	return owners
}

// Managers gives the field managers that own anything of the StatefulSet.
func (d *Double) Managers() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for key := range d.set.managers {
		_, manager, _ := strings.Cut(key, "/")
		all = append(all, manager)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Generation is 1 at first and grows with each change of the StatefulSet's spec,
// for which Kubernetes replaces the pods.
func (d *Double) Generation() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.set.generation
}

// Change does what somebody else does to the resources of a container, as
// [Options].Owned does before the start.
func (d *Double) Change(o Owned) {
	d.tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.set.live
	d.must(d.set.change(o))
	changed, err := differ(before, d.set.live)
	d.must(err)
	if changed {
		d.set.generation++
	}
	d.set.version = d.next()
}
