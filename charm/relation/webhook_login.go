package relation

// LoginWebhookEndpoint is the relation to charms that want to be called when
// somebody signs in, interface kratos_login_webhook.
const LoginWebhookEndpoint = "kratos-login-webhook"

// ReadLoginWebhook reads the call that a charm wants.
func ReadLoginWebhook(r Relation, secrets Secrets) (Webhook, error) {
	return readWebhook(r, secrets, []string{"password", "oidc", "code", "passkey", "webauthn", "totp", "lookup_secret"})
}
