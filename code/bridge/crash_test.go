//go:build crashtest && linux && !vm

package bridge

import (
	"net/netip"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testcrash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func init() {
	// connect makes the bridge and connects a process to it.
	roles["connect"] = func(arguments []string) {
		pid, err := strconv.Atoi(arguments[1])
		if err == nil {
			err = Default.Ensure()
		}
		if err == nil {
			err = Default.Connect(arguments[0], pid, netip.MustParseAddr("10.20.0.2"))
		}
		if err != nil {
			panic(err)
		}
	}
	roles["disconnect"] = func(arguments []string) {
		if err := Disconnect(arguments[0]); err != nil {
			panic(err)
		}
	}
}

// killAt starts the test binary in a role, to be killed at a point.
func killAt(t *testing.T, point string, role ...string) {
	t.Helper()
	cmd := again(role...)
	cmd.Env = append(os.Environ(), crash.Variable+"="+point)
	output, err := cmd.CombinedOutput()
	if err == nil || err.Error() != "signal: killed" {
		t.Fatalf("%s: not killed, but %v\n%s", point, err, output)
	}
}

// connecting are the points that Ensure and Connect pass; Disconnect has one.
var connecting = []string{"bridge/make", "bridge/address", "bridge/make-veth", "bridge/set-up-network"}

const disconnecting = "bridge/delete-veth"

func TestNoPointIsForgotten(t *testing.T) {
	want := append(slices.Clone(connecting), disconnecting)
	slices.Sort(want)
	if got := testcrash.Points(t, "."); !slices.Equal(got, want) {
		t.Errorf("there are the points %q, and tested are %q", got, want)
	}
}

func TestKilledWriterLeavesTheOldLeasesOrTheNew(t *testing.T) {
	for point, want := range map[string]int{durable.PointWritten: 1, durable.PointSynced: 1, durable.PointRenamed: 2} {
		l := newLeases(t, "10.20.0.0/16")
		l.subnet = Default.Gateway
		first := acquire(t, l, "ewe")
		killAt(t, point, "acquire", l.file, "ram")
		if got, err := l.All(); err != nil || len(got) != want || got["ewe"].String() != first {
			t.Errorf("%s: All is %v, %v", point, got, err)
		}
		if got := acquire(t, l, "ram"); got != "10.20.0.3" {
			t.Errorf("%s: the second is given %s", point, got)
		}
		if got := acquire(t, l, "lamb"); got != "10.20.0.4" {
			t.Errorf("%s: the third is given %s", point, got)
		}
	}
}

func TestConnectFinishesWhatAKilledOneLeft(t *testing.T) {
	testns.Require(t)
	for _, point := range connecting {
		h := testhost.New(t)
		killAt(t, point, "connect", "ewe", strconv.Itoa(h.PID))
		if err := Default.Ensure(); err != nil {
			t.Errorf("%s: %v", point, err)
		}
		if err := Default.Connect("ewe", h.PID, netip.MustParseAddr("10.20.0.2")); err != nil {
			t.Errorf("%s: %v", point, err)
		}
		if err := h.Ping("10.20.0.1"); err != nil {
			t.Errorf("%s: %v", point, err)
		}
		if err := Disconnect("ewe"); err != nil {
			t.Errorf("%s: %v", point, err)
		}
		deleteLink(Default.Name)
	}
}

func TestDisconnectFinishesWhatAKilledOneLeft(t *testing.T) {
	testns.Require(t)
	h := testhost.New(t)
	if err := Default.Ensure(); err != nil {
		t.Fatal(err)
	}
	if err := Default.Connect("ewe", h.PID, netip.MustParseAddr("10.20.0.2")); err != nil {
		t.Fatal(err)
	}
	killAt(t, disconnecting, "disconnect", "ewe")
	if err := Disconnect("ewe"); err != nil {
		t.Error(err)
	}
	if err := h.Ping("10.20.0.1"); err == nil {
		t.Error("it is connected still")
	}
	deleteLink(Default.Name)
}
