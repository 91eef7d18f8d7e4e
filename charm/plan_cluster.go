package charm

import (
	"errors"
	"fmt"

	"github.com/kratos-agent/kratos-agent/internal/fault"
	"github.com/kratos-agent/kratos-agent/internal/juju"
	"github.com/kratos-agent/kratos-agent/internal/kratosconf"
	"github.com/kratos-agent/kratos-agent/internal/kube"
)

// data gives what the application's ConfigMaps hold.
func (c Cluster) data(app string) *ConfigMapData {
	providers, schemas := kube.Names(app, c.ConfigMaps)
	d := &ConfigMapData{}
	for _, m := range c.ConfigMaps {
		switch {
		case m.Owner != app || len(m.Data) == 0:
		case m.Name == providers:
			d.Providers = m.Data
		case m.Name == schemas:
			d.Schemas = m.Data
		}
	}
	return d
}

// unseen tells whether nobody knows what the ConfigMaps hold, though somebody
// may soon: a Kratos that is started without them would take other identity
// schemas for its own.
func (w World) unseen() bool {
	away := fault.KindOf(w.Cluster.Err) == fault.Unavailable || fault.KindOf(w.Cluster.Err) == fault.Timeout
	return w.Cluster.Asked && w.Cluster.Err != nil && away && w.Container.Memory.ConfigMaps == nil
}

// missingConfigMaps gives the names of those that are to be made.
func missingConfigMaps(w World) []string {
	if !w.Cluster.known() || !w.Leader {
		return nil
	}
	providers, schemas := kube.Names(w.App(), w.Cluster.ConfigMaps)
	var missing []string
	for _, name := range []string{providers, schemas} {
		there := false
		for _, m := range w.Cluster.ConfigMaps {
			there = there || m.Name == name
		}
		if !there {
			missing = append(missing, name)
		}
	}
	return missing
}

// limits checks the options cpu and memory, and gives what is to be set; nil
// where it is set already, or is not for this pass to see to.
func limits(w World, f *facts) *kube.Limits {
	for _, o := range []struct{ name, value string }{{"cpu", w.Options.CPU}, {"memory", w.Options.Memory}} {
		if o.value == "" {
			continue
		}
		if _, err := kratosconf.ParseQuantity(o.name, o.value); err != nil {
			f.trouble(false, err)
			return nil
		}
	}
	want := kube.Limits{CPU: w.Options.CPU, Memory: w.Options.Memory}
	if !w.Cluster.known() || !w.Leader || w.Cluster.Limits == nil || w.Cluster.Limits.Equal(want) {
		return nil
	}
	return &want
}

// trialMemory is how much a second Kratos beside the first one needs.
const trialMemory = "512M"

// roomForTrial tells whether a second Kratos fits beside the first one.
func roomForTrial(o Options) bool {
	if o.Memory == "" {
		return true
	}
	limit, err := kratosconf.ParseQuantity("memory", o.Memory)
	needed, _ := kratosconf.ParseQuantity("", trialMemory)
	return err == nil && limit.Cmp(needed) >= 0
}

// clusterCondition tells why Kubernetes was of no help, if it matters.
func clusterCondition(app string, err error) (Condition, bool) {
	switch {
	case err == nil:
		return Condition{}, false
	case errors.Is(err, kube.ErrForbidden):
		return Condition{juju.Blocked, fmt.Sprintf(statusForbidden, app)}, true
	case fault.KindOf(err) == fault.Conflict:
		return Condition{juju.Blocked, firstOf(sentence(err)+": "+fault.HintOf(err), sentence(err))}, true
	}
	return Condition{juju.Waiting, fmt.Sprintf(statusCluster, sentence(err))}, true
}
