//go:build linux && vm

package main

import (
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
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
	if _, err := os.Stat(r.group); !os.IsNotExist(err) || r.stderr.Len() > 0 {
		t.Errorf("the group is left (%v), %s", err, r.stderr)
	}
}

func TestWhoeverTakesTooMuchIsKilledAndThatIsSaid(t *testing.T) {
	root := newRoot(t)
	for limit, want := range map[string]result{
		"24M": {"", "Killed\n04-cgroups: processes killed for memory: 1 (limit 24M)\n", 128 + 9},
		"max": {"", "", 0},
	} {
		if got := run(t, "--memory", limit, root, "sh", "-c", "head -c 40m /dev/zero | tail >/dev/null"); got != want {
			t.Errorf("with %s: %+v, want %+v", limit, got, want)
		}
	}
}

func TestNewProcessesAreRefusedAtTheLimitAndThatIsSaid(t *testing.T) {
	root := newRoot(t)
	const said = "sh: can't fork: Resource temporarily unavailable\n04-cgroups: new processes refused: "
	got := run(t, "--pids-limit", "30", root, "sh", "-c", "for i in $(seq 40); do sleep 300 & done; echo all")
	if got.status != 2 || got.stdout != "" || !strings.HasPrefix(got.stderr, said) || !strings.HasSuffix(got.stderr, " (limit 30)\n") {
		t.Errorf("exit status %d, %q, %q", got.status, got.stdout, got.stderr)
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

// All threads of PID 1, too: a link to the namespace of one would lead out of it.
func TestGroupIsTheTopOfWhatIsSeenInside(t *testing.T) {
	got := run(t, newRoot(t), "sh", "-c", `cat /proc/self/cgroup; mount -t cgroup2 none /mnt && ls -d /mnt/fold /mnt/memory.max
		for at in /proc/self /proc/1/task/*; do readlink $at/ns/cgroup; done | sort -u | wc -l`)
	if want := "0::/\n/mnt/memory.max\n1\n"; got.stdout != want {
		t.Errorf("inside is %q, want %q; %s", got.stdout, want, got.stderr)
	}
}

// Where cgroup2 is mounted with the option nsdelegate, as it is in the machine, and by systemd.
func TestNobodyInsideLiftsALimit(t *testing.T) {
	r := start(t, `mount -t cgroup2 none /mnt
		for file in memory.max pids.max cpu.max cpu.weight; do (echo max >/mnt/$file) 2>&1; done >/tmp/said
		[ $(grep -c "Operation not permitted" /tmp/said) = 4 ] || exit 1`, "--memory", "64M", newRoot(t))
	if got := read(t, r.group, "memory.max"); got != "67108864" {
		t.Errorf("memory.max is %s", got)
	}
	if got := read(t, "/proc/self/mountinfo"); !strings.Contains(got, ",nsdelegate") {
		t.Errorf("the mount inside has switched nsdelegate off:\n%s", got)
	}
}

// The file release_agent of a hierarchy of version 1 names a program that the kernel starts on the host.
func TestNoHierarchyOfVersion1IsMadeInside(t *testing.T) {
	got := run(t, newRoot(t), "mount", "-t", "cgroup", "-o", "none,name=wool", "none", "/mnt")
	if want := "mount: permission denied (are you root?)\n"; got.status == 0 || got.stderr != want {
		t.Errorf("exit status %d, %q; want %q", got.status, got.stderr, want)
	}
}

func TestGroupsMadeInsideAreRemoved(t *testing.T) {
	r := start(t, `mount -t cgroup2 none /mnt && mkdir -p /mnt/a/b /mnt/c || exit 1
		sleep 300 & echo $! >/mnt/a/b/cgroup.procs`, newRoot(t))
	if got := read(t, r.group, "a/b/cgroup.procs"); got == "" {
		t.Error("nobody is in the group below")
	}
	r.end()
	if _, err := os.Stat(r.group); !os.IsNotExist(err) || r.stderr.Len() > 0 {
		t.Errorf("the group is left (%v), %s", err, r.stderr)
	}
}

// As what docker exec starts.
func TestWhoeverElseIsInTheGroupEndsWithIt(t *testing.T) {
	r := start(t, "true", newRoot(t))
	other := exec.Command("sleep", "300")
	testkit.Must(t, other.Start())
	t.Cleanup(func() { other.Process.Kill() }) // has ended already where the test passed
	testkit.Must(t, write(r.group+"/cgroup.procs", strconv.Itoa(other.Process.Pid)))
	r.end()
	if _, err := os.Stat(r.group); !os.IsNotExist(err) || r.stderr.Len() > 0 {
		t.Errorf("the group is left (%v), %s", err, r.stderr)
	}
	if other.Wait(); other.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("the other process ended with %v", other.ProcessState)
	}
}

func TestStatusAndSignalsAreTheProgramsAndErrorsComeBack(t *testing.T) {
	root := newRoot(t)
	before := ""
	for index, c := range []struct {
		arguments []string
		want      result
	}{
		{[]string{root, "true"}, result{}}, // makes the inner group
		{[]string{root, "sh", "-c", "exit 42"}, result{"", "", 42}},
		{[]string{root, "sh", "-c", "kill -KILL $$"}, result{"", "", 128 + 9}},
		{[]string{"--pids-limit", "0", root, "true"}, result{"", "04-cgroups: start the second process: " +
			"fork/exec /proc/self/exe: resource temporarily unavailable\n04-cgroups: new processes refused: 1 (limit 0)\n", 125}},
		{[]string{"/", "sh"}, result{"", "04-cgroups: pivot_root: device or resource busy\n", 125}},
		{[]string{root, "no-such"}, result{"", "04-cgroups: find the program: exec: \"no-such\": executable file not found in $PATH\n", 127}},
		{[]string{root, "/proc/version"}, result{"", "04-cgroups: find the program: exec: \"/proc/version\": permission denied\n", 126}},
	} {
		if got := run(t, c.arguments...); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.arguments, got, c.want)
		}
		if index == 0 {
			before = groups(t)
		}
	}
	r := start(t, "trap 'exit 3' TERM", root)
	testkit.Must(t, r.Process.Signal(syscall.SIGTERM))
	if r.Wait(); r.ProcessState.ExitCode() != 3 {
		t.Errorf("after SIGTERM, exit status %d, want the program's 3", r.ProcessState.ExitCode())
	}
	if after := groups(t); after != before {
		t.Errorf("groups before\n%s\nand after\n%s", before, after)
	}
}

// Who is killed with SIGKILL cannot remove anything. The program ends, and an empty group stays.
func TestKillingTheFirstProcessEndsAllAndLeavesTheGroup(t *testing.T) {
	cmd := program(newRoot(t), "sh", "-c", "echo ready; exec sleep 300")
	rest, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	_, err = io.ReadFull(rest, make([]byte, len("ready\n")))
	testkit.Must(t, err)
	testkit.Must(t, cmd.Process.Kill())
	io.ReadAll(rest) // until everybody inside has ended
	cmd.Wait()
	group := groupOf(cmd.Process.Pid)
	testkit.Eventually(t, "the group is empty", func() bool {
		return strings.HasPrefix(read(t, group, "cgroup.events"), "populated 0\n")
	})
	testkit.Must(t, os.Remove(group))
}
