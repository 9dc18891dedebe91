//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestInspectShowsWhatARunningContainerUses(t *testing.T) {
	u := newUserWithImage(t)
	u.ok(slices.Concat([]string{"run", "-d", "--name", "web"}, limits(),
		[]string{"busybox", "sh", "-c", "head -c 1000000 /dev/urandom >/file; sync; sleep 1000"})...)
	u.ok("create", "--no-limits", "--name", "other", "busybox", "true")
	type state struct {
		Name  string
		Usage *struct {
			Memory, Pids  int64
			CPU           int64 `json:"cpu_ns"`
			WritableLayer int64 `json:"writable_layer"`
		}
		Namespaces map[string]string
	}
	var states []state
	testkit.Eventually(t, "its writable layer has grown", func() bool {
		states = nil
		u.parse(&states, "inspect", "web", "other")
		return states[0].Usage != nil && states[0].Usage.WritableLayer >= 1_000_000
	})
	if states[0].Name != "web" || states[1].Usage != nil {
		t.Errorf("they are %+v", states)
	}
	if got := states[0].Namespaces; len(got) != 5 || !strings.HasPrefix(got["net"], "net:[") ||
		states[1].Namespaces != nil {
		t.Errorf("the namespaces are %v and %v", got, states[1].Namespaces)
	}
	usage := states[0].Usage
	if limited := cgroup.Check() == nil; limited != (usage.Memory > 0 && usage.Pids > 0 && usage.CPU > 0) {
		t.Errorf("limited %v, it uses %+v", limited, *usage)
	}
	u.sheep("stop", "-t0", "web")
	if got := u.ok("inspect", "web"); strings.Contains(got, "writable_layer") || strings.Contains(got, "namespaces") {
		t.Errorf("stopped, it is shown as %s", got)
	}
}
