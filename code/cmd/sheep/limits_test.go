//go:build linux && vm

// These need cgroup v2 with its controllers, and a machine on which it does not matter what the kernel kills.

package main

import (
	"os"
	"strings"
	"testing"
)

func newUserOfTheMachine(t *testing.T) user {
	t.Helper()
	if os.Getenv("SHEEP_VM") == "" {
		t.Skip("runs in the virtual machine only: npm run test:vm")
	}
	return newUserWithImage(t)
}

func TestMemoryLimitKillsAndIsReported(t *testing.T) {
	u := newUserOfTheMachine(t)
	// tail keeps the line that it reads, which never ends.
	u.sheep("run", "--name", "web", "-m", "32m", "busybox", "tail", "-n1", "/dev/zero").check(t, "run -m", "", "", 137)
	if got := u.ok("ps", "-a"); !strings.Contains(got, "Exited (137, out of memory)") {
		t.Errorf("ps -a prints\n%s", got)
	}
	var states []struct {
		OOMKilled bool `json:"oom_killed"`
	}
	if u.parse(&states, "inspect", "web"); !states[0].OOMKilled {
		t.Error("inspect does not say so")
	}
	u.sheep("run", "--rm", "-m", "32m", "busybox", "true").check(t, "what needs less", "", "", 0)
}

func TestProcessLimitRefusesAFork(t *testing.T) {
	u := newUserOfTheMachine(t)
	r := u.sheep("run", "--rm", "--pids-limit", "3", "busybox", "sh", "-c", "sleep 1 & sleep 1 & sleep 1 & sleep 1 & wait")
	if r.code == 0 || !strings.Contains(r.err, "fork") {
		t.Errorf("it prints %q and ends with %d", r.err, r.code)
	}
}

func TestLimitsAreWrittenToTheCgroup(t *testing.T) {
	u := newUserOfTheMachine(t)
	id := strings.TrimSpace(u.ok("run", "-d", "-m", "64m", "--cpus", "0.5", "--cpu-shares=512", "--pids-limit=50", "busybox", "sleep", "1000"))
	for file, want := range map[string]string{
		"memory.max": "67108864", "memory.swap.max": "0", "cpu.max": "50000 100000", "pids.max": "50",
	} {
		content, err := os.ReadFile("/sys/fs/cgroup/sheep/" + id + "/" + file)
		if os.IsNotExist(err) && file == "memory.swap.max" {
			continue // a kernel without swap
		}
		if got := strings.TrimSpace(string(content)); got != want || err != nil {
			t.Errorf("%s is %q, %v; want %q", file, got, err, want)
		}
	}
	u.ok("exec", id, "true")
	u.ok("rm", "-f", id)
	if _, err := os.Stat("/sys/fs/cgroup/sheep/" + id); !os.IsNotExist(err) {
		t.Errorf("the cgroup is left: %v", err)
	}
}

func TestForcedStopKillsAllProcesses(t *testing.T) {
	u := newUserOfTheMachine(t)
	u.ok("run", "-d", "--name", "web", "busybox", "sh", "-c", `trap "" TERM; sleep 1000 & setsid sleep 1000 & wait; sleep 1000`)
	eventually(t, "it has three processes", func() bool { return strings.Count(u.ok("exec", "web", "ps"), "sleep 1000") >= 2 })
	u.sheep("stop", "-t", "0", "web").check(t, "stop", "web\n", "", 0)
	if got := u.ok("ps", "-a"); !strings.Contains(got, "Exited (137)") {
		t.Errorf("ps -a prints\n%s", got)
	}
}
