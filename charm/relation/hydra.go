package relation

// HydraEndpoint is the relation to Ory Hydra, interface hydra_endpoints.
const HydraEndpoint = "hydra-endpoint-info"

// Hydra is where the OAuth2 server listens. PublicURL may be empty.
type Hydra struct{ AdminURL, PublicURL string }

// ReadHydra reads Hydra's addresses.
func ReadHydra(r Relation) (Hydra, error) {
	h := Hydra{AdminURL: r.RemoteApp["admin_endpoint"], PublicURL: r.RemoteApp["public_endpoint"]}
	if h.AdminURL == "" {
		return Hydra{}, r.waiting("admin_endpoint")
	}
	if _, ok := webURL(h.AdminURL); !ok {
		return Hydra{}, r.malformed("admin_endpoint", notWebURL)
	}
	if _, ok := webURL(h.PublicURL); !ok && h.PublicURL != "" {
		return Hydra{}, r.malformed("public_endpoint", notWebURL)
	}
	return h, nil
}
