//go:build linux && vm

// These tests need cgroup v2 with its controllers, and a machine on which it does not matter what the kernel kills.

package container

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func newLimitedWorld(t *testing.T) world {
	t.Helper()
	if os.Getenv("SHEEP_VM") == "" {
		t.Skip("runs in the virtual machine only: npm run test:vm")
	}
	testkit.Must(t, cgroup.Check())
	return newWorld(t)
}

func TestMemoryAboveTheLimitEndsTheProgramAndIsReported(t *testing.T) {
	w := newLimitedWorld(t)
	// dd's buffer is memory of its own, all of which it fills.
	o := options("dd if=/dev/zero of=/dev/null bs=64M count=1; echo $?")
	o.Limits.Memory = 24 << 20
	state, got := w.run(o, "")
	after := w.state(state.ID)
	if !after.OOMKilled || got.code == 0 && got.out != "137\n" {
		t.Errorf("run gives %+v, OOMKilled is %v", got, after.OOMKilled)
	}
	o.Args, o.Limits.Memory = []string{"true"}, 64<<20
	if state, got = w.run(o, ""); got.code != 0 || w.state(state.ID).OOMKilled {
		t.Errorf("run gives %+v, OOMKilled is %v", got, w.state(state.ID).OOMKilled)
	}
}

func TestMemoryLimitThatIsTooLowToStartIsNamed(t *testing.T) {
	w := newLimitedWorld(t)
	o := options("true")
	o.Limits.Memory = minimumMemory
	// The child has copies of it before it becomes the program.
	o.Env = []string{"FLEECE=" + strings.Repeat("wool", 700_000)}
	state, got := w.run(o, "")
	if got.code != ExitFailed || !strings.Contains(fmt.Sprint(got.failure),
		"the memory limit of 6m is too low to start the container: ") {
		t.Errorf("run gives %+v", got)
	}
	if after := w.state(state.ID); !strings.Contains(after.Error, "limit of 6m") {
		t.Errorf("its state says %q", after.Error)
	}
	o.Env = nil
	if _, got := w.run(o, ""); got.code != 0 {
		t.Errorf("without, run gives %+v", got)
	}
}

func TestExecWithoutRoomForAProcessSaysSo(t *testing.T) {
	w := newLimitedWorld(t)
	o := options("sleep 1000 & sleep 1000")
	o.Limits.Pids = 3
	state := w.start(o)
	got := w.exec(state.ID, ExecOptions{Args: []string{"true"}}, "")
	if got.code != ExitFailed || !strings.Contains(fmt.Sprint(got.failure), "the container may have 3 processes") {
		t.Errorf("exec gives %d, %v, %q", got.code, got.failure, got.err)
	}
}

func TestForkAboveTheLimitIsRefused(t *testing.T) {
	w := newLimitedWorld(t)
	o := options("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 100 & done; wait")
	o.Limits.Pids = 12
	state, got := w.run(o, "")
	if got.code == 0 || !strings.Contains(got.err, "can't fork") {
		t.Errorf("run gives %+v (%s)", got, w.state(state.ID).Error)
	}
}

func TestLimitOfOneProcessLeavesRoomForTheProgram(t *testing.T) {
	w := newLimitedWorld(t)
	o := options("echo $((1+1)); true & echo forked")
	o.Limits.Pids = 1
	if _, got := w.run(o, ""); got.out != "2\n" || !strings.Contains(got.err, "can't fork") {
		t.Errorf("run gives %+v", got)
	}
}

