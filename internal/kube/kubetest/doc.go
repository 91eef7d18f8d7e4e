// Package kubetest is a double of Kubernetes' API server that is as strict as
// the real one where the charm meets it: the token, what the application may do,
// the answers to what is missing, there already or invalid, label selectors, and
// server-side apply with its field managers, whose rules are not rebuilt here:
// they are those of the library that the API server itself decides with.
//
// Of Kubernetes there is one namespace with one StatefulSet, as Juju makes it,
// and ConfigMaps. Beyond the real server, it refuses an owner that does not
// exist, which Kubernetes would take and then delete the object for.
package kubetest
