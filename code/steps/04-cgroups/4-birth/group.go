package main

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

const usage = "[--memory SIZE] [--pids-limit N] [--cpus N] " +
	"[--cpu-shares N] ROOT PROGRAM [ARGUMENT...]"

// The kernel reads the values: it knows K, M and G, and max for no limit.
var (
	memory = flag.String("memory", "max", "")
	pids   = flag.String("pids-limit", "max", "") // threads count, too
	cpus   = flag.Float64("cpus", 0, "")          // 0: no limit
	shares = flag.Int("cpu-shares", 1024, "")     // a weight, not a limit
)

// fold is the inner group: the containers' groups are in it, no process is.
const fold = "/sys/fs/cgroup/fold"

// group is the directory of the container's group. The inner half, which is
// in the group, has no name for it.
var group string

// makeGroup makes the group, with its limits, and opens it.
func makeGroup() *os.File {
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
	if *cpus != 0 {
		limit("cpu.max", quota(*cpus))
	}
	limit("cpu.weight", weight(*shares))
	if *memory != "max" {
		// Swap would be a way around. Not every kernel has it.
		if _, err := os.Stat(group + "/memory.swap.max"); err == nil {
			limit("memory.swap.max", "0")
		}
	}
	dir, err := os.Open(group)
	check("open the group", err)
	return dir
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

// quota is so much CPU time in each tenth of a second, in microseconds.
func quota(cpus float64) string {
	return fmt.Sprintf("%.0f 100000", cpus*100000)
}

// weight turns Docker's shares, from 2 to 262144, into the kernel's weight,
// from 1 to 10000. The default becomes the default: 1024 is 100. The curve
// through these three points is that of runc and crun.
func weight(shares int) string {
	l := math.Log2(float64(shares))
	return fmt.Sprintf("%.0f",
		math.Ceil(math.Pow(10, (l*l+125*l-126)/612)))
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
