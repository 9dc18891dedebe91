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
		known[kind.String()] = true
	}
	for _, file := range files {
		// pid_for_children and time_for_children are where children will be, not kinds of their own.
		name := strings.TrimSuffix(file.Name(), "_for_children")
		if _, err := namespace.ParseKind(name); err != nil {
			t.Error(err)
		}
		delete(known, name)
	}
	if len(known) > 0 {
		t.Errorf("this kernel has no namespaces of kind %v", known)
	}
}

func TestEightKindsFiveOfThemSheeps(t *testing.T) {
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

func TestParseKindNamesWhatItDoesNotKnow(t *testing.T) {
	if kind, err := namespace.ParseKind("net"); err != nil || kind != namespace.Network {
		t.Errorf(`ParseKind("net") is %v, %v`, kind, err)
	}
	_, err := namespace.ParseKind("network")
	if err == nil || !strings.Contains(err.Error(), `"network"`) || !strings.Contains(err.Error(), "pid, net") {
		t.Errorf(`ParseKind("network") fails with %v; want the word and the kinds there are`, err)
	}
}

func TestUnknownFlagIsShownAsNumber(t *testing.T) {
	if got, want := (namespace.UTS | 1).String(), "0x1|uts"; got != want {
		t.Errorf("String is %q, want %q", got, want)
	}
}
