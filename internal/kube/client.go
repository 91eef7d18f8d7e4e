package kube

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/kratos-agent/kratos-agent/internal/fault"
)

// DefaultDir is where Kubernetes mounts the service account of a pod.
const DefaultDir = "/var/run/secrets/kubernetes.io/serviceaccount"

// answerTime is how long one answer of Kubernetes is waited for.
const answerTime = 10 * time.Second

// Options say where Kubernetes is and for whom it is asked.
type Options struct {
	// Getenv reads the environment: KUBERNETES_SERVICE_HOST and
	// KUBERNETES_SERVICE_PORT, and nothing else. It can be nil where Host is set.
	Getenv func(string) string
	// Dir holds the files token, ca.crt and namespace; DefaultDir where empty.
	Dir string
	// App is the Juju application, whose StatefulSet has the same name.
	App string
	// UserAgent is what the program calls itself; [Manager] where empty.
	UserAgent string
	// Host is a URL that stands before the environment's. Over plain http there
	// is no ca.crt.
	Host string
}

// Client speaks with Kubernetes for one application, in its own namespace.
type Client struct {
	app, namespace string
	configMaps     dynamic.ResourceInterface
	statefulSets   dynamic.ResourceInterface
	timeout        time.Duration
}

// New reads the service account of this pod, and connects to nothing yet. The
// error is of the kind Precondition where this is no pod.
func New(o Options) (*Client, error) {
	if o.Dir == "" {
		o.Dir = DefaultDir
	}
	config, namespace, err := account(o)
	if err != nil {
		return nil, fault.Wrap(err, "cannot find Kubernetes")
	}
	d, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fault.New(fault.Precondition, "cannot use the service account in %q", o.Dir).Because(err)
	}
	return &Client{
		app:          o.App,
		namespace:    namespace,
		configMaps:   d.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace(namespace),
		statefulSets: d.Resource(schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "statefulsets"}).Namespace(namespace),
		timeout:      answerTime,
	}, nil
}

// Namespace is the namespace of the pod, which is that of the Juju model.
func (c *Client) Namespace() string { return c.namespace }

// account makes the configuration of a client by hand: client-go's own reads
// the environment of the process and warns through a global logger.
func account(o Options) (*rest.Config, string, error) {
	host, err := address(o)
	if err != nil {
		return nil, "", err
	}
	if _, err := content(o.Dir, "token"); err != nil {
		return nil, "", err
	}
	namespace, err := content(o.Dir, "namespace")
	if err != nil {
		return nil, "", err
	}
	config := &rest.Config{
		Host:            host,
		BearerTokenFile: filepath.Join(o.Dir, "token"), // Kubernetes renews it
		UserAgent:       o.UserAgent,
		QPS:             -1, // a hook asks some five times: nothing to slow down
		WarningHandler:  rest.NoWarnings{},
		Proxy:           func(*http.Request) (*url.URL, error) { return nil, nil },
	}
	if config.UserAgent == "" {
		config.UserAgent = Manager
	}
	if !strings.HasPrefix(host, "http://") {
		config.CAFile = filepath.Join(o.Dir, "ca.crt")
	}
	return config, namespace, nil
}

func address(o Options) (string, error) {
	if o.Host != "" {
		return o.Host, nil
	}
	host, port := o.Getenv("KUBERNETES_SERVICE_HOST"), o.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return "", fault.New(fault.Precondition, "this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
	}
	return "https://" + net.JoinHostPort(host, port), nil
}

// content reads a file of the service account, which must not be empty.
func content(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fault.New(fault.Precondition, "this is no pod with a service account").Because(err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fault.New(fault.Precondition, "the service account's file %q is empty", path)
	}
	return text, nil
}

// call makes one request in the time it may take, and says what went wrong.
func (c *Client) call(ctx context.Context, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	if err := do(bounded); err != nil {
		return c.explain(ctx, err)
	}
	return nil
}

// statefulSet reads the application's StatefulSet, which Juju made.
func (c *Client) statefulSet(ctx context.Context) (*unstructured.Unstructured, error) {
	var set *unstructured.Unstructured
	err := c.call(ctx, func(ctx context.Context) (err error) {
		set, err = c.statefulSets.Get(ctx, c.app, metav1.GetOptions{})
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "cannot read the StatefulSet %q", c.app)
	}
	return set, nil
}
