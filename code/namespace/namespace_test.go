//go:build linux

package namespace_test

import (
	"os"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestMain(m *testing.M) {
	testns.Main(m)
}

func TestKindsAreThoseOfTheKernel(t *testing.T) {
	files, err := os.ReadDir("/proc/self/ns")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, kind := range namespace.All.Kinds() {
		known[kind.String()] = false
	}
	for _, file := range files {
		// pid_for_children and time_for_children are where children will be, not kinds of their own.
		name := strings.TrimSuffix(file.Name(), "_for_children")
		if _, is := known[name]; !is {
			t.Errorf("no kind has the kernel's name %s", name)
		}
		known[name] = true
	}
	for name, found := range known {
		if !found {
			t.Errorf("this kernel has no namespaces of kind %s", name)
		}
	}
}

func TestSheepUsesFiveOfTheEightKinds(t *testing.T) {
	if got := len(namespace.All.Kinds()); got != 8 {
		t.Errorf("%d kinds, want 8", got)
	}
	if got, want := namespace.Sheep.String(), "mnt|uts|ipc|pid|net"; got != want {
		t.Errorf("Sheep's kinds are %s, want %s", got, want)
	}
	if got, want := (namespace.All &^ namespace.Sheep).String(), "time|cgroup|user"; got != want {
		t.Errorf("the kinds that Sheep leaves out are %s, want %s", got, want)
	}
}

func TestUnknownFlagIsShownAsNumber(t *testing.T) {
	if got, want := (namespace.UTS | 1).String(), "0x1|uts"; got != want {
		t.Errorf("String is %q, want %q", got, want)
	}
}
