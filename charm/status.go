package charm

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// Condition is something that the unit's status tells.
type Condition struct {
	Status juju.StatusName
	Text   string
}

// What a status says. The texts of the charm before this one begin as they did:
// people and scripts look for them.
const (
	statusContainer     = "Container is not connected yet"
	statusPeers         = "Missing integration kratos-peers"
	statusDatabase      = "Missing integration pg-database"
	statusCreation      = "Waiting for database creation"
	statusSecret        = "Waiting for secret creation"
	statusMigration     = "Waiting for database migration: back up the database, then juju run %s run-migration"
	statusMigrating     = "Waiting for database migration: it failed (%s); then juju run %s run-migration"
	statusLeader        = "Waiting for leader unit to run the migration"
	statusUnanswered    = "Waiting for database: it does not answer"
	statusNewer         = "The database was migrated by Kratos %s and this unit runs %s: juju refresh to a revision or oci-image of that version or later"
	statusHostname      = "Cannot send integration data without an external hostname. Please provide a traefik-route relation."
	statusIngress       = "Waiting for public ingress"
	statusMFA           = "OIDC-WebAuthn sequencing mode requires `enable_passwordless_login_method=False`. Please change the config."
	statusForbidden     = "Kubernetes resources patch failed: `juju trust` this application. Run: juju trust %s --scope=cluster"
	statusCluster       = "Waiting for Kubernetes: %s"
	statusFailed        = "Failed to start the service, please check the kratos container logs"
	statusCourier       = "Failed to start the courier service, please check the 'courier' logs on the workload container"
	statusUI            = "Failed to start the pages, please check the 'ui' logs on the workload container"
	statusRefused       = "Kratos refuses the new configuration and serves on with the old one: %s"
	statusRefusedDown   = "Kratos refuses the new configuration: %s"
	statusFaulty        = "Kratos serves with an error in its configuration: %s"
	statusUndecided     = "Waiting to try the new configuration, the old one serves on: %s"
	statusRotation      = "Rotating the secrets: waiting for every unit to accept the new ones"
	statusNoMail        = "No mail is sent: missing integration smtp"
	statusNoLoginUI     = "No pages for sign-in and recovery: missing integration ui-endpoint-info"
	statusSilentMail    = "No mail is sent: relation smtp names no server"
	statusSilentUI      = "No pages for sign-in and recovery: relation ui-endpoint-info does not name both"
	statusMute          = "Waiting for the workload: the kratos program does not tell its version"
	statusNothingServes = "Kratos is not running"
)

// badness orders what a status can say, the worst first. Of the same badness,
// what was found first is told.
func badness(s juju.StatusName) int {
	return slices.Index([]juju.StatusName{juju.Blocked, juju.Maintenance, juju.Waiting, juju.Active}, s)
}

// status is what the unit has to say at the end of a pass: the worst of what was
// found, or, with all well, what it does without.
func (p Plan) status(w World, o Outcome) juju.Status {
	all := append(slices.Clone(p.Conditions), o.conditions(w, p)...)
	slices.SortStableFunc(all, func(a, b Condition) int { return cmp.Compare(badness(a.Status), badness(b.Status)) })
	if len(all) == 0 {
		return juju.Status{Name: juju.Active}
	}
	if all[0].Status != juju.Active {
		return juju.Status{Name: all[0].Status, Message: mask(all[0].Text, p.Secrets)}
	}
	var texts []string
	for _, c := range all {
		texts = append(texts, c.Text)
	}
	return juju.Status{Name: juju.Active, Message: mask(strings.Join(texts, "; "), p.Secrets)}
}
