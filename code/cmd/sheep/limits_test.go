//go:build linux && vm

// These need cgroup v2 with its controllers, and a machine on which it does not matter what the kernel kills.

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
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
	// tail keeps the whole line that it reads, and this one never ends.
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
}

func TestMemoryKillIsReportedWhileTheContainerRuns(t *testing.T) {
	u := newUserOfTheMachine(t)
	u.ok("run", "-d", "--name", "web", "-m", "32m", "busybox", "sh", "-c", "tail -n1 /dev/zero; sleep 1000")
	testkit.Eventually(t, "ps says so", func() bool { return strings.Contains(u.ok("ps"), "(was out of memory)") })
	if got := u.ok("inspect", "web"); !strings.Contains(got, `"oom_killed": true`) {
		t.Errorf("inspect prints %s", got)
	}
}

func TestExecAboveTheProcessLimitNamesTheLimit(t *testing.T) {
	u := newUserOfTheMachine(t)
	u.ok("run", "-d", "--name", "web", "--pids-limit", "3", "busybox", "sh", "-c", "sleep 1000 & sleep 1000")
	for range 10 { // it is a matter of chance which thread is one too many
		u.sheep("exec", "web", "true").check(t, "exec", "", "the container may have 3 processes", 125)
	}
	u.ok("run", "-d", "--name", "other", "--pids-limit", "20", "busybox", "sleep", "1000")
	for range 10 {
		u.sheep("exec", "other", "true").check(t, "exec with enough", "", "", 0)
	}
}

func TestLimitsAreWrittenToTheCgroup(t *testing.T) {
	u := newUserOfTheMachine(t)
	id := strings.TrimSpace(u.ok("run", "-d", "-m", "64m", "--cpus", "0.5", "--cpu-shares=512", "--pids-limit=50",
		"busybox", "sleep", "1000"))
	for file, want := range map[string]string{
		"memory.max": "67108864", "memory.swap.max": "0", "cpu.max": "50000 100000", "cpu.weight": "59",
		"pids.max": "50",
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

func TestExecIsLimitedAsTheContainerIs(t *testing.T) {
	u := newUserOfTheMachine(t)
	id := strings.TrimSpace(u.ok("run", "-d", "--name", "web", "-m", "32m", "--pids-limit", "24", "busybox", "sleep",
		"1000"))
	u.sheep("exec", "web", "tail", "-n1", "/dev/zero").check(t, "exec of what takes too much", "", "", 137)
	if r := u.sheep("exec", "web", "sh", "-c", "for i in $(seq 30); do sleep 5 & done; wait"); r.code == 0 ||
		!strings.Contains(r.err, "fork") {
		t.Errorf("exec of what forks too often prints %q and ends with %d", r.err, r.code)
	}
	content, err := os.ReadFile("/sys/fs/cgroup/sheep/" + id + "/pids.events")
	if err != nil || strings.Contains(string(content), "max 0") {
		t.Errorf("pids.events is %q, %v", content, err)
	}
	if u.ok("ps", "-q") == "" {
		t.Error("the container has ended too")
	}
}
