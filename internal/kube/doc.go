// Package kube is what the charm needs of Kubernetes: the ConfigMaps that the
// Admin UI edits, and the limits of the workload's container. It knows names,
// labels and owners, and no other policy.
//
// It stands on client-go's dynamic client; the typed one would more than double
// the binary. Every answer is waited for 10 seconds at most, and no longer than
// the caller's context lasts. No error shows a token, nor what was sent or
// answered beyond the names of refused fields.
package kube
