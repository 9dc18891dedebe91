package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
)

const usage = "[--memory SIZE] ROOT PROGRAM [ARGUMENT...]"

// The kernel reads the size: it knows K, M and G, and max for no limit.
var memory = flag.String("memory", "max", "")

// group is the directory of the container's group. The inner half, which is
// in the group, has no name for it.
var group string

// makeGroup makes the group, with its limit.
func makeGroup() {
	name := fmt.Sprintf("/sys/fs/cgroup/lamb-%d", os.Getpid())
	check("make the group", os.Mkdir(name, 0o755))
	group = name
	limit("memory.max", *memory)
	if *memory != "max" {
		// Swap would be a way around. Not every kernel has it.
		if _, err := os.Stat(group + "/memory.swap.max"); err == nil {
			limit("memory.swap.max", "0")
		}
	}
}

// limit sets one of the group's limits.
func limit(file, value string) {
	check("limit to "+value, write(group+"/"+file, value))
}

// join moves a process into the group.
func join(pid int) {
	check("join the group",
		write(group+"/cgroup.procs", strconv.Itoa(pid)))
}

// write sets one of the kernel's files, which wants a value whole.
func write(file, value string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(value)
	return err
}
