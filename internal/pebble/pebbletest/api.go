package pebbletest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// refusal is an answer that tells of an error.
type refusal struct {
	status  int
	kind    string
	message string
}

func (r *refusal) Error() string { return r.message }

func bad(format string, args ...any) error {
	return &refusal{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

// async is what a handler gives for something that goes on.
type async struct {
	change string
	result any
}

type handler func(*http.Request) (any, error)

func (d *daemon) routes() http.Handler {
	mux := http.NewServeMux()
	paths := map[string]bool{}
	add := func(method, path string, h handler) {
		paths[path] = true
		mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) { serve(w, r, h) })
	}
	add("GET", "/v1/system-info", d.systemInfo)
	add("GET", "/v1/plan", d.getPlan)
	add("POST", "/v1/layers", d.postLayers)
	add("GET", "/v1/services", d.getServices)
	add("POST", "/v1/services", d.postServices)
	add("POST", "/v1/signals", d.postSignals)
	add("GET", "/v1/changes/{id}", d.getChange)
	add("GET", "/v1/changes/{id}/wait", d.waitChange)
	add("GET", "/v1/checks", d.getChecks)
	if !d.options.Old {
		add("POST", "/v1/checks", d.postChecks)
	}
	add("POST", "/v1/files", d.postFiles)
	add("POST", "/v1/exec", d.postExec)
	mux.HandleFunc("GET /v1/files", d.getFiles)
	mux.HandleFunc("GET /v1/health", d.health)
	mux.HandleFunc("GET /v1/tasks/{id}/websocket/{stream}", d.connect)
	for path := range paths {
		mux.HandleFunc(path, notAllowed)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, &refusal{status: http.StatusNotFound, message: "invalid API endpoint requested"})
	})
	return mux
}

func notAllowed(w http.ResponseWriter, r *http.Request) {
	fail(w, &refusal{status: http.StatusMethodNotAllowed, message: fmt.Sprintf("method %q not allowed", r.Method)})
}

func serve(w http.ResponseWriter, r *http.Request, h handler) {
	result, err := h(r)
	if err != nil {
		fail(w, err)
		return
	}
	if a, ok := result.(async); ok {
		write(w, http.StatusAccepted, map[string]any{"type": "async", "change": a.change, "result": a.result})
		return
	}
	write(w, http.StatusOK, map[string]any{"type": "sync", "result": result})
}

func fail(w http.ResponseWriter, err error) {
	r, ok := err.(*refusal)
	if !ok {
		r = &refusal{status: http.StatusInternalServerError, message: err.Error()}
	}
	write(w, r.status, map[string]any{"type": "error", "result": words(r)})
}

func words(r *refusal) map[string]any {
	said := map[string]any{"message": r.message}
	if r.kind != "" {
		said["kind"] = r.kind
	}
	return said
}

func write(w http.ResponseWriter, status int, body map[string]any) {
	body["status-code"], body["status"] = status, http.StatusText(status)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// body decodes the request. Keys that are not in it are those of the contract,
// so an unknown one is an error here, though Pebble passes over it.
func body(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return bad("cannot decode data from request body: %v", err)
	}
	return nil
}

// wanted reads the parameter names: a filter that lets all pass when empty.
func wanted(r *http.Request) func(string) bool {
	var names []string
	for _, list := range r.URL.Query()["names"] {
		names = append(names, strings.Split(list, ",")...)
	}
	return func(name string) bool { return len(names) == 0 || slices.Contains(names, name) }
}

func (d *daemon) systemInfo(*http.Request) (any, error) {
	version := "v1.32.1"
	if d.options.Old {
		version = "v1.7.4"
	}
	return map[string]string{"boot-id": "00000000-0000-4000-8000-000000000000", "version": version}, nil
}
