package relation

// RegistrationWebhookEndpoint is the relation to charms that want to be called
// when somebody signs up, interface kratos_registration_webhook.
const RegistrationWebhookEndpoint = "kratos-registration-webhook"

// ReadRegistrationWebhook reads the call that a charm wants.
func ReadRegistrationWebhook(r Relation, secrets Secrets) (Webhook, error) {
	return readWebhook(r, secrets, []string{"password", "oidc", "code", "passkey", "webauthn"})
}
