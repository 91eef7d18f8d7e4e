package charm

import (
	"fmt"

	"github.com/kratos-agent/kratos-agent/internal/juju"
)

// StatusNote tells an operator of one status of the unit.
type StatusNote struct {
	// Status is the kind under which it is shown.
	Status juju.StatusName
	// Text is what it says. What differs from case to case is in capitals; an
	// empty text is no text.
	Text string
	// When tells when it is said; Next, what is to be done, with commands between
	// backticks.
	When, Next string
}

// Statuses lists what a unit can say, the worst kind first. It is made for the
// reference of the documentation; a test holds it to the texts of status.go.
func Statuses() []StatusNote {
	var all []StatusNote
	for _, list := range [][]StatusNote{blockedNotes(), waitingNotes(), activeNotes()} {
		all = append(all, list...)
	}
	return all
}

// says fills a status' text in, as an example of it.
func says(format string, words ...any) string { return fmt.Sprintf(format, words...) }

func blockedNotes() []StatusNote {
	return blocked([]StatusNote{
		{
			Text: statusDatabase,
			When: "There is no relation to a database. Kratos does not run, or is stopped where the relation was removed.",
			Next: "`juju integrate kratos:pg-database postgresql-k8s:database`",
		},
		{
			Text: says(statusNewer, "RECORDED", "VERSION"),
			When: "The peers have recorded that a newer Kratos migrated the database. This one is not started: it would say that it is ready and fail every call.",
			Next: "Run an image of that version or a later one: `juju attach-resource kratos oci-image=IMAGE`. To go back to the older one, see Going back in how to upgrade and migrate.",
		},
		{
			Text: statusHostname,
			When: "External providers and kratos-info are related, and public-route is not: nobody can be told where people are sent back to.",
			Next: "`juju integrate kratos:public-route traefik-public:traefik-route`",
		},
		{
			Text: statusMFA,
			When: "Both options are on. A security key is the first factor or the second one, not both.",
			Next: "`juju config kratos enable_passwordless_login_method=false`, or `enable_oidc_webauthn_sequencing=false`",
		},
		{
			Text: "cannot use NAME: REASON",
			When: "An option, a provider, the ConfigMaps or what a relation's databag holds cannot be used. A Kratos that runs is left as it is, but for the way to its database.",
			Next: "Mend what is named: an option by `juju config`, anything else on the other side of the relation or in the Admin UI.",
		},
		{
			Text: "cannot read the secret named by KEY in relation RELATION: REASON",
			When: "The other side names a Juju secret in its databag and has not granted it to this application, or has removed it.",
			Next: "The other side has to grant it. Where that charm takes the secret from an operator, grant it to that charm.",
		},
		{
			Text: "missing integration ENDPOINT: REASON",
			When: "An option that is on needs an integration that is not there: security keys need public-route, enable_verification needs ui-endpoint-info.",
			Next: "Add the integration, or turn the option off.",
		},
		{
			Text: says(statusForbidden, "APPLICATION"),
			When: "Kubernetes does not let the charm read or write. Kratos runs all the same; the ConfigMaps and the limits of cpu and memory are not seen to.",
			Next: "`juju trust kratos --scope=cluster`",
		},
		{
			Text: says(statusRefused, "REASON"),
			When: "The candidate was tried beside the Kratos that serves, and it does not start with it, or a mapper or a webhook's body is no jsonnet. REASON is the place in Kratos' configuration and the rule, without the value.",
			Next: "Change back, or mend, the option or relation that the place belongs to.",
		},
		{
			Text: says(statusRefusedDown, "REASON"),
			When: "The same, and the Kratos of before does not run either. Behind REASON stands why, where that is known.",
			Next: "Mend what REASON names, and see why the one of before ended: `kubectl logs kratos-0 -c kratos -n MODEL`.",
		},
		{
			Text: says(statusFaulty, "REASON"),
			When: "A mapper or a webhook's body is no jsonnet, and there was no Kratos to serve on without it. It fails for those alone whose sign-in comes by it.",
			Next: "Mend the provider or the webhook that REASON names.",
		},
		{
			Text: statusFailed,
			When: "Kratos does not run though it should, or its check ready has failed as often as it may. Behind a colon stands why, where that is known.",
			Next: "`kubectl logs kratos-0 -c kratos -n MODEL` and `juju debug-log`. See whether the database answers.",
		},
		{
			Text: statusCourier,
			When: "On the leader: the service that sends mails does not run.",
			Next: "`kubectl logs kratos-0 -c kratos -n MODEL`. See what the smtp relation offers.",
		},
		{
			Text: statusUI,
			When: "enable_builtin_ui is on, and the service that serves the pages does not run.",
			Next: "`kubectl logs kratos-0 -c kratos -n MODEL`.",
		},
		{
			Text: statusNothingServes,
			When: "Nothing is known to be wrong, and Kratos does not run.",
			Next: "Wait for the next hook. If it stays: `juju debug-log`.",
		},
	})
}

