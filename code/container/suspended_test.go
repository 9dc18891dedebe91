//go:build linux

package container

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestOtherCommandsDoNotWaitForASuspendedMonitor(t *testing.T) {
	w := newWorld(t)
	state, other := w.start(options("sleep 1000")), w.start(options("sleep 1000"))
	monitor := monitorOf(t, state)
	testkit.Must(t, syscall.Kill(monitor, syscall.SIGSTOP))
	defer syscall.Kill(monitor, syscall.SIGCONT)
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	until(t, "the container is gone", func() bool { return !state.alive() })
	began := time.Now()
	if after := w.state(state.ID); !strings.Contains(after.Error, "suspended") {
		t.Errorf("the state is %+v", after)
	}
	var note error
	w.Note = func(err error) { note = err }
	testkit.Must(t, w.Stop(context.Background(), state.ID, 0))
	if note == nil || !strings.Contains(note.Error(), "resume") {
		t.Errorf("stop notes %v", note)
	}
	if err := w.Remove(context.Background(), state.ID, false); err == nil || !strings.Contains(err.Error(), "resume") {
		t.Errorf("rm says %v", err)
	}
	testkit.Must(t, w.Remove(context.Background(), other.ID, true))
	if took := time.Since(began); took > monitorPatience {
		t.Errorf("others waited for %v", took)
	}
	testkit.Must(t, syscall.Kill(monitor, syscall.SIGCONT))
	until(t, "the end is noted down", func() bool { return w.state(state.ID).Status == Stopped })
	if code := w.state(state.ID).ExitCode; code == nil || *code != 128+9 {
		t.Errorf("exit code %v", code)
	}
}

func TestEndIsRecordedWhenTheMonitorIsKilledMeanwhile(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	testkit.Must(t, syscall.Kill(monitorOf(t, state), syscall.SIGKILL))
	until(t, "its monitor is gone", func() bool { return !w.hasMonitor(state.ID) })
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	until(t, "the container is gone", func() bool { return !state.alive() })
	dying, err := durable.LockFile(w.activePath(state.ID)) // as a monitor has it until the kernel is through with it
	testkit.Must(t, err)
	time.AfterFunc(100*time.Millisecond, func() { dying.Close() })
	if after := w.state(state.ID); after.Status != Stopped {
		t.Errorf("the state is %+v", after)
	}
}

// suspendedHolder has a process take the lock on a container, and suspends it.
func (w world) suspendedHolder(id string) (pid int, end func()) {
	w.t.Helper()
	cmd := exec.Command("/proc/self/exe", "hold", w.directory(id))
	testkit.Must(w.t, cmd.Start())
	pid = cmd.Process.Pid
	end = sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	until(w.t, "it is locked", func() bool { return durable.Holder(w.directory(id)).PID == pid })
	testkit.Must(w.t, syscall.Kill(pid, syscall.SIGSTOP))
	until(w.t, "it is suspended", func() bool { return durable.Holder(w.directory(id)).Suspended })
	return pid, end
}

// quickest is how long something takes on a machine that has nothing else to do.
func quickest(do func()) time.Duration {
	least := time.Duration(math.MaxInt64)
	for range 5 {
		began := time.Now()
		do()
		least = min(least, time.Since(began))
	}
	return least
}

func TestEndIsSeenThoughASuspendedCommandHasTheLock(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	testkit.Must(t, syscall.Kill(monitorOf(t, state), syscall.SIGKILL))
	until(t, "its monitor is gone", func() bool { return !w.hasMonitor(state.ID) })
	holder, end := w.suspendedHolder(state.ID)
	defer end()
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	until(t, "the container is gone", func() bool { return !state.alive() })
	want := fmt.Sprintf("lock container %s: process %d (", state.Name, holder)
	if after := w.state(state.ID); after.Status != Running || !strings.Contains(after.Error, want) {
		t.Errorf("the state is %+v", after)
	}
	if took := quickest(func() { w.state(state.ID) }); took >= suspendedPatience {
		t.Errorf("a look took %v", took)
	}
	for what, err := range map[string]error{
		"stop":  w.Stop(context.Background(), state.ID, 0),
		"start": w.Start(context.Background(), state.ID),
		"rm":    w.Remove(context.Background(), state.ID, true),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s says %v", what, err)
		}
	}
	end()
	until(t, "the end is noted down", func() bool { return w.state(state.ID).Status == Stopped })
}

func TestMonitorWaitsForASuspendedCommandToRecordTheExitCode(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	_, end := w.suspendedHolder(state.ID)
	defer end()
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	time.Sleep(2 * suspendedPatience)
	end()
	until(t, "the end is noted down", func() bool { return w.state(state.ID).Status == Stopped })
	if code := w.state(state.ID).ExitCode; code == nil || *code != 128+9 {
		t.Errorf("exit code %v", code)
	}
}

func TestListLeavesOutAContainerThatItsMonitorRemoves(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	testkit.Must(t, syscall.Kill(monitorOf(t, state), syscall.SIGKILL))
	until(t, "its monitor is gone", func() bool { return !w.hasMonitor(state.ID) })
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	until(t, "the container is gone", func() bool { return !state.alive() })
	monitor, err := durable.LockFile(w.activePath(state.ID)) // whose place the test takes
	testkit.Must(t, err)
	time.AfterFunc(100*time.Millisecond, func() {
		defer monitor.Close()
		held, err := lockDirectory(w.directory(state.ID))
		if err == nil {
			state.Status = Stopped
			err = w.remove(state)
			held.unlock()
		}
		if err != nil {
			t.Error(err)
		}
	})
	if states, err := w.List(); err != nil || len(states) != 0 {
		t.Errorf("list gives %+v, %v", states, err)
	}
}

func TestSlowMonitorIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("trap '' TERM; sleep 1000"))
	stopped := make(chan error)
	go func() { stopped <- w.Stop(context.Background(), state.ID, time.Minute) }()
	time.Sleep(100 * time.Millisecond)                     // until it waits for the program
	held, _, err := w.lockContainer(t.Context(), state.ID) // without which nobody can note down the end
	testkit.Must(t, err)
	defer held.unlock()
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	select {
	case err := <-stopped:
		t.Fatalf("before the end is noted down, stop says %v", err)
	case <-time.After(2 * suspendedPatience):
	}
	held.unlock()
	if err := <-stopped; err != nil {
		t.Errorf("stop says %v", err)
	}
	if code := w.state(state.ID).ExitCode; code == nil || *code != 128+9 {
		t.Errorf("exit code %v", code)
	}
}
