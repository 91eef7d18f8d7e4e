package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Flow is what the pages need of a self-service flow as Kratos sends it, at
// GET /self-service/<kind>/flows?id=. What Kratos sends beyond that is left out.
type Flow struct {
	ID           string
	State        string // such as "choose_method", "sent_email", "passed_challenge", "success"
	RequestURL   string // what the browser asked for when the flow began
	ReturnTo     string // where Kratos sends the browser at the end; "" where it was not asked to
	RequestedAAL string // login: "aal1" or "aal2"
	Refresh      bool   // login: the person is signed in and is to prove it again
	ExpiresAt    time.Time
	// LoginChallenge is OAuth2's: it has to be handed on to every flow that this
	// one leads to.
	LoginChallenge string
	// ClientName is the name of the OAuth2 client that asks for the sign-in.
	ClientName string
	UI         UI
}

// UI is the form of a flow.
type UI struct {
	Action, Method string
	Nodes          []Node
	Messages       []Message
}

// Node is one part of the form. Type is "input", "img", "text", "a" or
// "script"; any other is left out of the page.
type Node struct {
	Type, Group string
	Attributes  Attributes
	Messages    []Message
	Meta        struct{ Label *Message }
}

// Attributes are those of all types of node together.
type Attributes struct {
	Name, Type, Pattern, Autocomplete string
	Value                             any // string, json.Number, bool, nil; anything else is no value
	Required, Disabled                bool
	MaxLength                         int
	OnClickTrigger, OnLoadTrigger     string // the names of Kratos' own JavaScript functions
	Label                             *Message
	Options                           []Option

	ID            string
	Src, Href     string
	Width, Height int
	Title, Text   *Message
	Async         bool

	Integrity, CrossOrigin, ReferrerPolicy string
}

// Option is one choice of an input that has a list of them.
type Option struct {
	Value any
	Label *Message
}

// Message is a text for a person. ID names it in the catalogue.
type Message struct {
	ID         int64
	Type, Text string // Type is "info", "error" or "success"
	Context    map[string]any
}

// ParseFlow reads a flow. A node that cannot be read is left out, so that one
// odd node of a newer Kratos does not cost the page; a text that is no flow is
// an error.
func ParseFlow(text []byte) (Flow, error) {
	var raw struct {
		ID           string
		State        any
		RequestURL   string    `json:"request_url"`
		ReturnTo     string    `json:"return_to"`
		RequestedAAL string    `json:"requested_aal"`
		Refresh      bool      `json:"refresh"`
		ExpiresAt    time.Time `json:"expires_at"`
		Challenge    string    `json:"oauth2_login_challenge"`
		Request      struct {
			Client struct {
				Name string `json:"client_name"`
			}
		} `json:"oauth2_login_request"`
		UI struct {
			Action, Method string
			Nodes          []json.RawMessage
			Messages       []json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return Flow{}, fmt.Errorf("cannot read the flow: %w", err)
	}
	if raw.ID == "" || raw.UI.Action == "" {
		return Flow{}, fmt.Errorf("cannot read the flow: it has no id or no action")
	}
	state, _ := raw.State.(string)
	return Flow{
		ID: raw.ID, State: state, RequestURL: raw.RequestURL, ReturnTo: raw.ReturnTo,
		RequestedAAL: raw.RequestedAAL, Refresh: raw.Refresh, ExpiresAt: raw.ExpiresAt,
		LoginChallenge: raw.Challenge, ClientName: raw.Request.Client.Name,
		UI: UI{
			Action: raw.UI.Action, Method: raw.UI.Method,
			Nodes: readable[Node](raw.UI.Nodes), Messages: readable[Message](raw.UI.Messages),
		},
	}, nil
}

// readable decodes what can be decoded. Numbers stay as they are written, since
// they are written back into the form.
func readable[T any](texts []json.RawMessage) []T {
	var all []T
	for _, text := range texts {
		var one T
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if d.Decode(&one) == nil {
			all = append(all, one)
		}
	}
	return all
}

// Has tells whether the flow shows the message with the id, on itself or on one
// of its nodes.
func (f Flow) Has(message int64) bool {
	for _, m := range f.UI.Messages {
		if m.ID == message {
			return true
		}
	}
	for _, n := range f.UI.Nodes {
		for _, m := range n.Messages {
			if m.ID == message {
				return true
			}
		}
	}
	return false
}

// Error is what Kratos keeps of a failure, at GET /self-service/errors?id=.
type Error struct {
	ID, Status, Reason, Message string
	Code                        int // the HTTP status that fits
}

// ParseError reads a failure: Kratos' own container of one, or the body of any
// answer of Kratos' that is an error.
func ParseError(text []byte) (Error, error) {
	var raw struct {
		Error struct {
			ID, Status, Reason, Message string
			Code                        int
		}
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return Error{}, fmt.Errorf("cannot read the error: %w", err)
	}
	e := Error{ID: raw.Error.ID, Status: raw.Error.Status, Reason: raw.Error.Reason, Message: raw.Error.Message, Code: raw.Error.Code}
	if e.ID == "" && e.Message == "" && e.Reason == "" && e.Status == "" {
		return Error{}, fmt.Errorf("cannot read the error: it says nothing")
	}
	return e, nil
}
