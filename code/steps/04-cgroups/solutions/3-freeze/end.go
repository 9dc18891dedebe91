package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// end says what the limits did, ends whoever is left in the group, removes
// it, and ends this process. Without a group it ends this process alone.
func end(status int) {
	if group != "" {
		tell("processes killed for memory", *memory,
			"memory.events", "oom_kill")
		tell("new processes refused", *pids, "pids.events", "max")
		write(group+"/cgroup.kill", "1")
		err := remove(group)
		// Ending takes a moment.
		deadline := time.Now().Add(5 * time.Second)
		for err == syscall.EBUSY && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
			err = remove(group)
		}
		if err != nil {
			fmt.Fprintf(report, "3-freeze: remove %s: %v\n", group, err)
		}
	}
	os.Exit(status)
}

// tell says how often something happened, if it did.
func tell(what, limit, file, event string) {
	content, _ := os.ReadFile(filepath.Join(group, file))
	for line := range strings.Lines(string(content)) {
		var times int
		fmt.Sscanf(line, event+" %d", &times)
		if times > 0 {
			fmt.Fprintf(report, "3-freeze: %s: %d (limit %s)\n",
				what, times, limit)
		}
	}
}

// remove removes a group with those that the container made in it.
func remove(group string) error {
	entries, _ := os.ReadDir(group)
	for _, entry := range entries {
		if entry.IsDir() {
			remove(filepath.Join(group, entry.Name()))
		}
	}
	return syscall.Rmdir(group)
}
