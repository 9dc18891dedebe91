//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/proc"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// monitorOf returns the PID of the monitor of a container: the parent of its process.
func monitorOf(t testing.TB, state *State) int {
	t.Helper()
	stat, err := proc.ReadStat(state.PID)
	testkit.Must(t, err)
	pid := stat.Parent
	if pid <= 1 {
		t.Fatalf("the parent of the container is %d", pid)
	}
	return pid
}

// reopen is what the next command does first.
func (w world) reopen() []string {
	w.t.Helper()
	r, err := Open(w.root)
	testkit.Must(w.t, err)
	return r.Repaired
}

func TestContainerOutlivesItsKilledMonitor(t *testing.T) {
	w := newWorld(t)
	o := options("sleep 1000")
	o.Name = "orphan"
	state := w.start(o)
	if repaired := w.reopen(); len(repaired) > 0 {
		t.Errorf("nothing is broken, but: %q", repaired)
	}
	testkit.Must(t, syscall.Kill(monitorOf(t, state), syscall.SIGKILL))
	until(t, "the monitor is gone", func() bool { return !w.hasMonitor(state.ID) })
	if repaired := w.reopen(); len(repaired) > 0 {
		t.Errorf("nothing can be repaired, but: %q", repaired)
	}
	if after := w.state(state.ID); after.Status != Running || !strings.Contains(after.Error, "monitor was killed") {
		t.Errorf("the state is %+v", after)
	}
	if got := w.exec(state.ID, ExecOptions{Args: []string{"echo", "here"}}, ""); got.out != "here\n" {
		t.Errorf("exec gives %+v", got)
	}
	testkit.Must(t, w.Stop(context.Background(), state.ID, 0))
	after := w.state(state.ID)
	if after.Status != Stopped || after.ExitCode != nil || !strings.Contains(after.Error, "not known") ||
		exists(w.activePath(state.ID)) {
		t.Errorf("the state is %+v", after)
	}
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
	if traces := w.traces(); traces != "" {
		t.Errorf("there is left:\n%s", traces)
	}
}

func TestContainerThatEndedUnseenIsClearedByTheNextCommand(t *testing.T) {
	w := newWorld(t)
	o := options("sleep 1000")
	o.Name, o.Network = "lost", NetworkBridge
	state := w.start(o)
	testkit.Must(t, syscall.Kill(monitorOf(t, state), syscall.SIGKILL))
	until(t, "the monitor is gone", func() bool { return !w.hasMonitor(state.ID) })
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	until(t, "the container is gone", func() bool { return !state.alive() })
	repaired := w.reopen()
	if len(repaired) != 1 || !strings.Contains(repaired[0], "container lost has ended, but its monitor was killed") {
		t.Errorf("the next command reports %q", repaired)
	}
	if after := w.state(state.ID); after.Status != Stopped || after.ExitCode != nil || after.Address != "" {
		t.Errorf("the state is %+v", after)
	}
	if traces := w.traces(); strings.Contains(traces, "lease") || strings.Contains(traces, "interface") {
		t.Errorf("there is left:\n%s", traces)
	}
	if repaired := w.reopen(); len(repaired) > 0 {
		t.Errorf("the command after that reports %q", repaired)
	}
}

