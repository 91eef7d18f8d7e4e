// Code generated from actions.yaml by make generate. DO NOT EDIT.

package agent

import (
	"encoding/json"

	"github.com/kratos-agent/kratos-agent/internal/spec"
)

// declared gives the declared actions, as spec.Parse reads them.
func declared() []spec.Action {
	return []spec.Action{
		{Name: "create-admin-account", Description: "Create an administrator's identity.\n" +
			"With a password (from a secret) the account can sign in at once; without one, a recovery link and code are issued.\n" +
			"Run again with the same email, username and schema, it finishes an account that nobody can sign in to yet.", Params: []spec.Param{
			{Name: "username", Description: "The username to sign in with.\n" +
				"Under Juju, digits only, yes, no or null need --string-args, which keeps a value as typed; without it YAML typing turns them into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}, Required: true},
			{Name: "email", Description: "The email address, which is also an identifier to sign in with.\n" +
				"Under Juju, a value with \" #\" in it or one that YAML reads as a number or boolean needs --string-args.", Types: []spec.Type{"string"}, Required: true},
			{Name: "password-secret-id", Description: "The id of a Juju secret that holds the key \"password\" (juju add-secret NAME password=VALUE, then juju grant-secret NAME kratos).\n" +
				"Its newest revision is read. Only where Juju's hook tools are; elsewhere give the password by file.", Types: []spec.Type{"string"}},
			{Name: "password", Description: "The password in clear text. Juju keeps it, readable, in the operation's record: prefer password-secret-id.\n" +
				"Digits only, yes, no or null need --string-args; without it YAML typing turns them into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}, WriteOnly: true},
			{Name: "name", Description: "The full name (trait \"name\").\n" +
				"Under Juju, digits only, yes, no or null need --string-args; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "phone-number", Description: "The phone number (trait \"phone_number\").\n" +
				"Under Juju it needs --string-args: YAML typing turns digits into a number, and yes or null into other types, and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "schema-id", Description: "The identity schema of the account.", Types: []spec.Type{"string"}, Default: "admin_v0"},
			{Name: "expires-in", Description: "How long the recovery link and code work: a Go duration (90m, 12h) or whole days (7d), above 0.", Types: []spec.Type{"string"}, Default: "1h"},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "created", Description: "Whether the identity is new; false where an earlier run's was finished."},
			{Name: "recovery-link", Description: "Where the person gets in, without a password only."},
			{Name: "recovery-code", Description: "The code to type there, without a password only."},
			{Name: "expires-at", Description: "Until when that works, RFC 3339 in UTC."},
		}},
		{Name: "get-identity", Description: "Show an identity. Credential secrets are never shown.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "*", Description: "The identity as Kratos has it, nested keys with dots and \"_\" as \"-\"."},
		}},
		{Name: "invite-user", Description: "Create an identity for a person and issue a recovery link, or a code, by which they get in and set a password.\n" +
			"For an identity that exists already, only the link or code is issued: the same command invites again.", Params: []spec.Param{
			{Name: "email", Description: "The email address of the person to invite, which becomes the trait \"email\".\n" +
				"Under Juju, a value with \" #\" in it or one that YAML reads as a number or boolean needs --string-args.", Types: []spec.Type{"string"}, Required: true},
			{Name: "schema-id", Description: "The identity schema of a new identity. Left out, the server's default schema is used.", Types: []spec.Type{"string"}},
			{Name: "traits", Description: "Further traits of a new identity, a JSON object such as {\"name\": \"Alice\"}.", Types: []spec.Type{"object", "string"}},
			{Name: "recovery-method", Description: "A link signs in whoever opens it first, chat previews included. A code has to be typed.", Types: []spec.Type{"string"}, Enum: []string{"link", "code"}, Default: "link"},
			{Name: "expires-in", Description: "How long the invitation works: a Go duration (90m, 12h) or whole days (7d), above 0.", Types: []spec.Type{"string"}, Default: "12h"},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "created", Description: "Whether the identity is new."},
			{Name: "recovery-link", Description: "Where the person gets in."},
			{Name: "recovery-code", Description: "The code to type there, with recovery-method code only."},
			{Name: "expires-at", Description: "Until when that works, RFC 3339 in UTC."},
		}},
		{Name: "reset-password", Description: "Set a person's password from a secret, or issue a recovery code or link by which they set it themselves.\n" +
			"Nothing else of the identity changes.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "password-secret-id", Description: "The id of a Juju secret that holds the key \"password\" (juju add-secret NAME password=VALUE, then juju grant-secret NAME kratos).\n" +
				"Its newest revision is read. Only where Juju's hook tools are; elsewhere give the password by file.", Types: []spec.Type{"string"}},
			{Name: "password", Description: "The password in clear text. Juju keeps it, readable, in the operation's record: prefer password-secret-id.\n" +
				"Digits only, yes, no or null need --string-args; without it YAML typing turns them into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}, WriteOnly: true},
			{Name: "recovery-method", Description: "What to issue when no password is given. A code has to be typed. A link signs in whoever opens it first, chat previews included.", Types: []spec.Type{"string"}, Enum: []string{"code", "link"}, Default: "code"},
			{Name: "expires-in", Description: "How long the recovery code or link works: a Go duration (90m, 12h) or whole days (7d), above 0.", Types: []spec.Type{"string"}, Default: "1h"},
			{Name: "invalidate-sessions", Description: "End the person's sessions too; otherwise those that are open stay valid.", Types: []spec.Type{"boolean", "string"}, Default: false},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "recovery-link", Description: "Where the person gets in, without a password only."},
			{Name: "recovery-code", Description: "The code to type there, with recovery-method code only."},
			{Name: "expires-at", Description: "Until when that works, RFC 3339 in UTC."},
			{Name: "sessions-invalidated", Description: "How many open sessions were ended, with invalidate-sessions only."},
			{Name: "*", Description: "With a password, the identity as get-identity gives it."},
		}},
		{Name: "reset-identity-mfa", Description: "Remove a second factor, so that a person who lost it can sign in and enrol a new one.\n" +
			"Passwordless keys and passkeys are a first factor and are kept.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "mfa-type", Description: "The second factor to remove: totp (authenticator app), lookup_secret (backup codes), webauthn (security keys) or all.", Types: []spec.Type{"string"}, Enum: []string{"totp", "lookup_secret", "webauthn", "all"}, Required: true},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "removed", Description: "The second factors that are gone, one a line."},
			{Name: "kept", Description: "What is left though it may look like a second factor, and why, one a line."},
		}},
		{Name: "invalidate-identity-sessions", Description: "End every session of a person.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "sessions-invalidated", Description: "How many open sessions were ended."},
		}},
		{Name: "delete-identity", Description: "Delete an identity with its credentials and sessions.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "ignore-missing", Description: "Complete when there is no such identity.", Types: []spec.Type{"boolean", "string"}, Default: false},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID; missing where there was none."},
			{Name: "id", Description: "The id of the identity that this run has deleted."},
		}},
		{Name: "delete-user", Description: "Delete a person's identity with its credentials and sessions: delete-identity, which completes when there is none.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "ignore-missing", Description: "Complete when there is no such identity.", Types: []spec.Type{"boolean", "string"}, Default: true},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID; missing where there was none."},
			{Name: "id", Description: "The id of the identity that this run has deleted."},
		}},
		{Name: "disable-identity", Description: "Keep a person from signing in, without deleting anything.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "invalidate-sessions", Description: "End the person's sessions for good; otherwise they come back when the identity is enabled.", Types: []spec.Type{"boolean", "string"}, Default: true},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "state", Description: "The identity's state now."},
			{Name: "sessions-invalidated", Description: "How many open sessions were ended, with invalidate-sessions only."},
		}},
		{Name: "enable-identity", Description: "Let a person whose identity was disabled sign in again.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "state", Description: "The identity's state now."},
		}},
		{Name: "list-oidc-accounts", Description: "List the social logins that are linked to an identity, as provider:subject.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "identifiers", Description: "The social logins, one provider:subject a line."},
			{Name: "count", Description: "How many there are."},
		}},
		{Name: "unlink-oidc-account", Description: "Remove a social login from an identity. The last way to sign in is kept unless forced.", Params: []spec.Param{
			{Name: "identity-id", Description: "The identity's id, a UUID. Give this or email.\n" +
				"Under Juju, --string-args keeps it as typed; without it YAML typing turns digits only, yes or null into other types and cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "email", Description: "What the person signs in with: an email address or a username, in any letter case. Give this or identity-id.\n" +
				"Under Juju, a username of digits only, yes, no or null needs --string-args, which keeps a value as typed; YAML typing also cuts a value at \" #\".", Types: []spec.Type{"string"}},
			{Name: "credential-id", Description: "The social login, as list-oidc-accounts shows it: provider:subject.\n" +
				"Under Juju, a value with \": \" or \" #\" in it, or one that YAML reads as a number (12:30), needs --string-args: YAML typing turns it into another type or cuts it; yes or null alike.", Types: []spec.Type{"string"}, Required: true},
			{Name: "force", Description: "Remove it even if nothing is left to sign in with.", Types: []spec.Type{"boolean", "string"}, Default: false},
		}, Results: []spec.Result{
			{Name: "identity-id", Description: "The identity's id, a UUID."},
			{Name: "unlinked", Description: "The social login that is gone."},
		}},
		{Name: "run-migration", Description: "Migrate the database to the version of Kratos that this unit runs, and let Kratos serve. Back up the database first.\n" +
			"On the leader only. Cut in the middle, it can be run again.", Params: []spec.Param{
			{Name: "timeout", Description: "How long the migration may take, in seconds, above 0.", Types: []spec.Type{"number", "string"}, Default: json.Number("120")},
		}, Results: []spec.Result{
			{Name: "version", Description: "The version of Kratos that the database was migrated by."},
		}},
		{Name: "rotate-secrets", Description: "Make new secrets for Kratos: for cookies, for what it encrypts, and for all else. Nobody is signed out; what was sealed with the old ones stays readable until the next rotation.\n" +
			"On the leader only. The new secrets are first accepted by every unit, and then used, which goes on by itself after the action, within minutes.", Results: []spec.Result{
			{Name: "rotation", Description: "How many rotations there were, this one included."},
		}},
	}
}
