//go:build linux

package container

import (
	"errors"
	"testing"
)

func TestOnlyLegalTransitionsAreMade(t *testing.T) {
	legal := map[[2]Status]bool{
		{absent, Created}: true, {Created, Running}: true, {Stopped, Running}: true, {Running, Stopped}: true,
		{Running, Created}: true, {Created, absent}: true, {Stopped, absent}: true,
	}
	all := []Status{absent, Created, Running, Stopped}
	for _, from := range all {
		for _, to := range append(all, "flying") {
			s := State{Name: "ram", Status: from}
			err := s.become(to)
			var illegal *TransitionError
			switch {
			case legal[[2]Status{from, to}] && (err != nil || s.Status != to):
				t.Errorf("from %q to %q: %v, and it is %q", from, to, err, s.Status)
			case !legal[[2]Status{from, to}] && (!errors.As(err, &illegal) || s.Status != from):
				t.Errorf("from %q to %q: %v, and it is %q", from, to, err, s.Status)
			}
		}
	}
}

func TestRunningContainerIsNotRemovedUnderItsProgram(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	if err := w.remove(state); !errors.As(err, new(*TransitionError)) {
		t.Errorf("remove gives %v", err)
	}
	if after := w.state(state.ID); after.Status != Running {
		t.Errorf("the container is %s", after.Status)
	}
}
