//go:build linux && vm

// These tests limit real processes, so they need cgroup v2 with its controllers and a machine on which it does not
// matter what the kernel kills.

package machine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// group is a cgroup of its own for the test.
type group struct{ folder string }

func newGroup(t *testing.T) group {
	t.Helper()
	if os.Getenv("SHEEP_VM") == "" {
		t.Skip("runs in the virtual machine only: npm run test:vm")
	}
	folder, err := os.MkdirTemp("/sys/fs/cgroup", "machine-")
	if err != nil {
		t.Fatal(err)
	}
	g := group{folder}
	t.Cleanup(func() {
		g.write(t, "cgroup.kill", "1")
		// A killed process leaves the group once its parent has been told.
		for errors.Is(os.Remove(folder), syscall.EBUSY) {
			time.Sleep(time.Millisecond)
		}
	})
	return g
}

func (g group) write(t *testing.T, file, value string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(g.folder, file), []byte(value), 0o644); err != nil {
		t.Fatal(err)
	}
}

// value reads one number of a flat keyed file, cgroups(7): lines of a name and a number.
func (g group) value(t *testing.T, file, name string) int {
	t.Helper()
	for line := range strings.Lines(read(t, filepath.Join(g.folder, file))) {
		if fields := strings.Fields(line); fields[0] == name {
			number, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
	}
	t.Fatalf("%s has no %s", file, name)
	return 0
}

// run runs a command that is born in the group: clone3(2), CLONE_INTO_CGROUP.
func (g group) run(t *testing.T, name string, arguments ...string) (syscall.WaitStatus, string) {
	t.Helper()
	folder, err := os.Open(g.folder)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	cmd := exec.Command(name, arguments...)
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(folder.Fd())}
	output, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatalf("start %s: %v", name, err)
	}
	return cmd.ProcessState.Sys().(syscall.WaitStatus), string(output)
}

// probe runs one of this binary's probes in the group.
func (g group) probe(t *testing.T, name string, arguments ...string) (syscall.WaitStatus, string) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return g.run(t, binary, append([]string{"probe", name}, arguments...)...)
}

func TestCgroupNamespaceHidesTheWayToTheRoot(t *testing.T) {
	g := newGroup(t)
	_, without := g.run(t, "cat", "/proc/self/cgroup")
	if want := "0::/" + filepath.Base(g.folder); strings.TrimSpace(without) != want {
		t.Errorf("in the first namespace: got %q, want %q", without, want)
	}
	_, inside := g.run(t, "unshare", "--cgroup", "cat", "/proc/self/cgroup")
	if strings.TrimSpace(inside) != "0::/" {
		t.Errorf("in a new namespace: got %q, want %q", inside, "0::/")
	}
}

func TestMemoryControllerKills(t *testing.T) {
	g := newGroup(t)
	g.write(t, "memory.max", "32M")
	if status, output := g.probe(t, "occupy", "8"); status.ExitStatus() != 0 {
		t.Fatalf("8 MiB do not fit in 32: %v: %s", status, output)
	}
	status, output := g.probe(t, "occupy", "128")
	if !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Errorf("a process that takes 128 MiB of 32 ended with status %d: %s", status, output)
	}
	if kills := g.value(t, "memory.events", "oom_kill"); kills != 1 {
		t.Errorf("memory.events counts %d kills, want 1", kills)
	}
}

func TestCPUControllerThrottles(t *testing.T) {
	g := newGroup(t)
	const quota, period = 10_000, 100_000
	g.write(t, "cpu.max", fmt.Sprintf("%d %d", quota, period))
	if status, output := g.probe(t, "spin", "1s"); status.ExitStatus() != 0 {
		t.Fatalf("spin: %v: %s", status, output)
	}
	if periods := g.value(t, "cpu.stat", "nr_throttled"); periods < 3 {
		t.Errorf("throttled in %d periods, want 3 at least in a second", periods)
	}
	if waited := g.value(t, "cpu.stat", "throttled_usec"); waited == 0 {
		t.Error("throttled, but for no time")
	}
	elapsed, used := g.value(t, "cpu.stat", "nr_periods")*period, g.value(t, "cpu.stat", "usage_usec")
	// A slice may be overdrawn and is paid back in the next period, so twice the quota is certain to be wrong.
	if used > 2*elapsed*quota/period {
		t.Errorf("used %d µs of %d µs with a quota of %d in %d", used, elapsed, quota, period)
	}
}

func TestPidsControllerRefusesFork(t *testing.T) {
	g := newGroup(t)
	g.write(t, "pids.max", "3")
	// bash tries again for half a minute when it cannot fork; busybox says so and goes on.
	status, output := g.run(t, "busybox", "sh", "-c", "sleep 1 & sleep 1 & sleep 1 & echo not reached")
	if status.ExitStatus() == 0 || !strings.Contains(output, "fork") {
		t.Errorf("four processes in a group for three: status %d, output %q", status.ExitStatus(), output)
	}
	if refused := g.value(t, "pids.events", "max"); refused != 1 {
		t.Errorf("pids.events counts %d refused forks, want 1", refused)
	}
}
