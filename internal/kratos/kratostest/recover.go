package kratostest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// UseRecoveryCode types a recovery code as a browser would, into the flow that
// the link names, and gives the id of the identity that is then signed in.
func (s *Server) UseRecoveryCode(ctx context.Context, link, code string) (identityID string, err error) {
	const doing = "use the recovery code"
	flow, err := flowID(link)
	if err != nil {
		return "", fmt.Errorf("cannot %s: %w", doing, err)
	}
	a, err := s.submit(ctx, doing, s.PublicURL+"/self-service/recovery?flow="+flow, "", map[string]any{"method": "code", "code": code})
	if err != nil {
		return "", err
	}
	return s.recovered(ctx, doing, a)
}

// OpenRecoveryLink opens a recovery link as a browser would, which uses it up,
// and gives the id of the identity that is then signed in.
func (s *Server) OpenRecoveryLink(ctx context.Context, link string) (identityID string, err error) {
	const doing = "open the recovery link"
	a, err := send(ctx, request{method: http.MethodGet, url: link, header: map[string]string{"Accept": "text/html"}})
	if err != nil {
		return "", fmt.Errorf("cannot %s: %w", doing, err)
	}
	return s.recovered(ctx, doing, a)
}

// recovered reads the session's cookie and asks whose it is.
func (s *Server) recovered(ctx context.Context, doing string, a answer) (string, error) {
	var cookies []string
	signedIn := false
	for _, c := range a.cookie {
		cookies = append(cookies, c.Name+"="+c.Value)
		signedIn = signedIn || c.Name == "ory_kratos_session"
	}
	if a.status == http.StatusUnauthorized && strings.Contains(string(a.body), "disabled") {
		return "", ErrAccountDisabled
	}
	if !signedIn {
		return "", fmt.Errorf("cannot %s: no session came of it (status %d, Location %q): %s", doing, a.status, a.header.Get("Location"), a.body)
	}
	status, who, err := s.whoami(ctx, map[string]string{"Cookie": strings.Join(cookies, "; ")})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("cannot %s: whoami answered %d", doing, status)
	}
	return who.Identity.ID, err
}
