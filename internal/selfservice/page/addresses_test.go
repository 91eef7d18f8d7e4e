package page

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The flows recovery.addresses-* are written by hand, by what Kratos' own sources
// and snapshots have for feature_flags.choose_recovery_address: the version that
// the others are recorded with has no such recovery.

// TestAddressButtons: another code and the way back need no code, and of several
// addresses none is the main one.
func TestAddressButtons(t *testing.T) {
	t.Parallel()
	type shown struct {
		Text, Name, Class string
		Anyway            bool
	}
	tests := map[string][]shown{
		"recovery.addresses-code": {
			{"Continue", "method", "primary", false}, {"Send another code", "recovery_confirm_address", "plain", true}, {"Back", "screen", "plain", true},
		},
		"recovery.addresses-select": {
			{"+49****66", "recovery_select_address", "", false}, {"ad****@example.com", "recovery_select_address", "", false},
		},
		"recovery.addresses-confirm": {
			{"Continue", "method", "primary", false}, {"Back", "screen", "plain", true},
		},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := rendered(t, View{Kind: Recovery, Flow: readFlow(t, name)})
			var got []shown
			for _, n := range elements(page, "button") {
				got = append(got, shown{textOf(n), attribute(n, "name"), attribute(n, "class"), has(n, "formnovalidate")})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the buttons are others (-want +got):\n%s", diff)
			}
		})
	}
	page := rendered(t, View{Kind: Recovery, Flow: readFlow(t, "recovery.addresses-confirm")})
	if n := the(t, page, "recovery_confirm_address"); attribute(n, "type") != "tel" || attribute(n, "autocomplete") != "tel" || !has(n, "required") {
		t.Error("the input is not for a telephone number")
	}
}
