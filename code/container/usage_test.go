//go:build linux

package container

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestNamespacesAreThoseOfARunningContainer(t *testing.T) {
	w := newWorld(t)
	created, err := w.Create(context.Background(), options("sleep 1000"))
	testkit.Must(t, err)
	if ids, err := w.Namespaces(created); ids != nil || err != nil {
		t.Errorf("before it runs they are %v, %v", ids, err)
	}
	testkit.Must(t, w.Start(context.Background(), created.ID))
	state := w.state(created.ID)
	ids, err := w.Namespaces(state)
	testkit.Must(t, err)
	if kinds := namespace.Sheep.Kinds(); len(ids) != len(kinds) {
		t.Errorf("they are %v, of the kinds %v", ids, kinds)
	}
	for _, id := range ids {
		inside, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%v", state.PID, id.Kind))
		testkit.Must(t, err)
		outside, err := os.Readlink("/proc/self/ns/" + id.Kind.String())
		testkit.Must(t, err)
		if id.String() != inside || inside == outside {
			t.Errorf("%v is %v; the kernel shows %s inside and %s outside", id.Kind, id, inside, outside)
		}
	}
	testkit.Must(t, w.Stop(context.Background(), state.ID, 0))
	// The old state still says that the container runs, and its PID may be another process's by now.
	for _, s := range []*State{state, w.state(state.ID)} {
		if ids, err := w.Namespaces(s); ids != nil || err != nil {
			t.Errorf("after its end they are %v, %v", ids, err)
		}
	}
}
