//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// countdown is a context that is cancelled when its error was asked for a number of times.
type countdown struct {
	context.Context
	mutex sync.Mutex
	left  int
	done  chan struct{}
}

func newCountdown(left int) *countdown {
	return &countdown{Context: context.Background(), left: left, done: make(chan struct{})}
}

func (c *countdown) Done() <-chan struct{} { return c.done }

func (c *countdown) Err() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.left--
	if c.left == -1 {
		close(c.done)
	}
	if c.left < 0 {
		return context.Canceled
	}
	return nil
}

// networked are options with everything that a run makes on the host.
func networked(script string) Options {
	o := options(script)
	o.Network, o.Ports = NetworkBridge, append(o.Ports, port8080)
	return o
}

// onlyCreated fails the test if anything is left of runs.
func (w world) onlyCreated(when string) {
	w.t.Helper()
	states, err := w.List()
	testkit.Must(w.t, err)
	allowed := map[string]bool{}
	for _, state := range states {
		if state.Status == Running || exists(w.activePath(state.ID)) {
			w.t.Errorf("%s: the container is %s (%s)", when, state.Status, state.Error)
		}
		for _, kind := range []string{"directory /containers/%s", "directory /overlay/%s", "mount /overlay/%s/merged"} {
			allowed[fmt.Sprintf(kind, state.ID)] = true
		}
	}
	for line := range strings.Lines(w.traces()) {
		if !allowed[strings.TrimSpace(line)] {
			w.t.Errorf("%s: there is left: %s", when, line)
		}
	}
}

func TestCancellingBreaksOffAStartWhereverItIs(t *testing.T) {
	w := newWorld(t)
	for name, do := range map[string]func(ctx context.Context) error{
		"Create": func(ctx context.Context) error {
			state, err := w.Create(ctx, networked("true"))
			if err == nil {
				testkit.Must(t, w.Remove(context.Background(), state.ID, false))
			}
			return err
		},
		"CreateAndRun": func(ctx context.Context) error {
			o := networked("true")
			o.Remove = true
			_, err := w.CreateAndRun(ctx, o, Streams{})
			return err
		},
		"Run": func(ctx context.Context) error {
			_, err := w.Run(ctx, w.create(networked("true")).ID, Streams{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := world{w.Runtime, t}
			brokenOff := 0
			for left := 0; ; left++ {
				if left == 50 {
					t.Fatal("however late the context is cancelled, it is broken off")
				}
				err := do(newCountdown(left))
				w.onlyCreated(fmt.Sprintf("cancelled at the check %d", left))
				if err == nil {
					break
				}
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("cancelled at the check %d: %v", left, err)
				}
				brokenOff++
			}
			if brokenOff < 2 {
				t.Errorf("it was broken off in %d places, want 2 or more", brokenOff)
			}
			w.removeAll()
			if traces := w.traces(); traces != "" {
				t.Errorf("there is left:\n%s", traces)
			}
		})
	}
}

func TestCancelledCommandDoesNotWaitForALock(t *testing.T) {
	w := newWorld(t)
	state := w.create(options("true"))
	held, _, err := w.lockContainer(t.Context(), state.ID)
	testkit.Must(t, err)
	defer held.unlock()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := w.Run(ctx, state.ID, Streams{})
		ended <- err
	}()
	awaitWaiter(t, w.directory(state.ID))
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("Run gives %v", err)
	}
	held.unlock()
	if got := w.runAgain(state.ID, ""); got.failure != nil { // the lock that came too late was given back
		t.Errorf("then run gives %+v", got)
	}
}

func TestCancellingKillsTheProgramOfRun(t *testing.T) {
	w := newWorld(t)
	state := w.create(networked("echo ready; trap '' TERM; sleep 1000"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan result)
	go func() {
		code, err := w.Run(ctx, state.ID, Streams{})
		ended <- result{code: code, failure: err}
	}()
	w.awaitOutput(state.ID, "ready\n")
	cancel()
	if got := <-ended; got.code != 128+9 || !errors.Is(got.failure, context.Canceled) {
		t.Errorf("Run gives %+v", got)
	}
	if after := w.state(state.ID); after.Status != Stopped || after.ExitCode == nil || *after.ExitCode != 128+9 {
		t.Errorf("the state is %+v", after)
	}
	w.onlyCreated("cancelled")
}

func TestCancellingKillsTheProgramOfExec(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan result)
	go func() {
		e := ExecOptions{Args: []string{"sh", "-c", "trap '' TERM; >/started; exec sleep 1234"}}
		code, err := w.Exec(ctx, state.ID, e, Streams{})
		ended <- result{code: code, failure: err}
	}()
	merged := w.overlay(state.ID, state.Lower).Merged()
	until(t, "the program runs", func() bool { return exists(filepath.Join(merged, "started")) })
	cancel()
	if got := <-ended; got.code != 128+9 || !errors.Is(got.failure, context.Canceled) {
		t.Errorf("Exec gives %+v", got)
	}
	until(t, "it is gone from the container", func() bool {
		return !strings.Contains(w.exec(state.ID, ExecOptions{Args: []string{"ps"}}, "").out, "1234")
	})
	if after := w.state(state.ID); after.Status != Running {
		t.Errorf("the container is %s", after.Status)
	}
	if _, err := w.Exec(ctx, state.ID, ExecOptions{Args: []string{"true"}}, Streams{}); !errors.Is(err,
		context.Canceled) {
		t.Errorf("with a cancelled context Exec gives %v", err)
	}
}

func TestCancelledStartInTheBackgroundRunsOrLeavesNothing(t *testing.T) {
	w := newWorld(t)
	for delay := time.Duration(0); delay < 60*time.Millisecond; delay += 6 * time.Millisecond {
		state := w.create(networked("sleep 1000"))
		ctx, cancel := context.WithTimeoutCause(t.Context(), delay, context.Canceled)
		err := w.Start(ctx, state.ID)
		cancel()
		switch after := w.state(state.ID); {
		case err == nil && after.Status != Running:
			t.Errorf("after %v Start gives nil, and the container is %s", delay, after.Status)
		case err != nil && !errors.Is(err, context.Canceled):
			t.Errorf("after %v Start gives %v", delay, err)
		case err != nil:
			w.onlyCreated(fmt.Sprintf("after %v", delay))
		}
		testkit.Must(t, w.Remove(context.Background(), state.ID, true))
	}
}
