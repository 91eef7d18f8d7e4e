package charm

import (
	"context"

	"github.com/kratos-agent/kratos-agent/charm/relation"
	"github.com/kratos-agent/kratos-agent/internal/kube"
)

// updateStatus is the hook that comes every few minutes, whatever happened.
const updateStatus = "update-status"

// database looks into the database where the peers' record does not say that the
// Kratos of this container has migrated it. Only the leader has a use for that.
func (o *observer) database(ctx context.Context) {
	if !o.world.Container.Ready || !o.world.Leader {
		return
	}
	r, ok := o.world.one(relation.DatabaseEndpoint)
	if !ok {
		return
	}
	db, err := relation.ReadDatabase(r, o.world.Granted)
	if err != nil || o.migrated(db) {
		return
	}
	empty, err := bounded(ctx, func(ctx context.Context) (bool, error) { return o.Database(ctx, db.DSN(""), db.CA) })
	switch {
	case err != nil:
		o.Tell(ctx, err.Error())
		o.world.Database = DatabaseAway
	case empty:
		o.world.Database = DatabaseEmpty
	default:
		o.world.Database = DatabaseHolds
	}
}

// migrated tells whether the peers' record has it that this container's Kratos
// has migrated the database.
func (o *observer) migrated(db relation.Database) bool {
	r, ok := o.world.one(relation.PeersEndpoint)
	if !ok {
		return false
	}
	peers, err := relation.ReadPeers(r, o.world.Unit)
	if err != nil {
		return false
	}
	version, err := peers.Version(peers.Known(db))
	return err == nil && o.world.Container.Version != "" && compare(version, o.world.Container.Version) == 0
}

// cluster asks Kubernetes, in one request each, for the ConfigMaps and for the
// limits, which every hook but update-status compares with the options.
func (o *observer) cluster(ctx context.Context) {
	if !o.needsCluster() {
		return
	}
	o.world.Cluster.Asked = true
	client, err := o.Cluster()
	if err == nil {
		o.world.Cluster.ConfigMaps, err = client.ConfigMaps(ctx)
	}
	if err == nil && !o.action && (o.hook != updateStatus || o.world.Container.Memory.Pending) {
		var limits kube.Limits
		limits, err = client.Limits(ctx, containerName)
		o.world.Cluster.Limits = &limits
	}
	if err != nil {
		o.world.Cluster = Cluster{Asked: true, Err: err}
	}
}

// needsCluster tells whether this pass has to ask Kubernetes. An update-status
// does it only where somebody may have edited the ConfigMaps, which are made
// known by kratos-info, or where something is still wanted of it; an action, only
// where nobody remembers what they hold.
func (o *observer) needsCluster() bool {
	forgotten := o.world.Container.Ready && o.world.Container.Memory.ConfigMaps == nil
	if o.action {
		return forgotten
	}
	return forgotten || o.hook != updateStatus || o.world.Container.Memory.Pending || o.world.related(relation.KratosInfoEndpoint)
}
