package childtest

import "syscall"

// DiesWithParent tells whether a child is sure to end with this process.
const DiesWithParent = true

func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
