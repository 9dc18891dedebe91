package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// freeze stops all processes in a container's group, or lets them go on,
// and returns when that is done. pid is our process that started the
// container: the group has its name.
func freeze(pid string, stop bool) {
	value := "0"
	if stop {
		value = "1"
	}
	_, err := strconv.ParseUint(pid, 10, 32) // no other group's path
	check("find the container", err)
	dir := filepath.Join(fold, pid)
	check("find the container", write(dir+"/cgroup.freeze", value))
	events, err := os.Open(dir + "/cgroup.events")
	check("wait", err)
	defer events.Close()
	for {
		content := make([]byte, 4096)
		n, err := events.ReadAt(content, 0)
		if n == 0 {
			check("wait", err)
		}
		if strings.Contains(string(content[:n]), "frozen "+value+"\n") {
			return
		}
		// Sleeps until the file has changed since it was read.
		_, err = unix.Poll([]unix.PollFd{
			{Fd: int32(events.Fd()), Events: unix.POLLPRI}}, -1)
		if !errors.Is(err, syscall.EINTR) {
			check("wait", err)
		}
	}
}
