//go:build !linux

package childtest

import "syscall"

// DiesWithParent tells whether a child is sure to end with this process.
const DiesWithParent = false

func dieWithParent(*syscall.SysProcAttr) {}
