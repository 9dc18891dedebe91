//go:build crashtest && linux

// The crash matrix: the process that works is killed at each of the points, and the next command has to leave a correct
// system. Run it with: go test -tags crashtest ./container

package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// sleepVariable is for how long the container's program sleeps.
const sleepVariable = "SHEEP_TEST_SLEEP"

func init() { command = runCommand }

// runCommand does what a command of the CLI does.
func runCommand(root, verb string) error {
	r, err := Open(root)
	if err != nil {
		return err
	}
	for _, line := range r.Repaired {
		fmt.Println(line)
	}
	ctx := context.Background()
	o := options("trap '' TERM; sleep " + os.Getenv(sleepVariable))
	o.Name, o.Network, o.Ports = "victim", NetworkBridge, append(o.Ports, port8080)
	switch verb {
	case "create":
		_, err := r.Create(ctx, o)
		return err
	case "create-and-run", "create-and-run-rm":
		o.Remove = verb == "create-and-run-rm"
		_, err := r.CreateAndRun(ctx, o, Streams{})
		return err
	}
	if verb == "ps" {
		_, err := r.List()
		return err
	}
	state, err := r.Find("victim")
	if err != nil {
		return err
	}
	switch verb {
	case "start":
		return r.Start(ctx, state.ID)
	case "run":
		_, err := r.Run(ctx, state.ID, Streams{})
		return err
	case "stop":
		return r.Stop(ctx, state.ID, 10*time.Millisecond)
	case "rm":
		return r.Remove(ctx, state.ID, true)
	}
	return errors.New("no such command")
}

// starting and ending are the points of a run, from its begin to its end; those without a package's name are in packages
// that this one calls.
var (
	creating = []string{createDirectory, createOverlay, durable.PointSynced, createSaved}
	starting = []string{
		startActive, durable.PointWritten, durable.PointSynced, durable.PointRenamed, startLease, startOverlay, startCgroup, startDevices,
		startProcess, "make-bridge", "address-bridge", startBridge, "make-veth", "set-up-network", startConnected,
		startForwarding, startMasquerade, "publish-ports", startPublished, startFiles, startSaved, startProceeded,
	}
	ending = []string{
		endWaited, endSaved, "unpublish-ports", endUnpublished, "delete-veth", endDisconnected, endReleased, endCgroup, endActive,
	}
	removing = []string{removeState, removeOverlay, removeDirectory}
)

// matrix is which points a command passes, after others.
var matrix = []struct {
	before []string
	verb   string
	sleep  string
	points []string
}{
	{nil, "create", "0", creating},
	{nil, "create-and-run", "0.05", slices.Concat(creating, starting, ending)},
	{nil, "create-and-run-rm", "0", slices.Concat(ending, removing)},
	{[]string{"create"}, "start", "0.05", slices.Concat(starting, ending)},
	{[]string{"create"}, "run", "0.05", slices.Concat(starting, ending)},
	{[]string{"create", "run"}, "run", "0", []string{startActive, startSaved, endSaved}},
	{[]string{"create", "start"}, "stop", "1000", []string{stopTerm, stopKill, stopEnded}},
	{[]string{"create", "start"}, "rm", "1000", slices.Concat([]string{stopKill, stopEnded}, removing)},
	{[]string{"create", "run"}, "rm", "0", removing},
}

func TestKilledAtAnyPointTheNextCommandLeavesACorrectSystem(t *testing.T) {
	passed := map[string]bool{}
	for _, row := range matrix {
		for _, point := range row.points {
			if noLimits() && (point == startCgroup || point == startDevices || point == endCgroup) || point == startOverlay {
				passed[point] = true // there is none, or not after create
				continue
			}
			for n := 1; n < 7; n++ {
				at := fmt.Sprintf("%s:%d", point, n)
				killed := false
				t.Run(strings.Join(append(row.before, row.verb), "-")+"/"+strings.ReplaceAll(at, "/", "-"), func(t *testing.T) {
					t.Setenv(sleepVariable, row.sleep)
					killed = kill(t, row.before, row.verb, at)
				})
				if !killed {
					break
				}
				passed[point] = true
			}
		}
	}
	for _, point := range CrashPoints {
		if !passed[point] {
			t.Errorf("no command comes to %s", point)
		}
	}
}

// kill lets a container live up to a command, in which somebody is killed at a point, and looks at what the next command
// makes of it. It returns whether the point was passed.
func kill(t *testing.T, before []string, verb, at string) bool {
	w := newWorld(t)
	for _, earlier := range before {
		w.must(earlier)
	}
	output, err := w.command(verb, at)
	if verb == "start" {
		// The monitor may be the one, and later.
		until(t, "no monitor is left", func() bool {
			ids, err := w.ids()
			must(t, err)
			return !slices.ContainsFunc(ids, w.monitored)
		})
	}
	killed := err != nil && err.Error() == "signal: killed" || strings.Contains(output, "the monitor ended before") ||
		verb == "start" && w.left() != ""
	if err != nil && !killed {
		t.Errorf("%s: %v: %s", verb, err, output)
	}
	w.must("ps")
	w.consistent()
	if state, err := w.Find("victim"); err == nil {
		// What there is can go on living.
		if state.Status != Running {
			w.must("start")
			w.consistent()
		}
		w.must("rm")
	}
	if traces := w.traces(); traces != "" {
		t.Errorf("there is left:\n%s", traces)
	}
	return killed
}

// command runs a command in a process of its own, to be killed at a point.
func (w world) command(verb, at string) (string, error) {
	w.t.Helper()
	cmd := exec.Command("/proc/self/exe", "command", w.root, verb)
	cmd.Env = append(os.Environ(), crash.Variable+"="+at)
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// must runs a command that must go well.
func (w world) must(verb string) {
	w.t.Helper()
	output, err := w.command(verb, "")
	if err != nil {
		w.t.Fatalf("%s: %v: %s", verb, err, output)
	}
	if output != "" {
		w.t.Logf("%s: %s", verb, output)
	}
}

// left returns which containers a killed monitor left.
func (w world) left() (found string) {
	ids, err := w.ids()
	must(w.t, err)
	for _, id := range ids {
		if exists(w.active(id)) {
			found += id
		}
	}
	return found
}

// consistent checks that what there is belongs to a container in a state to have it.
func (w world) consistent() {
	w.t.Helper()
	ids, err := w.ids()
	must(w.t, err)
	until(w.t, "monitors are with running containers only", func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool {
			state, err := w.load(id)
			return err == nil && w.monitored(id) && !state.alive()
		})
	})
	states, err := w.List()
	must(w.t, err)
	allowed := []string{}
	for _, state := range states {
		allowed = append(allowed, "directory /containers/"+state.ID, "directory /overlay/"+state.ID,
			"mount /overlay/"+state.ID+"/merged")
		switch {
		case state.Lower == "":
			w.t.Errorf("the state of %s is lost: %s", state.ShortID(), state.Error)
		case state.Status == Running:
			allowed = append(allowed, "lease of "+state.ShortID()+": "+state.Address, "interface of "+state.ID[:11],
				"rules of "+state.ShortID(), "cgroup of "+state.ShortID())
		case exists(w.active(state.ID)):
			w.t.Errorf("%s is %s, but active", state.Name, state.Status)
		}
	}
	for line := range strings.Lines(w.traces()) {
		if !slices.Contains(allowed, strings.TrimSpace(line)) {
			w.t.Errorf("nobody should have: %s", line)
		}
	}
}