func waitingNotes() []StatusNote {
	return waiting([]StatusNote{
		{
			Text: statusContainer,
			When: "The workload container has not started, or its Pebble does not answer.",
			Next: "Wait. If it stays: `kubectl describe pod kratos-0 -n MODEL`, for an image that cannot be pulled.",
		},
		{
			Text: statusPeers,
			When: "Juju has not made the relation of the units among themselves yet.",
			Next: "Wait.",
		},
		{
			Text: statusCreation,
			When: "The database is related, and PostgreSQL has not said where it is and who may use it.",
			Next: "Wait, and see `juju status postgresql-k8s`.",
		},
		{
			Text: statusSecret,
			When: "The leader has not made the secrets of Kratos yet.",
			Next: "Wait.",
		},
		{
			Text: says(statusMigration, "UNIT"),
			When: "On the leader: the database holds a schema that is not this Kratos', or nobody knows whose.",
			Next: "Back up the database, then `juju run kratos/leader run-migration`.",
		},
		{
			Text: says(statusMigrating, "REASON", "UNIT"),
			When: "The migration was begun and failed.",
			Next: "See REASON, which is what Kratos said, without secrets. Run the action again: what is applied is not applied twice.",
		},
		{
			Text: statusLeader,
			When: "On the other units: the leader has not recorded a migration by this unit's Kratos.",
			Next: "See the leader's status.",
		},
		{
			Text: statusUnanswered,
			When: "On the leader: the charm wanted to look into the database, and it cannot be reached or lets nobody in.",
			Next: "`juju status postgresql-k8s`, and `juju debug-log` for the reason.",
		},
		{
			Text: statusIngress,
			When: "External providers are related, and the public address is not known yet.",
			Next: "`juju integrate kratos:public-route traefik-public:traefik-route`, or wait until Traefik has an address.",
		},
		{
			Text: says(statusUndecided, "REASON"),
			When: "The candidate neither started nor ended in time, or the database did not answer it.",
			Next: "Wait: it is tried again at the next hook. If it stays, see REASON.",
		},
		{
			Text: says(statusCluster, "REASON"),
			When: "Kubernetes did not answer, or not with what was asked for.",
			Next: "Wait for the next hook. Kratos runs all the same.",
		},
	})
}

func activeNotes() []StatusNote {
	return active([]StatusNote{
		{
			When: "Kratos serves, and nothing is missing.",
			Next: "Nothing.",
		},
		{
			Text: statusRotation,
			When: "On the leader: a rotation of the secrets is at its first step.",
			Next: "Wait. See the units that are not active: each has to run with the new secrets first.",
		},
		{
			Status: juju.Active, Text: statusSilentUI,
			When: "enable_local_idp is on, and the login UI that is related does not say where people sign in or recover.",
			Next: "Wait for the other side. `juju status` shows how it stands.",
		},
		{
			Status: juju.Active, Text: statusSilentMail,
			When: "enable_local_idp is on, and the other side of smtp names no server yet.",
			Next: "Configure the other side: `juju config smtp-integrator host=... port=...`",
		},
		{
			Status: juju.Waiting, Text: statusMute,
			When: "The kratos program in the container could not be run for its version, so nobody knows which schema it needs.",
			Next: "Wait for the next hook. If it stays, look at the image: `juju resources kratos`",
		},
		{
			Text: statusNoLoginUI,
			When: "enable_local_idp is on, no login UI is related, and enable_builtin_ui is off.",
			Next: "`juju integrate kratos:ui-endpoint-info identity-platform-login-ui-operator:ui-endpoint-info`, or `juju config kratos enable_builtin_ui=true`",
		},
		{
			Text: statusNoMail,
			When: "enable_local_idp is on, and no mail server is related: codes for recovery and verification reach nobody.",
			Next: "`juju integrate kratos:smtp smtp-integrator:smtp`",
		},
	})
}

func blocked(notes []StatusNote) []StatusNote { return under(juju.Blocked, notes) }
func waiting(notes []StatusNote) []StatusNote { return under(juju.Waiting, notes) }
func active(notes []StatusNote) []StatusNote  { return under(juju.Active, notes) }

// under gives the notes with their kind.
func under(status juju.StatusName, notes []StatusNote) []StatusNote {
	for i := range notes {
		notes[i].Status = status
	}
	return notes
}
