//go:build linux && vm

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestLimitsAreInTheGroupsFiles(t *testing.T) {
	r := start(t, "sleep 300 &", "--memory", "64M", "--pids-limit", "40", "--cpus", "0.5", "--cpu-shares", "512", newRoot(t))
	for file, want := range map[string]string{
		"memory.max": "67108864", "memory.swap.max": "0", "pids.max": "40", "cpu.max": "50000 100000", "cpu.weight": "59",
	} {
		if got := read(t, r.group, file); got != want {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
	// PID 1, the shell and the sleep.
	if got := strings.Fields(read(t, r.group, "cgroup.procs")); len(got) != 3 {
		t.Errorf("in the group are %v, want three", got)
	}
	r.end()
	if _, err := os.Stat(r.group); !os.IsNotExist(err) {
		t.Errorf("the group is left (%v)", err)
	}
}

// In a group that takes nobody, the second process cannot begin.
func TestSecondProcessBeginsInTheGroup(t *testing.T) {
	root := newRoot(t)
	run(t, root, "true") // makes the inner group
	before := groups(t)
	got := run(t, "--pids-limit", "0", root, "true")
	want := "4-birth: start the second process: fork/exec /proc/self/exe: resource temporarily unavailable\n"
	if got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
	if after := groups(t); after != before {
		t.Errorf("groups before\n%s\nand after\n%s", before, after)
	}
}

func TestNothingOfTheGroupIsLeftOpen(t *testing.T) {
	got := run(t, newRoot(t), "sh", "-c", "ls -l /proc/self/fd /proc/1/fd")
	if got.status != 0 || strings.Contains(got.stdout, "cgroup") {
		t.Errorf("exit status %d, descriptors are\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// What the whole program mends.
func TestGroupsOfTheHostCanBeSeenAndChanged(t *testing.T) {
	t.Cleanup(func() { // the mount inside has switched the option off, for all of the machine
		testkit.Must(t, syscall.Mount("", "/sys/fs/cgroup", "", syscall.MS_REMOUNT, "nsdelegate"))
	})
	r := start(t, `mount -t cgroup2 none /mnt && [ -d /mnt/fold ] || exit 1
		echo max >/mnt$(sed s/0::// /proc/self/cgroup)/memory.max`, "--memory", "64M", newRoot(t))
	if got := read(t, r.group, "memory.max"); got != "max" {
		t.Errorf("memory.max is %s", got)
	}
}

// What the whole program mends: somebody from outside who is in the group lives on, and so does the group.
func TestGroupStaysWhileSomebodyElseIsInIt(t *testing.T) {
	r := start(t, "true", newRoot(t))
	other := exec.Command("sleep", "300")
	testkit.Must(t, other.Start())
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	testkit.Must(t, write(r.group+"/cgroup.procs", strconv.Itoa(other.Process.Pid)))
	r.end()
	if want := fmt.Sprintf("4-birth: remove %s: device or resource busy\n", r.group); r.stderr.String() != want {
		t.Errorf("it says %q, want %q", r.stderr, want)
	}
	if got := read(t, r.group, "cgroup.procs"); got != strconv.Itoa(other.Process.Pid) {
		t.Errorf("in the group is %q, want %d", got, other.Process.Pid)
	}
	other.Process.Kill()
	other.Wait()
	testkit.Must(t, os.Remove(r.group))
}
