//go:build crashtest && linux

// The crash matrix: the process that works is killed at each of the points, and the next command has to leave a correct
// system. Run it with: go test -tags crashtest ./container
//
// Without cgroup v2 containers run without limits, with everything else. What that leaves out is made up for in the
// virtual machine, whose emulated processor is too slow for the whole matrix: there, containers have limits and are
// killed at the points of which a cgroup is part.

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
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testcrash"
)

// scriptVariable is what the container's program does.
const scriptVariable = "SHEEP_TEST_SCRIPT"

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
	o := options("trap '' TERM; " + os.Getenv(scriptVariable))
	o.Name, o.Network, o.Ports = "victim", NetworkBridge, append(o.Ports, port8080)
	if !noLimits() {
		o.Limits.Memory, o.Limits.Pids = 24<<20, 50
		o.Network, o.Ports = NetworkNone, nil // which is looked at without limits, and takes its time
	}
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
	case "reboot": // as far as the container sees it
		return r.overlay(state.ID, state.Lower).Unmount()
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

// Points of packages that this one calls.
const (
	enableControllers = "cgroup/enable-controllers"
	makeCgroup        = "cgroup/make"
	killCgroup        = "cgroup/kill"
	prepareUpper      = "overlay/prepare-upper"
	makeUpper         = "overlay/make-upper"
	unmountOverlay    = "overlay/unmount"
)

// The points of a run, from its begin to its end.
var (
	creating = []string{createDirectory, prepareUpper, makeUpper, createOverlay, createSaved}
	starting = []string{
		startActive, startLease, enableControllers, makeCgroup, startCgroup, startDevices, startProcess, "bridge/make",
		"bridge/address", startBridge, "bridge/make-veth", "bridge/set-up-network", startConnected, startForwarding,
		startMasquerade, "nat/publish", startPublished, startFiles, startSaved, startProceeded,
	}
	ending = []string{
		endWaited, endSaved, "nat/unpublish", endUnpublished, "bridge/delete-veth", endDisconnected, endReleased,
		endCgroup,
		endActive,
	}
	removing = []string{removeState, unmountOverlay, removeOverlay, removeDirectory}
	saving   = []string{durable.PointWritten, durable.PointSynced, durable.PointRenamed}
)

// withLimits are the points that are tested with limits: those that are not passed without, and those after which there
// is a cgroup, in which something may run, for the next command to clear away.
var withLimits = map[string]bool{
	enableControllers: true, makeCgroup: true, startCgroup: true, startDevices: true, killCgroup: true, endCgroup: true,
	startProcess: false, startSaved: false, startProceeded: false, stopKill: false, stopEnded: false,
	endWaited: false, endSaved: false, removeState: false, // false: and without as well
}

// matrix is which points a command passes, after others.
var matrix = []struct {
	before  []string
	verb    string
	script  string
	points  []string
	without bool // with limits it would show nothing that other rows do not
	oom     bool // the program ends because it is out of memory, which must be seen
}{
	{verb: "create", script: "true", points: slices.Concat(creating, saving)},
	{verb: "create-and-run", script: "sleep 0.05", points: slices.Concat(creating, starting, saving, ending)},
	{verb: "create-and-run-rm", script: "true", points: slices.Concat(ending, removing), without: true},
	{before: []string{"create"}, verb: "start", script: "sleep 0.05", points: slices.Concat(starting, saving, ending)},
	{before: []string{"create"}, verb: "run", script: "sleep 0.05", points: slices.Concat(starting, saving, ending),
		without: true},
	{before: []string{"create", "run"}, verb: "run", script: "true", points: []string{startActive, startSaved,
		endSaved}, without: true},
	{before: []string{"create", "reboot"}, verb: "run", script: "true", points: []string{startOverlay}},
	{before: []string{"create", "start"}, verb: "stop", script: "sleep 1000", points: []string{stopTerm, killCgroup,
		stopKill, stopEnded}},
	{before: []string{"create", "start"}, verb: "rm", script: "sleep 1000", points: slices.Concat(
		[]string{killCgroup, stopKill, stopEnded}, removing,
	)},
	{before: []string{"create", "run"}, verb: "rm", script: "true", points: removing, without: true},
	{before: []string{"create"}, verb: "run", script: "exec tail -n1 /dev/zero", points: []string{endWaited, endSaved},
		oom: true},
}

