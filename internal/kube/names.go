package kube

// The names that the ConfigMaps of an application called kratos have.
const (
	ProvidersName = "oidc-providers"
	SchemasName   = "identity-schemas"
)

// firstApp is the application that has these names without a prefix.
const firstApp = "kratos"

// Names gives the names of an application's two ConfigMaps, of those that exist
// or are to be made. One that exists and belongs to the application is kept,
// whatever the application is called; one that belongs to another application
// is never used. A new one has the plain name where the application is called
// kratos and the name is free, else the application's own before it.
func Names(app string, existing []ConfigMap) (providers, schemas string) {
	owners := make(map[string]string, len(existing))
	for _, m := range existing {
		owners[m.Name] = m.Owner
	}
	return nameOf(ProvidersName, app, owners), nameOf(SchemasName, app, owners)
}

func nameOf(plain, app string, owners map[string]string) string {
	prefixed := app + "-" + plain
	owner, exists := owners[plain]
	switch {
	case owner == app:
		return plain
	case exists, app != firstApp:
		return prefixed
	case owners[prefixed] == app: // made while another application had the plain name
		return prefixed
	default:
		return plain
	}
}
