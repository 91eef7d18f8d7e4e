package page

import (
	"bytes"
	"encoding/json"
	"strings"
)

// createData is what a new passkey is made of. Kratos' script names the passkey
// by what the person wrote into the trait that it says.
const (
	createData   = "passkey_create_data"
	displayField = "displayNameFieldName"
)

// hiddenValue gives the value of a hidden input. Where an identity schema does
// not say which trait names a passkey, Kratos takes any, also one that the form
// does not have, which stops its script, or that nobody needs to fill in. Then
// the first trait stands in that is filled in, or has to be.
func (b builder) hiddenValue(a Attributes) string {
	text := valueText(a.Value)
	if a.Name != createData || b.view.Kind != Registration {
		return text
	}
	var data map[string]json.RawMessage
	var field string
	if json.Unmarshal([]byte(text), &data) != nil || json.Unmarshal(data[displayField], &field) != nil {
		return text
	}
	better := b.namingTrait(field)
	if better == field {
		return text
	}
	name, err := json.Marshal(better)
	if err != nil {
		return text
	}
	data[displayField] = name
	return encode(data, text)
}

// encode writes a value, or gives what was there before.
func encode(v any, before string) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return before
	}
	return strings.TrimSpace(out.String())
}

// namingTrait gives the trait to name a passkey by.
func (b builder) namingTrait(wanted string) string {
	var first string
	for _, n := range b.view.Flow.UI.Nodes {
		a := n.Attributes
		if n.Type != "input" || !strings.HasPrefix(a.Name, "traits.") || !a.Required && valueText(a.Value) == "" {
			continue
		}
		if a.Name == wanted {
			return wanted
		}
		first = firstOf(first, a.Name)
	}
	return firstOf(first, wanted)
}
