//go:build linux && vm

package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestEverybodyInsideIsInAGroupWithTheLimits(t *testing.T) {
	r := start(t, "sleep 300 &", "--memory", "64M", "--pids-limit", "40", newRoot(t))
	for file, want := range map[string]string{"memory.max": "67108864", "memory.swap.max": "0", "pids.max": "40"} {
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

func TestNewProcessesAreRefusedAtTheLimit(t *testing.T) {
	root := newRoot(t)
	for limit, want := range map[string]result{
		"30":  {"", "sh: can't fork: Resource temporarily unavailable\n", 2},
		"max": {"all\n", "", 0},
	} {
		got := run(t, "--pids-limit", limit, root, "sh", "-c", "for i in $(seq 40); do sleep 300 & done; echo all")
		if got != want {
			t.Errorf("with %s: %+v, want %+v", limit, got, want)
		}
	}
}

func TestControllersAreHandedDown(t *testing.T) {
	handNothingDown(t)
	r := start(t, "true", "--memory", "64M", newRoot(t))
	if got := read(t, r.group, "cgroup.controllers"); got != "cpu memory pids" {
		t.Errorf("the group has %q", got)
	}
}

// handNothingDown takes from all groups but the root the files of limits, until the end of the test.
func handNothingDown(t *testing.T) {
	t.Helper()
	const all = "/sys/fs/cgroup"
	inner, err := os.ReadDir(all)
	testkit.Must(t, err)
	for _, entry := range inner { // what other tests have left there
		if entry.IsDir() {
			testkit.Must(t, os.Remove(all+"/"+entry.Name()))
		}
	}
	testkit.Must(t, write(all+"/cgroup.subtree_control", "-cpu -memory -pids"))
	t.Cleanup(func() { testkit.Must(t, write(all+"/cgroup.subtree_control", "+cpu +memory +pids")) })
}

func TestProcessesInTheInnerGroupAreInTheWay(t *testing.T) {
	root := newRoot(t)
	handNothingDown(t)
	testkit.Must(t, os.Mkdir(fold, 0o755))
	t.Cleanup(func() { testkit.Must(t, os.Remove(fold)) })
	wolf := exec.Command("sleep", "300")
	testkit.Must(t, wolf.Start())
	t.Cleanup(func() { wolf.Process.Kill(); wolf.Wait() })
	testkit.Must(t, write(fold+"/cgroup.procs", strconv.Itoa(wolf.Process.Pid)))
	got := run(t, root, "true")
	want := "2-inner: hand controllers down: write /sys/fs/cgroup/fold/cgroup.subtree_control: device or resource busy\n"
	if got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
}

func TestManyMayBeginAndEndAtOnce(t *testing.T) {
	root := newRoot(t)
	os.Remove(fold) // so that all want to make it
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got := run(t, "--pids-limit", "40", root, "echo", "wool"); got != (result{"wool\n", "", 0}) {
				t.Errorf("%+v", got)
			}
		})
	}
	wait.Wait()
	if left := groups(t); strings.Contains(left, fold+"/") {
		t.Errorf("groups are\n%s", left)
	}
}

func TestErrorsComeBackAndLeaveNoGroup(t *testing.T) {
	root := newRoot(t)
	run(t, root, "true") // makes the inner group
	before := groups(t)
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"--memory", "64X", root, "sh"}, "limit to 64X: write GROUP/memory.max: invalid argument"},
		{[]string{"--pids-limit", "-1", root, "sh"}, "limit to -1: write GROUP/pids.max: invalid argument"},
		{[]string{"/", "sh"}, "pivot_root: device or resource busy"},
	} {
		cmd := program(c.arguments...)
		said, _ := cmd.CombinedOutput()
		want := "2-inner: " + strings.ReplaceAll(c.want, "GROUP", groupOf(cmd.Process.Pid)) + "\n"
		if got := cmd.ProcessState.ExitCode(); got != 125 || string(said) != want {
			t.Errorf("%q: exit status %d, %q; want 125, %q", c.arguments, got, said, want)
		}
	}
	if after := groups(t); after != before {
		t.Errorf("groups before\n%s\nand after\n%s", before, after)
	}
}

// What stage 3 mends.
func TestCPUTimeIsNotLimited(t *testing.T) {
	r := start(t, "true", newRoot(t))
	if got := read(t, r.group, "cpu.max"); got != "max 100000" {
		t.Errorf("cpu.max is %s", got)
	}
}
