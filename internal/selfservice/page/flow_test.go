package page

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseFlow(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `[]`, `{}`, `{"id":"x"}`, `{"id":"x","ui":{"action":""}}`, `{"id":7,"ui":{"action":"/"}}`} {
		if _, err := ParseFlow([]byte(text)); err == nil {
			t.Errorf("%s is taken for a flow", text)
		}
	}
	f, err := ParseFlow([]byte(`{"id":"x","state":null,"expires_at":"2030-01-01T00:00:00Z","return_to":"https://app.example/","oauth2_login_challenge":"c",
		"oauth2_login_request":{"client":{"client_name":"App"}},"requested_aal":"aal2","refresh":true,"ui":{"action":"/a","messages":[{"id":1,"text":"t","type":"info"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if f.ReturnTo == "" || f.LoginChallenge != "c" || f.ClientName != "App" || f.RequestedAAL != "aal2" || !f.Refresh || f.ExpiresAt.IsZero() || !f.Has(1) || f.Has(2) {
		t.Errorf("the flow lacks something: %+v", f)
	}
}

func TestParseError(t *testing.T) {
	t.Parallel()
	e, err := ParseError([]byte(`{"id":"container","error":{"id":"self_service_flow_disabled","code":400,"status":"Bad Request","reason":"r","message":"m"}}`))
	want := Error{ID: "self_service_flow_disabled", Code: 400, Status: "Bad Request", Reason: "r", Message: "m"}
	if diff := cmp.Diff(want, e); diff != "" || err != nil {
		t.Errorf("the error is another (%v):\n%s", err, diff)
	}
	for _, text := range []string{``, `{}`, `{"error":{}}`, `{"error":"x"}`} {
		if _, err := ParseError([]byte(text)); err == nil {
			t.Errorf("%s is taken for an error", text)
		}
	}
}
