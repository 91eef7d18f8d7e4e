package relation

import "strings"

// TracingEndpoint is the relation to Tempo, interface tracing, version 2.
const TracingEndpoint = "tracing"

const (
	keyReceivers = "receivers"
	otlpHTTP     = "otlp_http"
)

// Tracing is where traces are sent to.
type Tracing struct {
	// Server is host:port, and what of a path was given, without a scheme: the
	// form that Kratos takes.
	Server string
	// Insecure is set where the connection has no TLS.
	Insecure bool
}

// ReadTracing reads the receiver of OTLP over HTTP.
func ReadTracing(r Relation) (Tracing, error) {
	text := r.RemoteApp[keyReceivers]
	if text == "" {
		return Tracing{}, r.waiting(keyReceivers)
	}
	type receiver struct {
		Protocol struct {
			Name string `json:"name"`
		} `json:"protocol"`
		URL string `json:"url"`
	}
	receivers, err := decode[[]receiver](r, keyReceivers, text, "a list of receivers")
	if err != nil {
		return Tracing{}, err
	}
	for _, c := range receivers {
		if c.Protocol.Name != otlpHTTP {
			continue
		}
		u, ok := webURL(c.URL)
		if !ok {
			return Tracing{}, r.malformed(keyReceivers, "the URL of its otlp_http is not an http or https URL")
		}
		return Tracing{Server: u.Host + strings.TrimRight(u.EscapedPath(), "/"), Insecure: u.Scheme == "http"}, nil
	}
	return Tracing{}, r.waiting(keyReceivers)
}

// WriteTracing asks for a receiver of OTLP over HTTP.
func WriteTracing() Databag { return Databag{keyReceivers: encode([]string{otlpHTTP})} }