// elsewhere are the points that a command of the matrix comes to with luck only: package bridge tests them.
var elsewhere = []string{
	"bridge/make",        // there is one, from the test before
	"bridge/delete-veth", // with its namespace the kernel may have deleted it already
}

func TestKilledAtAnyPointTheNextCommandLeavesACorrectSystem(t *testing.T) {
	passed := map[string]bool{}
	for _, row := range matrix {
		times := 6 // some points are passed more than once
		if !noLimits() {
			times = 1 // not those that are tested with limits
		}
		if row.oom && noLimits() || row.without && !noLimits() {
			continue
		}
		for _, point := range row.points {
			only, with := withLimits[point]
			if noLimits() && only || !noLimits() && !with {
				continue
			}
			for n := 1; n <= times; n++ {
				at := fmt.Sprintf("%s:%d", point, n)
				killed := false
				t.Run(strings.Join(append(row.before, row.verb), "-")+"/"+strings.ReplaceAll(at, "/", "-"),
					func(t *testing.T) {
						t.Setenv(scriptVariable, row.script)
						killed = kill(t, row.before, row.verb, at, row.oom)
					})
				if !killed {
					break
				}
				passed[point] = true
			}
		}
	}
	for _, point := range testcrash.Points(t, ".", "../bridge", "../cgroup", "../internal/durable", "../nat",
		"../overlay") {
		only, with := withLimits[point]
		if !passed[point] && !slices.Contains(elsewhere, point) && (noLimits() && !only || !noLimits() && with) {
			t.Errorf("no command of the matrix comes to %s", point)
		}
	}
}

// kill lets a container live up to a command, in which somebody is killed at a point, and looks at what the next
// command makes of it. It returns whether the point was passed.
func kill(t *testing.T, before []string, verb, at string, oom bool) bool {
	w := newWorld(t)
	for _, earlier := range before {
		w.must(earlier)
	}
	output, err := w.command(verb, at)
	if verb == "start" {
		// The monitor may be the one, and later.
		until(t, "no monitor is left", func() bool {
			ids, err := w.ids()
			testkit.Must(t, err)
			return !slices.ContainsFunc(ids, w.hasMonitor)
		})
	}
	killed := err != nil && err.Error() == "signal: killed" || strings.Contains(output, "the monitor ended before") ||
		verb == "start" && w.left() != ""
	if err != nil && !killed {
		t.Errorf("%s: %v: %s", verb, err, output)
	}
	w.must("ps")
	w.consistent()
	if oom && !w.state("victim").OOMKilled {
		t.Error("that it was out of memory is forgotten")
	}
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
	testkit.Must(w.t, err)
	for _, id := range ids {
		if exists(w.activePath(id)) {
			found += id
		}
	}
	return found
}

// consistent checks that what there is belongs to a container in a state to have it.
func (w world) consistent() {
	w.t.Helper()
	ids, err := w.ids()
	testkit.Must(w.t, err)
	until(w.t, "monitors are with running containers only", func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool {
			state, err := w.load(id)
			return err == nil && w.hasMonitor(id) && !state.alive()
		})
	})
	states, err := w.List()
	testkit.Must(w.t, err)
	allowed := []string{}
	for _, state := range states {
		allowed = append(allowed, "directory /containers/"+state.ID, "directory /overlay/"+state.ID,
			"mount /overlay/"+state.ID+"/merged")
		switch {
		case state.Lower == "":
			w.t.Errorf("the state of %s is lost: %s", state.ShortID(), state.Error)
		case state.Status == Running:
			allowed = append(allowed, "lease "+state.ID+" "+state.Address, "interface veth"+state.ID[:11],
				"rules of "+state.ID, "cgroup "+state.ID)
		case exists(w.activePath(state.ID)):
			w.t.Errorf("%s is %s, but active", state.Name, state.Status)
		}
	}
	for line := range strings.Lines(w.traces()) {
		if !slices.Contains(allowed, strings.TrimSpace(line)) {
			w.t.Errorf("nobody should have: %s", line)
		}
	}
}
