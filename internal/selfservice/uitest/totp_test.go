package uitest_test

import (
	"encoding/base32"
	"testing"
	"time"

	"github.com/kratos-agent/kratos-agent/internal/selfservice/uitest"
)

// The test values of RFC 6238, appendix B, cut to six digits.
func TestTOTP(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 2000000000: "279037"} {
		if got, err := uitest.TOTP(secret, time.Unix(at, 0)); err != nil || got != want {
			t.Errorf("at %d: %s, %v; want %s", at, got, err, want)
		}
	}
	if _, err := uitest.TOTP("1", time.Now()); err == nil {
		t.Error("it takes what is not base32")
	}
}