func TestLimitOfProcessesHoldsWithAnInit(t *testing.T) {
	w := newLimitedWorld(t)
	// The inner shell ends when it cannot fork. In its place the outer one can, once.
	o := options("sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 100 & done'; code=$?; sleep 100 & " +
		"trap 'exit 3' TERM; echo $code; while :; do :; done")
	o.Init, o.Limits.Pids = true, minimumInitPids
	state := w.start(o)
	w.awaitOutput(state.ID, "\n")
	out, errors := w.logs(state.ID, false, -1)
	if out == "0\n" || !strings.Contains(errors, "can't fork") {
		t.Errorf("it prints %q and %q", out, errors)
	}
	group := cgroup.Open(state.ID)
	content, err := os.ReadFile(group.Dir() + "/pids.max")
	testkit.Must(t, err)
	stat, err := group.Stat()
	testkit.Must(t, err)
	if string(content) != fmt.Sprintln(minimumInitPids) || stat.Pids != minimumInitPids || stat.Refused == 0 {
		t.Errorf("pids.max is %q, there are %d processes and %d forks were refused", content, stat.Pids, stat.Refused)
	}
	// With no thread to be had, the init still does its work.
	init, err := os.FindProcess(state.PID)
	testkit.Must(t, err)
	for range 1000 {
		testkit.Must(t, init.Signal(syscall.SIGWINCH))
	}
	testkit.Must(t, init.Signal(syscall.SIGTERM))
	until(t, "it has ended", func() bool { return w.state(state.ID).Status == Stopped })
	if code := w.state(state.ID).ExitCode; code == nil || *code != 3 {
		out, errors := w.logs(state.ID, false, -1)
		t.Errorf("exit code %v, output %q and %q", code, out, errors)
	}
}

func TestProcessorTimeAboveTheLimitIsHeldBack(t *testing.T) {
	w := newLimitedWorld(t)
	o := options("while :; do :; done")
	o.Limits.CPUs = 0.25
	state := w.start(o)
	group := cgroup.Open(state.ID)
	began := time.Now() // before the first look, so that what is used between the two looks took no less
	before, err := group.Stat()
	testkit.Must(t, err)
	until(t, "it was held back often", func() bool {
		now, err := group.Stat()
		testkit.Must(t, err)
		return now.Throttled >= before.Throttled+20
	})
	after, err := group.Stat()
	testkit.Must(t, err)
	share := float64(after.CPU-before.CPU) / float64(time.Since(began))
	if share > 0.3 {
		t.Errorf("it had %.2f of a processor", share)
	}
}

func TestAllOfAContainerIsInItsCgroup(t *testing.T) {
	w := newLimitedWorld(t)
	o := options("sleep 1000 & sleep 1000")
	o.Limits.Pids = 50
	state := w.start(o)
	got := w.exec(state.ID, ExecOptions{Args: []string{"cat", "/proc/self/cgroup", "/proc/1/cgroup"}}, "")
	if got.out != "0::/\n0::/\n" {
		t.Errorf("inside, the cgroups are %q, %v", got.out, got.failure)
	}
	done := make(chan result)
	go func() { done <- w.exec(state.ID, ExecOptions{Args: []string{"sleep", "1001"}}, "") }()
	until(t, "the further program is in the group", func() bool {
		pids, err := cgroup.Open(state.ID).PIDs()
		testkit.Must(t, err)
		for _, pid := range pids {
			if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); string(line) == "sleep\x001001\x00" {
				return true
			}
		}
		return false
	})
	testkit.Must(t, w.Stop(context.Background(), state.ID, 0))
	if got := <-done; got.code != 128+9 {
		t.Errorf("the further program ends with %+v", got)
	}
	if traces := w.traces(); strings.Contains(traces, "cgroup") {
		t.Errorf("there is left:\n%s", traces)
	}
}

func TestDevicesOfTheHostAreOutOfReach(t *testing.T) {
	w := newLimitedWorld(t)
	_, got := w.run(options("mknod /root/kmsg c 1 11 && cat /root/kmsg; head -c1 /dev/zero | wc -c"), "")
	if got.out != "1\n" || !strings.Contains(got.err, "denied") && !strings.Contains(got.err, "not permitted") {
		t.Errorf("run gives %+v", got)
	}
}
