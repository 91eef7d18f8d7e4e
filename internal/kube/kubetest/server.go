package kubetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	configMaps   = "configmaps"
	statefulSets = "statefulsets"
)

// most is what is read of a request: Kubernetes takes 3 MB.
const most = 3 << 20

// request is one that is allowed: what it names, and what it sends.
type request struct {
	*http.Request
	name string
	body []byte
}

// handler answers with the status and a body to be marshalled.
type handler func(request) (int, any, error)

func (d *Double) routes() http.Handler {
	mux := http.NewServeMux()
	maps := "/api/v1/namespaces/{namespace}/configmaps"
	sets := "/apis/apps/v1/namespaces/{namespace}/statefulsets"
	mux.HandleFunc("GET "+maps, d.handle("list", configMaps, d.listConfigMaps))
	mux.HandleFunc("POST "+maps, d.handle("create", configMaps, d.createConfigMap))
	mux.HandleFunc("GET "+maps+"/{name}", d.handle("get", configMaps, d.getConfigMap))
	mux.HandleFunc("GET "+sets+"/{name}", d.handle("get", statefulSets, d.getStatefulSet))
	mux.HandleFunc("PATCH "+sets+"/{name}", d.handle("patch", statefulSets, d.patchStatefulSet))
	mux.HandleFunc("/", d.handle("", "", func(r request) (int, any, error) {
		return 0, nil, apierrors.NewGenericServerResponse(http.StatusNotFound, r.Method, schema.GroupResource{}, "", "", 0, false)
	}))
	return mux
}

func (d *Double) handle(verb, resource string, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.record(r)
		code, body, err := d.answer(verb, resource, h, r)
		if err != nil {
			code, body = refusal(err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(body) // a client that has gone does not care
	}
}

func (d *Double) answer(verb, resource string, h handler, r *http.Request) (int, any, error) {
	if r.Header.Get("Authorization") != "Bearer "+d.token() {
		return 0, nil, apierrors.NewUnauthorized("Unauthorized")
	}
	if d.forbidden(verb, resource) || resource != "" && r.PathValue("namespace") != d.namespace {
		return 0, nil, d.notAllowed(verb, resource, r)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, most))
	if err != nil {
		return 0, nil, apierrors.NewRequestEntityTooLargeError("limit is 3145728")
	}
	return h(request{Request: r, name: r.PathValue("name"), body: body})
}

func (d *Double) notAllowed(verb, resource string, r *http.Request) error {
	g := group(resource)
	return apierrors.NewForbidden(g, r.PathValue("name"), fmt.Errorf(
		"user %q cannot %s resource %q in API group %q in the namespace %q",
		"system:serviceaccount:"+d.namespace+":"+d.app, verb, resource, g.Group, r.PathValue("namespace")))
}

func group(resource string) schema.GroupResource {
	if resource == statefulSets {
		return schema.GroupResource{Group: "apps", Resource: resource}
	}
	return schema.GroupResource{Resource: resource}
}

// refusal gives an error as Kubernetes writes it.
func refusal(err error) (int, any) {
	var known apierrors.APIStatus
	if !errors.As(err, &known) {
		known = apierrors.NewInternalError(err)
	}
	s := known.Status()
	s.Kind, s.APIVersion = "Status", "v1"
	return int(s.Code), s
}
