package relation

// LoggingEndpoint is the relation to Loki, interface loki_push_api.
const LoggingEndpoint = "logging"

// LogTarget is a Loki that takes log lines.
type LogTarget struct {
	// Unit is the name of the Loki unit, and of the log target in Pebble.
	Unit string
	// URL is where lines are pushed to.
	URL string
}

// ReadLogTargets reads where each unit of Loki takes log lines, by the units'
// names. A unit that has not said so yet is left out.
func ReadLogTargets(r Relation) ([]LogTarget, error) {
	var targets []LogTarget
	for _, unit := range r.units() {
		text := r.RemoteUnits[unit]["endpoint"]
		if text == "" {
			continue
		}
		type endpoint struct {
			URL string `json:"url"`
		}
		e, err := decode[endpoint](r, "endpoint", text, "an endpoint")
		if err != nil {
			return nil, err
		}
		if e.URL == "" {
			continue
		}
		if _, ok := webURL(e.URL); !ok {
			return nil, r.malformed("endpoint.url", notWebURL)
		}
		targets = append(targets, LogTarget{Unit: unit, URL: e.URL})
	}
	if targets == nil {
		return nil, r.waiting("endpoint")
	}
	return targets, nil
}

// WriteLogging tells Loki who this is and what to alert about.
func WriteLogging(t Topology, groups []AlertGroup) Databag {
	return Databag{"metadata": encode(t), "alert_rules": encodeAlerts(t, groups)}
}
