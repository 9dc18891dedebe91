package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// end removes the group, if there is one, and ends this process.
func end(status int) {
	if group != "" {
		err := syscall.Rmdir(group)
		// The last process may be gone for us, and not yet for the group.
		deadline := time.Now().Add(5 * time.Second)
		for err == syscall.EBUSY && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
			err = syscall.Rmdir(group)
		}
		if err != nil {
			fmt.Fprintf(report, "2-inner: remove %s: %v\n", group, err)
		}
	}
	os.Exit(status)
}
