//go:build linux

package container

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// The numbers are those of signal(7) for x86 and ARM.
func TestSignalsAreReadAsKillReadsThem(t *testing.T) {
	for text, want := range map[string]syscall.Signal{
		"KILL": 9, "SIGQUIT": 3, "sigusr1": 10, "hup": 1, "15": 15, "WINCH": 28, "64": 64,
		"RTMIN": 34, "SIGRTMIN+3": 37, "rtmin+30": 64, "RTMAX": 64, "RTMAX-30": 34,
	} {
		if got, err := ParseSignal(text); err != nil || got != want {
			t.Errorf("%s is %d (%v), not %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "65", "-1", "SIG", "BAA", "RTMIN3", "RTMIN+31", "RTMIN-1", "RTMAX+1",
		"RTMIN+"} {
		if got, err := ParseSignal(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is %d (%v)", text, got, err)
		}
	}
}

// As docker stop has it: the flag of run, then the image's STOPSIGNAL, then SIGTERM.
func TestUserAndImageSayHowAContainerIsAskedToEnd(t *testing.T) {
	seconds := 0
	for _, c := range []struct {
		options Options
		image   string
		signal  syscall.Signal
		grace   time.Duration
	}{
		{Options{}, "", syscall.SIGTERM, 10 * time.Second},
		{Options{}, "SIGQUIT", syscall.SIGQUIT, 10 * time.Second},
		{Options{}, "37", 37, 10 * time.Second},
		{Options{}, "SIGBAA", syscall.SIGTERM, 10 * time.Second},
		{Options{StopSignal: "HUP", StopTimeout: &seconds}, "SIGQUIT", syscall.SIGHUP, 0},
	} {
		state := &State{Options: c.options, Process: processOf(c.options, image.Config{StopSignal: c.image})}
		if state.stopSignal() != c.signal || state.grace() != c.grace {
			t.Errorf("%+v of an image with %q: %v, then %v", c.options, c.image, state.stopSignal(), state.grace())
		}
	}
}

func TestStopSendsTheSignalThatTheContainerWants(t *testing.T) {
	w := newWorld(t)
	o := options("trap 'exit 4' TERM; trap 'exit 5' QUIT; echo ready; while :; do sleep 0.05; done")
	o.StopSignal = "QUIT"
	state := w.start(o)
	w.awaitOutput(state.ID, "ready\n")
	testkit.Must(t, w.Stop(context.Background(), state.ID, time.Minute))
	if after := w.state(state.ID); after.ExitCode == nil || *after.ExitCode != 5 {
		t.Errorf("the state is %+v", after)
	}
}

func TestKillSendsAnySignal(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("trap 'echo again' HUP; echo ready; while :; do sleep 0.05; done"))
	w.awaitOutput(state.ID, "ready\n")
	testkit.Must(t, w.Kill(context.Background(), state.ID, syscall.SIGHUP))
	w.awaitOutput(state.ID, "ready\nagain\n")
	testkit.Must(t, w.Kill(context.Background(), state.ID, syscall.SIGKILL))
	if after := w.state(state.ID); after.Status != Stopped || after.ExitCode == nil || *after.ExitCode != 128+9 {
		t.Errorf("the state is %+v", after)
	}
	err := w.Kill(context.Background(), state.ID, syscall.SIGKILL)
	if err == nil || !strings.Contains(err.Error(), "is not running") {
		t.Errorf("a stopped container is killed: %v", err)
	}
}
