package schemacheck_test

import (
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratosconf/schemacheck"
)

// TestTelephoneNumbers: this program takes no number for valid, see
// internal/phonenumbers. Nothing in a schema is held to the format of numbers,
// neither those that stand in it beside the format nor a property of its name.
func TestTelephoneNumbers(t *testing.T) {
	t.Parallel()
	for _, rest := range []string{
		``, `,"default":"+49 30 1234567"`, `,"const":"+49 30 1234567"`, `,"enum":["+49 30 1234567","none"]`,
		`,"default":"none"`, `,"examples":["none"]`, `,"ory.sh/kratos":{"verification":{"via":"sms"},"credentials":{"code":{"identifier":true,"via":"sms"}}}`,
	} {
		for _, draft := range []string{"draft-04/schema#", "draft-06/schema#", "draft-07/schema#"} {
			schema := `{"$schema":"http://json-schema.org/` + draft + `",` + traits(`{"type":"string","format":"tel"` + rest + `}`)[1:]
			if err := schemacheck.Check(t.Context(), "identity_schemas", []byte(schema)); err != nil {
				t.Errorf("%s: %v", schema, err)
			}
		}
	}
}