func TestAnyCommandThatSeesTheEndRemovesAnAutoRemovedContainer(t *testing.T) {
	w := newWorld(t)
	for name, find := range map[string]func(id string) error{
		"list": func(string) error {
			states, err := w.List()
			if len(states) > 0 {
				t.Errorf("there is %+v", states[0])
			}
			return err
		},
		"find": func(id string) error { _, err := w.Find(id); return gone(err) },
		"start": func(id string) error {
			_, err := w.Runtime.start(t.Context(), id, Streams{}, func() error { return nil })
			return gone(err)
		},
		"stop": func(id string) error { return gone(w.Stop(context.Background(), id, 0)) },
		"rm":   func(id string) error { return gone(w.Remove(context.Background(), id, true)) },
	} {
		o := options("true")
		o.Remove = true
		state := w.create(o)
		// Its monitor was killed, and it ended when the command that looks at it had repaired what there was.
		state.Status, state.PID, state.StartTime, state.Boot = Running, os.Getpid(), 1, proc.BootID()
		testkit.Must(t, w.save(state))
		if err := find(state.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if traces := w.traces(); traces != "" {
			t.Errorf("%s: there is left:\n%s", name, traces)
		}
	}
}

// gone is an error unless err says that there is no such container.
func gone(err error) error {
	if errors.As(err, new(*NotFoundError)) {
		return nil
	}
	return fmt.Errorf("it should say that there is none: %w", err)
}

func TestListLeavesOutWhatOthersRemoveMeanwhile(t *testing.T) {
	w := newWorld(t)
	state := w.create(options("true"))
	state.Status, state.PID, state.StartTime, state.Boot = Running, os.Getpid(), 1, proc.BootID()
	testkit.Must(t, w.save(state))
	held, _, err := w.lockContainer(t.Context(), state.ID)
	testkit.Must(t, err)
	listed := make(chan error)
	go func() {
		states, err := w.List() // waits, to note down the end
		if err == nil && len(states) > 0 {
			err = fmt.Errorf("there is %+v", states[0])
		}
		listed <- err
	}()
	awaitWaiter(t, w.directory(state.ID))
	state.Status = Stopped
	testkit.Must(t, w.remove(state))
	held.unlock()
	testkit.Must(t, <-listed)
}

func TestReusedPIDIsNotTakenForTheContainer(t *testing.T) {
	w := newWorld(t)
	state := w.create(options("true"))
	stat, err := proc.ReadStat(os.Getpid())
	testkit.Must(t, err)
	// A state file from before, whose PID is now that of somebody else.
	state.Status, state.PID, state.StartTime, state.Boot = Running, os.Getpid(), stat.StartTime+1, proc.BootID()
	testkit.Must(t, w.save(state))
	testkit.Must(t, w.Stop(context.Background(), state.ID, 0)) // and we live
	if after := w.state(state.ID); after.Status != Stopped {
		t.Errorf("the state is %+v", after)
	}
	state.StartTime, state.Boot = stat.StartTime, "another boot"
	testkit.Must(t, w.save(state))
	if after := w.state(state.ID); after.Status != Stopped {
		t.Errorf("after a restart of the machine the state is %+v", after)
	}
}

func TestAfterARestartOfTheMachineStartMountsAgain(t *testing.T) {
	w := newWorld(t)
	state, _ := w.run(options("cat /file; echo kept >/file"), "")
	testkit.Must(t, w.overlay(state.ID, state.Lower).Unmount())
	if got := w.runAgain(state.ID, ""); got.out != "kept\n" {
		t.Errorf("run gives %+v", got)
	}
}

func TestHalfMadeAndStrayDirectoriesAreRemoved(t *testing.T) {
	w := newWorld(t)
	whole := w.create(options("true"))
	halfMade, stray := newID(), newID()
	testkit.Must(t, os.Mkdir(w.directory(halfMade), 0o700))
	testkit.Must(t, w.overlay(halfMade, whole.Lower).Mount())
	_, err := w.leases.Acquire(halfMade)
	testkit.Must(t, err)
	testkit.Must(t, os.WriteFile(w.activePath(halfMade), nil, 0o600))
	testkit.Must(t, w.overlay(stray, whole.Lower).Mount())
	testkit.Must(t, os.WriteFile(filepath.Join(w.containers(), "of-the-user"), nil, 0o600))
	repaired := strings.Join(w.reopen(), "\n")
	if !strings.Contains(repaired, short(halfMade)) || !strings.Contains(repaired, short(stray)) ||
		strings.Contains(repaired, whole.ShortID()) {
		t.Errorf("the next command reports %q", repaired)
	}
	traces := w.traces()
	if strings.Contains(traces, halfMade) || strings.Contains(traces, stray) || strings.Contains(traces, "lease") {
		t.Errorf("there is left:\n%s", traces)
	}
	if got := w.runAgain(whole.ID, ""); got.failure != nil {
		t.Errorf("the whole one: %+v", got)
	}
	if !exists(filepath.Join(w.containers(), "of-the-user")) {
		t.Error("a file that is nobody's was removed")
	}
}

// deleted is a running container whose directory somebody has deleted, with or without its root filesystem.
func (w world) deleted(withOverlay, withMonitor bool) (state *State, monitor int) {
	w.t.Helper()
	o := options("sleep 1000")
	o.Network, o.Ports = NetworkBridge, append(o.Ports, port8080)
	state = w.start(o)
	monitor = monitorOf(w.t, state)
	if !withMonitor {
		testkit.Must(w.t, syscall.Kill(monitor, syscall.SIGKILL))
		until(w.t, "the monitor is gone", func() bool { return !w.hasMonitor(state.ID) })
	}
	w.t.Cleanup(func() { syscall.Kill(state.PID, syscall.SIGKILL) })
	testkit.Must(w.t, os.RemoveAll(w.directory(state.ID)))
	if !withOverlay {
		testkit.Must(w.t, w.overlay(state.ID, state.Lower).Remove())
	}
	return state, monitor
}

func TestRemainsOfAContainerWithoutADirectoryAreClearedAway(t *testing.T) {
	w := newWorld(t)
	for _, with := range []struct{ overlay, monitor bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		state, monitor := w.deleted(with.overlay, with.monitor)
		repaired := w.reopen()
		if len(repaired) != 1 || !strings.Contains(repaired[0], "cleared away what container "+state.ShortID()+" had") {
			t.Errorf("%+v: the next command reports %q", with, repaired)
		}
		if traces := w.traces(); traces != "" {
			t.Errorf("%+v: there is left:\n%s", with, traces)
		}
		if repaired := w.reopen(); len(repaired) > 0 {
			t.Errorf("%+v: the command after that reports %q", with, repaired)
		}
		syscall.Kill(state.PID, syscall.SIGKILL) // where there is no cgroup, nobody else does
		until(t, "its monitor has ended", func() bool { return !alive(monitor) })
	}
}

// A directory may be missing because its disk is: that is no reason to delete what is on another.
func TestWithoutTheDirectoryOfAllContainersNothingIsClearedAway(t *testing.T) {
	w := newWorld(t)
	state := w.create(options("true"))
	testkit.Must(t, os.WriteFile(filepath.Join(w.overlay(state.ID, state.Lower).Merged(), "wool"), nil, 0o644))
	away := w.containers() + ".away"
	testkit.Must(t, os.Rename(w.containers(), away))
	if _, err := Open(w.root); err == nil || !strings.Contains(err.Error(), w.containers()+" is missing") {
		t.Errorf("without it Open returns %v", err)
	}
	testkit.Must(t, os.Rename(away, w.containers()))
	if repaired := w.reopen(); len(repaired) > 0 {
		t.Errorf("with it again there is to repair %q", repaired)
	}
	if !exists(filepath.Join(w.overlay(state.ID, state.Lower).Merged(), "wool")) {
		t.Error("what the container wrote is gone")
	}
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
}

// alive reports whether a process exists and has not ended.
func alive(pid int) bool {
	stat, err := proc.ReadStat(pid)
	return err == nil && !stat.Ended()
}

func TestContainerWithAnUnreadableStateCanOnlyBeRemoved(t *testing.T) {
	w := newWorld(t)
	state, other := w.create(options("true")), w.create(options("true"))
	testkit.Must(t, os.WriteFile(filepath.Join(w.directory(state.ID), stateFile), []byte(`{"id": "../../etc"}`), 0o600))
	if repaired := w.reopen(); len(repaired) != 0 {
		t.Logf("reported: %q", repaired)
	}
	if after := w.state(state.ID); !strings.Contains(after.Error, "its state cannot be read") {
		t.Errorf("the state is %+v", after)
	}
	if got := w.runAgain(state.ID, ""); got.failure == nil ||
		!strings.Contains(got.failure.Error(), "its state cannot be read") {
		t.Errorf("run gives %+v", got)
	}
	if got := w.runAgain(other.ID, ""); got.failure != nil {
		t.Errorf("the other: %+v", got)
	}
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
	if traces := w.traces(); strings.Contains(traces, state.ID) {
		t.Errorf("there is left:\n%s", traces)
	}
}

// A container must not live on in no list because one file of it is damaged.
func TestRunningContainerWithAnUnreadableStateCanBeStopped(t *testing.T) {
	w := newWorld(t)
	for verb, stop := range map[string]func(id string) error{
		"stop":      func(id string) error { return w.Stop(context.Background(), id, time.Minute) },
		"kill":      func(id string) error { return w.Kill(context.Background(), id, syscall.SIGKILL) },
		"rm":        func(id string) error { return w.Remove(context.Background(), id, false) },
		"forced rm": func(id string) error { return w.Remove(context.Background(), id, true) },
	} {
		o := options("trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done")
		o.Name = "lost"
		state := w.start(o)
		w.awaitOutput(state.ID, "ready\n")
		testkit.Must(t, os.WriteFile(filepath.Join(w.directory(state.ID), stateFile), []byte(`{"id":`), 0o600))
		lost := w.state(state.ID)
		if lost.Status != Running || lost.PID != state.PID || !strings.Contains(lost.Error, "cannot be read") {
			t.Errorf("%s: the state is %+v", verb, lost)
		}
		err := stop(state.ID)
		if verb == "rm" {
			if err == nil || !strings.Contains(err.Error(), "is running") || !alive(state.PID) {
				t.Errorf("rm of a running container: %v", err)
			}
			err = w.Stop(context.Background(), state.ID, 0)
		}
		if testkit.Must(t, err); alive(state.PID) {
			t.Errorf("%s: the process lives", verb)
		}
		if verb == "forced rm" {
			continue
		}
		// The monitor has the state in memory.
		if after := w.state("lost"); after.Status != Stopped || after.ExitCode == nil || after.Image != state.Image {
			t.Errorf("%s: afterwards the state is %+v", verb, after)
		}
		testkit.Must(t, w.Remove(context.Background(), state.ID, false))
	}
}

func TestContainerWithAMonitorAndNothingElseIsNotTakenForStopped(t *testing.T) {
	w := newWorld(t)
	state := w.create(options("true"))
	testkit.Must(t, os.WriteFile(filepath.Join(w.directory(state.ID), stateFile), []byte(`{"id":`), 0o600))
	monitor, err := w.lockActive(state.ID) // this process is one, of no container that could be found
	testkit.Must(t, err)
	for verb, err := range map[string]error{
		"stop":      w.Stop(context.Background(), state.ID, 0),
		"rm":        w.Remove(context.Background(), state.ID, false),
		"forced rm": w.Remove(context.Background(), state.ID, true),
	} {
		if want := fmt.Sprintf("process %d ", os.Getpid()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, without a word of %s", verb, err, want)
		}
	}
	testkit.Must(t, monitor.Close())
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
}

func TestRunsLeaveNoDescriptorOpen(t *testing.T) {
	w := newWorld(t)
	o := options("true")
	o.Network = NetworkBridge
	w.run(o, "") // what is opened once and stays
	before := descriptors(t)
	for range 5 {
		if _, got := w.run(o, ""); got.failure != nil {
			t.Fatalf("run gives %+v", got)
		}
	}
	if now := descriptors(t); len(now) > len(before)+2 { // the poller of the Go runtime may have come
		t.Errorf("descriptors were %v, are %v", before, now)
	}
}

func descriptors(t testing.TB) (open []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	testkit.Must(t, err)
	for _, entry := range entries {
		target, _ := os.Readlink("/proc/self/fd/" + entry.Name())
		open = append(open, entry.Name()+" "+target)
	}
	return open
}

func TestRepairSkipsLockedContainers(t *testing.T) {
	w := newWorld(t)
	state := w.create(options("true"))
	testkit.Must(t, os.WriteFile(w.activePath(state.ID), nil, 0o600))
	held, _, err := w.lockContainer(t.Context(), state.ID)
	testkit.Must(t, err)
	if repaired := w.reopen(); len(repaired) > 0 || !exists(w.activePath(state.ID)) {
		t.Errorf("though it is locked: %q", repaired)
	}
	held.unlock()
	if repaired := w.reopen(); len(repaired) != 1 || exists(w.activePath(state.ID)) {
		t.Errorf("then: %q", repaired)
	}
}

func TestWaitingForTheLockEndsWhenTheContainerIsRemoved(t *testing.T) {
	w := newWorld(t)
	state := w.create(options("true"))
	held, _, err := w.lockContainer(t.Context(), state.ID)
	testkit.Must(t, err)
	waited := make(chan error)
	go func() {
		_, _, err := w.lockContainer(t.Context(), state.ID)
		waited <- err
	}()
	testkit.Must(t, os.Remove(filepath.Join(w.directory(state.ID), stateFile)))
	testkit.Must(t, w.removeRemains(state.ID, state))
	held.unlock()
	var gone *NotFoundError
	if err := <-waited; !errors.As(err, &gone) {
		t.Errorf("the one that waited got %v", err)
	}
}

func TestContainerThatFillsTheDiskCanBeRemoved(t *testing.T) {
	emptyWorld(t)
	imported, err := importOnce()
	testkit.Must(t, err)
	disk := t.TempDir()
	testkit.Must(t, syscall.Mount("disk", disk, "tmpfs", 0, "size=1m"))
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	testkit.Must(t, os.Symlink(imported, filepath.Join(disk, "images")))
	r, err := Open(disk)
	testkit.Must(t, err)
	state := world{r, t}.start(options("sleep 1000"))
	testkit.Must(t, syscall.Kill(monitorOf(t, state), syscall.SIGKILL))
	filler := filepath.Join(r.overlay(state.ID, state.Lower).Merged(), "filler")
	if err := os.WriteFile(filler, make([]byte, 2<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	testkit.Must(t, syscall.Kill(state.PID, syscall.SIGKILL))
	until(t, "the container is gone", func() bool { return !state.alive() })
	states, err := r.List()
	if err != nil || len(states) != 1 || states[0].Status != Stopped {
		t.Fatalf("list gives %+v, %v", states, err)
	}
	testkit.Must(t, r.Remove(context.Background(), state.ID, true))
	if states, err := r.List(); err != nil || len(states) != 0 {
		t.Errorf("list gives %+v, %v", states, err)
	}
}
