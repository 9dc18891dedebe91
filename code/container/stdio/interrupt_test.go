//go:build linux

package stdio

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// pressed is what is said of Ctrl-Cs that come after pauses, and how often the container was killed.
func pressed(t *testing.T, pid int, pauses ...time.Duration) (said []Interrupt, killed int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		i := &interrupts{name: "web", pid: pid}
		i.tell = func(event Interrupt) { said = append(said, event) }
		i.kill = func() { killed++ }
		for _, pause := range pauses {
			time.Sleep(pause)
			i.signal()
		}
	})
	return said, killed
}

func TestCtrlCsInQuickSuccessionAreCounted(t *testing.T) {
	without := exec.Command("sleep", "1000") // a process that has no handler for SIGINT
	testkit.Must(t, without.Start())
	defer func() {
		without.Process.Kill()
		without.Wait()
	}()
	deaf, with := without.Process.Pid, os.Getpid() // the Go runtime has one
	lost := Interrupt{Container: "web", Presses: insistence}
	kill, handled := lost, lost
	kill.Killed, handled.Handled = true, true
	for what, c := range map[string]struct {
		pid    int
		pauses []time.Duration
		said   []Interrupt
		killed int
	}{
		"one that is lost":      {deaf, []time.Duration{0}, []Interrupt{lost}, 0},
		"two that are lost":     {deaf, []time.Duration{0, 0}, []Interrupt{lost}, 0},
		"three that are lost":   {deaf, []time.Duration{0, moment, moment}, []Interrupt{lost, kill}, 1},
		"four that are lost":    {deaf, []time.Duration{0, 0, 0, 0}, []Interrupt{lost, kill}, 1},
		"the third is late":     {deaf, []time.Duration{0, 0, moment + 1, 0}, []Interrupt{lost}, 0},
		"after it two more":     {deaf, []time.Duration{0, 0, moment + 1, 0, 0}, []Interrupt{lost, kill}, 1},
		"all are late":          {deaf, slices.Repeat([]time.Duration{moment + 1}, 9), []Interrupt{lost}, 0},
		"two that are handled":  {with, []time.Duration{0, 0}, nil, 0},
		"three that are":        {with, []time.Duration{0, moment, moment}, []Interrupt{handled}, 0},
		"nine that are":         {with, slices.Repeat([]time.Duration{0}, 9), []Interrupt{handled}, 0},
		"nine that are, slowly": {with, slices.Repeat([]time.Duration{moment + 1}, 9), nil, 0},
	} {
		if said, killed := pressed(t, c.pid, c.pauses...); !slices.Equal(said, c.said) || killed != c.killed {
			t.Errorf("%s: it says %+v and kills %d times, want %+v and %d", what, said, killed, c.said, c.killed)
		}
	}
}
