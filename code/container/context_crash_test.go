//go:build crashtest && linux

package container

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestCancellingBreaksOffAStartInTheBackground(t *testing.T) {
	for _, point := range []string{startActive, startLease, startPublished, startFiles, startSaved} {
		w := newWorld(t)
		state := w.create(networked("sleep 1000"))
		t.Setenv(crash.StopVariable, point) // of the monitor: this process has read its own before
		ctx, cancel := context.WithCancel(t.Context())
		started := make(chan error)
		go func() { started <- w.Start(ctx, state.ID) }()
		var monitor *durable.HeldError
		until(t, "the monitor stands at "+point, func() bool {
			monitor = durable.Holder(w.activePath(state.ID))
			return monitor.Suspended
		})
		os.Unsetenv(crash.StopVariable)
		cancel()
		testkit.Must(t, syscall.Kill(monitor.PID, syscall.SIGCONT))
		if err := <-started; !errors.Is(err, context.Canceled) {
			t.Errorf("at %s, Start gives %v", point, err)
		}
		w.onlyCreated("at " + point)
	}
}
