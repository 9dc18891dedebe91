package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strconv"
)

const usage = "[--memory SIZE] [--pids-limit N] " +
	"ROOT PROGRAM [ARGUMENT...]"

// The kernel reads the values: it knows K, M and G, and max for no limit.
var (
	memory = flag.String("memory", "max", "")
	pids   = flag.String("pids-limit", "max", "") // threads count, too
)

// fold is the inner group: the containers' groups are in it, no process is.
const fold = "/sys/fs/cgroup/fold"

// group is the directory of the container's group. The inner half, which is
// in the group, has no name for it.
var group string

// makeGroup makes the group, with its limits.
func makeGroup() {
	handDown(filepath.Dir(fold))
	err := os.Mkdir(fold, 0o755)
	if !errors.Is(err, os.ErrExist) { // the next container needs it, too
		check("make the inner group", err)
	}
	handDown(fold)
	name := filepath.Join(fold, strconv.Itoa(os.Getpid()))
	check("make the group", os.Mkdir(name, 0o755))
	group = name
	limit("memory.max", *memory)
	limit("pids.max", *pids)
	if *memory != "max" {
		// Swap would be a way around. Not every kernel has it.
		if _, err := os.Stat(group + "/memory.swap.max"); err == nil {
			limit("memory.swap.max", "0")
		}
	}
}

// handDown gives the groups in a group the files of limits.
func handDown(parent string) {
	check("hand controllers down", write(
		parent+"/cgroup.subtree_control", "+cpu +memory +pids"))
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
