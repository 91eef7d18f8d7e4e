package selfservice_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/kratos/kratostest"
)

func TestBrowserWalk(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil, nil)
	b := newBrowser(t)
	email := kratostest.Email(t)

	b.goTo(r.origin+"/").want("/login", http.StatusOK, "Sign in")
	b.click("/registration").want("/registration", http.StatusOK)
	b.submit("method=profile", map[string]string{"traits.email": email}).want("/registration", http.StatusOK)
	b.submit("method=password", map[string]string{"password": password})
	b.want("/settings", http.StatusOK, email)

	b.submit("method=password", map[string]string{"password": password + "-2"}).want("/settings", http.StatusOK, "saved")
	b.click("/logout").want("/login", http.StatusOK)

	b.submit("method=password", map[string]string{"identifier": email, "password": "wrong"}).want("/login", http.StatusOK, "not right")
	b.submit("method=password", map[string]string{"identifier": email, "password": password + "-2"}).want("/settings", http.StatusOK)
	b.click("/logout").want("/login", http.StatusOK)

	b.click("/recovery").want("/recovery", http.StatusOK)
	b.submit("method=code", map[string]string{"email": email}).want("/recovery", http.StatusOK)
	b.submit("method=code", map[string]string{"code": r.mailed(t, email)}).want("/settings", http.StatusOK)

	b.goTo(r.origin+"/verification").want("/verification", http.StatusOK)
	b.submit("method=code", map[string]string{"email": email}).want("/verification", http.StatusOK)
	b.submit("method=code", map[string]string{"code": r.mailed(t, email)}).want("/verification", http.StatusOK)

	if strings.Contains(r.log.String(), "s3cr3t-mark") || strings.Contains(r.log.String(), "flow=") {
		t.Errorf("the log holds secrets:\n%s", r.log)
	}
}
