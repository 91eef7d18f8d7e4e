package relation

import (
	"crypto/sha256"
	"crypto/sha3"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// DashboardEndpoint is the relation to Grafana, interface grafana_dashboard.
const DashboardEndpoint = "grafana-dashboard"

// Dashboard is one of Grafana's.
type Dashboard struct {
	// File is the name of its file, kratos.json. It is known to Grafana by it.
	File string
	// Path is that of the file in the charm, from which the dashboard's uid is
	// made: people's links hold the uid.
	Path string
	// JSON is the dashboard.
	JSON []byte
}

// WriteDashboards hands the dashboards to Grafana. A file that is not a JSON
// object is an error.
func WriteDashboards(t Topology, dashboards []Dashboard) (Databag, error) {
	templates := map[string]template{}
	for _, d := range dashboards {
		made, err := newTemplate(t, d)
		if err != nil {
			return nil, err
		}
		templates["file:"+d.File] = made
	}
	if len(templates) == 0 {
		return Databag{}, nil
	}
	return Databag{"dashboards": encode(struct {
		Templates map[string]template `json:"templates"`
		UUID      string              `json:"uuid"`
	}{templates, uuidOf(encode(templates))})}, nil
}

// template is a dashboard as Grafana's charm takes it.
type template struct {
	Charm           string            `json:"charm"`
	Content         string            `json:"content"`
	AltUID          string            `json:"dashboard_alt_uid"`
	InjectDropdowns bool              `json:"inject_dropdowns"`
	Topology        map[string]string `json:"juju_topology"`
}

func newTemplate(t Topology, d Dashboard) (template, error) {
	content, err := withUID(t.Charm, d)
	if err != nil {
		return template{}, err
	}
	return template{
		Charm:           t.Charm,
		Content:         base64.StdEncoding.EncodeToString(xz(content)),
		AltUID:          shake(t.Charm+"-file:"+d.File, 8),
		InjectDropdowns: true,
		Topology: map[string]string{
			"model": t.Model, "model_uuid": t.ModelUUID, "application": t.App, "unit": t.Unit,
		},
	}, nil
}

// withUID gives the dashboard the uid and the tag by which Grafana's charm
// tells one charm's dashboards from another's.
func withUID(charm string, d Dashboard) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(d.JSON, &fields); err != nil || fields == nil {
		return nil, fmt.Errorf("cannot read dashboard %q: it is not a JSON object", d.File)
	}
	var tags []string
	if text, ok := fields["tags"]; ok {
		if err := json.Unmarshal(text, &tags); err != nil {
			return nil, fmt.Errorf("cannot read dashboard %q: its tags are not a list of strings", d.File)
		}
	}
	fields["uid"] = json.RawMessage(encode(shake(charm+"-"+d.Path, 20)))
	fields["tags"] = json.RawMessage(encode(append(tags, "charm: "+charm)))
	return []byte(encode(fields)), nil
}

// shake gives so many bytes of SHAKE256 in hexadecimal, as Grafana's charms
// make their uids.
func shake(text string, bytes int) string {
	return hex.EncodeToString(sha3.SumSHAKE256([]byte(text), bytes))
}

// uuidOf gives a UUID that is the same for the same text. Grafana's charm wants
// one that changes when a dashboard does.
func uuidOf(text string) string {
	b := sha256.Sum256([]byte(text))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // version 8, its own making
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
