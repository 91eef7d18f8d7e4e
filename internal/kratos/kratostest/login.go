package kratostest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// What Kratos says to a sign-in that it refuses.
var (
	ErrWrongCredentials = errors.New("the credentials are wrong")
	ErrAccountDisabled  = errors.New("the account is disabled")
)

// Session is a session of the API flows.
type Session struct {
	Token string
	AAL   string // aal1, or aal2 after a second factor
}

// messageWrongCredentials is the id of Kratos' message of that meaning.
const messageWrongCredentials = 4000006

// Login signs in with a password.
func (s *Server) Login(ctx context.Context, identifier, password string) (Session, error) {
	const doing = "sign in"
	a, err := s.flow(ctx, doing, "/self-service/login/api", "", map[string]any{
		"method": "password", "identifier": identifier, "password": password,
	})
	if err != nil {
		return Session{}, err
	}
	return signedIn(a, doing)
}

// LoginTOTP raises a session to aal2 with an authenticator app's code.
func (s *Server) LoginTOTP(ctx context.Context, token, secret string) (Session, error) {
	code, err := totp(secret)
	if err != nil {
		return Session{}, err
	}
	return s.secondFactor(ctx, token, map[string]any{"method": "totp", "totp_code": code})
}

// LoginLookupSecret raises a session to aal2 with a backup code, which is then
// used up.
func (s *Server) LoginLookupSecret(ctx context.Context, token, code string) (Session, error) {
	return s.secondFactor(ctx, token, map[string]any{"method": "lookup_secret", "lookup_secret": code})
}

func (s *Server) secondFactor(ctx context.Context, token string, body map[string]any) (Session, error) {
	const doing = "sign in with the second factor"
	a, err := s.flow(ctx, doing, "/self-service/login/api?aal=aal2", token, body)
	if err != nil {
		return Session{}, err
	}
	session, err := signedIn(a, doing)
	if session.Token == "" {
		session.Token = token
	}
	return session, err
}

func signedIn(a answer, doing string) (Session, error) {
	switch {
	case a.status == http.StatusBadRequest && a.hasMessage(messageWrongCredentials):
		return Session{}, ErrWrongCredentials
	case a.status == http.StatusUnauthorized && strings.Contains(string(a.body), "disabled"):
		return Session{}, ErrAccountDisabled
	case a.status != http.StatusOK:
		return Session{}, a.unexpected(doing)
	}
	var body struct {
		Token   string `json:"session_token"`
		Session struct {
			AAL string `json:"authenticator_assurance_level"`
		}
	}
	err := a.into(doing, &body)
	return Session{Token: body.Token, AAL: body.Session.AAL}, err
}

// hasMessage tells whether the flow shows the message with this id.
func (a answer) hasMessage(id int) bool {
	var flow struct {
		UI struct{ Messages []struct{ ID int } }
	}
	if json.Unmarshal(a.body, &flow) != nil {
		return false
	}
	for _, m := range flow.UI.Messages {
		if m.ID == id {
			return true
		}
	}
	return false
}

// flow begins a self-service flow and submits one form of it.
func (s *Server) flow(ctx context.Context, doing, path, token string, body map[string]any) (answer, error) {
	begun, err := s.begin(ctx, doing, path, token)
	if err != nil {
		return answer{}, err
	}
	return s.submit(ctx, doing, begun.action(), token, body)
}

// flowBody is what is read of a flow.
type flowBody struct {
	UI struct {
		Action string
		Nodes  []struct {
			Attributes struct {
				ID   string
				Text struct {
					Text    string
					Context json.RawMessage
				}
			}
		}
	}
}

func (f flowBody) action() string { return f.UI.Action }

// text gives the text of the node with the id.
func (f flowBody) text(id string) (string, error) {
	for _, n := range f.UI.Nodes {
		if n.Attributes.ID == id {
			return n.Attributes.Text.Text, nil
		}
	}
	return "", fmt.Errorf("the flow has no node %q", id)
}

func (s *Server) begin(ctx context.Context, doing, path, token string) (flowBody, error) {
	a, err := send(ctx, request{method: http.MethodGet, url: s.PublicURL + path, header: bearer(token)})
	if err != nil {
		return flowBody{}, fmt.Errorf("cannot %s: %w", doing, err)
	}
	if a.status != http.StatusOK {
		return flowBody{}, a.unexpected(doing)
	}
	var f flowBody
	return f, a.into(doing, &f)
}

// submit posts a form to its action, here: in front of the server may stand
// somebody whose address the action has.
func (s *Server) submit(ctx context.Context, doing, action, token string, body map[string]any) (answer, error) {
	at, err := url.Parse(action)
	if err != nil {
		return answer{}, fmt.Errorf("cannot %s: %w", doing, err)
	}
	a, err := send(ctx, request{method: http.MethodPost, url: s.PublicURL + at.RequestURI(), header: bearer(token), body: body})
	if err != nil {
		return a, fmt.Errorf("cannot %s: %w", doing, err)
	}
	return a, nil
}

func bearer(token string) map[string]string {
	if token == "" {
		return nil
	}
	return map[string]string{"X-Session-Token": token}
}

// Whoami asks whose session the token is. The status is 200 for a live session
// with its assurance level, 401 for none, and 403 with needsAAL2 where a second
// factor is set up and has not been given.
func (s *Server) Whoami(ctx context.Context, token string) (status int, aal string, needsAAL2 bool, err error) {
	status, body, err := s.whoami(ctx, bearer(token))
	return status, body.AAL, body.Error.ID == "session_aal2_required", err
}

type whoamiBody struct {
	AAL      string `json:"authenticator_assurance_level"`
	Identity struct{ ID string }
	Error    struct{ ID string }
}

func (s *Server) whoami(ctx context.Context, header map[string]string) (int, whoamiBody, error) {
	const doing = "ask whose session it is"
	a, err := send(ctx, request{method: http.MethodGet, url: s.PublicURL + "/sessions/whoami", header: header})
	if err != nil {
		return 0, whoamiBody{}, fmt.Errorf("cannot %s: %w", doing, err)
	}
	var body whoamiBody
	return a.status, body, a.into(doing, &body)
}

// flowID reads the flow's id from a link.
func flowID(link string) (string, error) {
	u, err := url.Parse(link)
	if err != nil {
		return "", err
	}
	id := u.Query().Get("flow")
	if id == "" {
		return "", errors.New("the link names no flow")
	}
	return id, nil
}
