//go:build linux && vm

package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestEverybodyInsideIsInAGroupWithTheLimit(t *testing.T) {
	before := groups(t)
	r := start(t, "sleep 300 & cat /proc/self/cgroup >/tmp/group; grep -q /lamb- /tmp/group || exit 1", "--memory", "64M", newRoot(t))
	for file, want := range map[string]string{"memory.max": "67108864", "memory.swap.max": "0"} {
		if got := read(t, r.group, file); got != want {
			t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
	// PID 1, the shell and the sleep.
	if got := strings.Fields(read(t, r.group, "cgroup.procs")); len(got) != 3 {
		t.Errorf("in the group are %v, want three", got)
	}
	if got := read(t, "/proc", strconv.Itoa(r.Process.Pid), "cgroup"); strings.Contains(got, "lamb") {
		t.Errorf("the first process is in the group, too: %s", got)
	}
	r.end()
	if after := groups(t); after != before {
		t.Errorf("groups before\n%s\nand after\n%s", before, after)
	}
}

func TestWhoeverTakesTooMuchIsKilled(t *testing.T) {
	root := newRoot(t)
	for limit, want := range map[string]int{"24M": 128 + 9, "max": 0} {
		got := run(t, "--memory", limit, root, "sh", "-c", "head -c 40m /dev/zero | tail >/dev/null")
		if got.status != want {
			t.Errorf("with %s, exit status %d, want %d; %s", limit, got.status, want, got.stderr)
		}
	}
}

func TestErrorsComeBackAndLeaveNoGroup(t *testing.T) {
	root := newRoot(t)
	before := groups(t)
	for _, c := range []struct {
		arguments []string
		status    int
		want      string
	}{
		{[]string{"--memory", "64X", root, "sh"}, 125, "limit to 64X: write GROUP/memory.max: invalid argument"},
		{[]string{"--memory", "-1", root, "sh"}, 125, "limit to -1: write GROUP/memory.max: invalid argument"},
		{[]string{"/", "sh"}, 125, "pivot_root: device or resource busy"},
		{[]string{root, "no-such"}, 127, `find the program: exec: "no-such": executable file not found in $PATH`},
		{[]string{root, "/proc/version"}, 126, `find the program: exec: "/proc/version": permission denied`},
		{[]string{root, "sh", "-c", "exit 42"}, 42, ""},
	} {
		cmd := program(c.arguments...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		cmd.Run()
		want := strings.ReplaceAll(c.want, "GROUP", groupOf(cmd.Process.Pid))
		if want != "" {
			want = "1-memory: " + want + "\n"
		}
		if got := cmd.ProcessState.ExitCode(); got != c.status || stderr.String() != want {
			t.Errorf("%q: exit status %d, %q; want %d, %q", c.arguments, got, &stderr, c.status, want)
		}
	}
	if after := groups(t); after != before {
		t.Errorf("groups before\n%s\nand after\n%s", before, after)
	}
}

// What stage 2 mends.
func TestNeedsARootThatHandsTheControllerDown(t *testing.T) {
	root := newRoot(t)
	handNothingDown(t)
	cmd := program("--memory", "64M", root, "true")
	said, _ := cmd.CombinedOutput()
	group := groupOf(cmd.Process.Pid)
	if want := "1-memory: limit to 64M: open " + group + "/memory.max: no such file or directory\n"; string(said) != want {
		t.Errorf("it says %q, want %q", said, want)
	}
	if _, err := os.Stat(group); !os.IsNotExist(err) {
		t.Errorf("the group is left (%v)", err)
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

// What the whole program mends: somebody from outside who is in the group lives on, and so does the group.
func TestGroupStaysWhileSomebodyElseIsInIt(t *testing.T) {
	r := start(t, "true", newRoot(t))
	other := exec.Command("sleep", "300")
	testkit.Must(t, other.Start())
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	testkit.Must(t, write(r.group+"/cgroup.procs", strconv.Itoa(other.Process.Pid)))
	r.end()
	if want := "1-memory: remove " + r.group + ": device or resource busy\n"; r.stderr.String() != want {
		t.Errorf("it says %q, want %q", r.stderr, want)
	}
	if got := read(t, r.group, "cgroup.procs"); got != strconv.Itoa(other.Process.Pid) {
		t.Errorf("in the group is %q, want %d", got, other.Process.Pid)
	}
	other.Process.Kill()
	other.Wait()
	testkit.Must(t, os.Remove(r.group))
}
