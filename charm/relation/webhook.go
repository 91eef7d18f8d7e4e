package relation

import (
	"cmp"
	"slices"
	"strconv"
)

const keyAuthSecret = "auth_config_value_secret"

// Webhook is a call that another charm wants Kratos to make.
type Webhook struct {
	RelationID int
	URL        string
	// Body is the Jsonnet that makes the request's body, or the URL of it.
	Body string
	// Method is the HTTP method.
	Method string
	// Before is set for a call ahead of the flow, else it comes after it.
	Before bool
	// Methods are the ways to sign in or up that the call belongs to; none
	// means all.
	Methods []string
	// Weight orders the calls of one phase, the lowest first.
	Weight int
	// IgnoreResponse lets the flow go on without waiting; ParseResponse takes
	// changes to the identity from the answer.
	IgnoreResponse, ParseResponse bool
	// Auth is nil for a call without an API key.
	Auth *WebhookAuth
}

// WebhookAuth is the API key that goes with a call.
type WebhookAuth struct {
	Name  string // of the header or cookie
	Value Secret
	In    string // header or cookie
}

// readWebhook reads the databag that both webhook interfaces share; methods are
// those that the interface knows.
func readWebhook(r Relation, secrets Secrets, methods []string) (Webhook, error) {
	bag := r.RemoteApp
	for _, key := range []string{"url", "body"} {
		if bag[key] == "" {
			return Webhook{}, r.waiting(key)
		}
	}
	w := Webhook{
		RelationID: r.ID, URL: bag["url"], Body: bag["body"], Method: bag["method"],
		IgnoreResponse: truth(bag["response_ignore"]), ParseResponse: truth(bag["response_parse"]),
	}
	if _, ok := webURL(w.URL); !ok {
		return Webhook{}, r.malformed("url", notWebURL)
	}
	if w.Method == "" || !allOf(w.Method, isLetter) {
		return Webhook{}, r.malformed("method", "it is no HTTP method")
	}
	var err error
	if w.Before, err = readMode(r); err != nil {
		return Webhook{}, err
	}
	if w.Methods, err = readMethods(r, methods); err != nil {
		return Webhook{}, err
	}
	if w.Weight, err = readWeight(r); err != nil {
		return Webhook{}, err
	}
	w.Auth, err = readAuth(r, secrets)
	if err != nil {
		return Webhook{}, err
	}
	return w, nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func readMode(r Relation) (before bool, err error) {
	switch r.RemoteApp["mode"] {
	case "", "after":
		return false, nil
	case "before":
		return true, nil
	}
	return false, r.malformed("mode", "it is neither before nor after")
}

func readMethods(r Relation, known []string) ([]string, error) {
	const key = "methods"
	if r.RemoteApp[key] == "" {
		return nil, nil
	}
	methods, err := decode[[]string](r, key, r.RemoteApp[key], "a list of strings")
	if err != nil || len(methods) == 0 {
		return nil, err
	}
	for _, m := range methods {
		if !slices.Contains(known, m) {
			return nil, r.malformed(key, "it has a method that this interface does not know")
		}
	}
	slices.Sort(methods)
	return slices.Compact(methods), nil
}

func readWeight(r Relation) (int, error) {
	const key = "weight"
	if r.RemoteApp[key] == "" {
		return 0, nil
	}
	weight, err := strconv.Atoi(r.RemoteApp[key])
	if err != nil || weight < 0 {
		return 0, r.malformed(key, "it is not a whole number of 0 or more")
	}
	return weight, nil
}

// readAuth reads the API key. It is asked for where the databag names a key, as
// a secret or in clear; what is not said about it has the defaults of the
// interface.
func readAuth(r Relation, secrets Secrets) (*WebhookAuth, error) {
	content, err := secrets.content(r, keyAuthSecret)
	if err != nil {
		return nil, err
	}
	value := either(content["auth-config-value"], r.RemoteApp["auth_config_value"])
	switch {
	case value == "" && r.RemoteApp[keyAuthSecret] != "":
		return nil, &Error{Relation: r.String(), Key: keyAuthSecret, Reason: `it has no "auth-config-value"`, kind: ErrSecret}
	case value == "":
		return nil, nil
	}
	if kind := r.RemoteApp["auth_type"]; kind != "" && kind != "api_key" {
		return nil, r.malformed("auth_type", "it is not api_key")
	}
	auth := WebhookAuth{
		Name:  either(r.RemoteApp["auth_config_name"], "Authorization"),
		In:    either(r.RemoteApp["auth_config_in"], "header"),
		Value: Secret(value),
	}
	if auth.In != "header" && auth.In != "cookie" {
		return nil, r.malformed("auth_config_in", "it is neither header nor cookie")
	}
	return &auth, nil
}

// SortWebhooks puts calls into the order in which Kratos is to make them: by
// weight, then by the age of their relation.
func SortWebhooks(hooks []Webhook) {
	slices.SortFunc(hooks, func(a, b Webhook) int {
		return cmp.Or(cmp.Compare(a.Weight, b.Weight), cmp.Compare(a.RelationID, b.RelationID))
	})
}
