//go:build linux

package namespace_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestIDReadsAsTheKernelsLink(t *testing.T) {
	for _, kind := range namespace.All.Kinds() {
		link, err := os.Readlink("/proc/self/ns/" + kind.String())
		if err != nil {
			t.Fatal(err)
		}
		id, err := namespace.Of(os.Getpid(), kind)
		if err != nil {
			t.Fatal(err)
		}
		if id.String() != link {
			t.Errorf("ID is %v, the kernel calls it %s", id, link)
		}
	}
}

func TestChildSharesEveryNamespaceWithItsParent(t *testing.T) {
	child := start(t, 0)
	if got := differences(t, child); got != 0 {
		t.Errorf("they differ in %v", got)
	}
}

func TestChildDiffersInExactlyTheNewNamespaces(t *testing.T) {
	testns.Require(t)
	kinds := []namespace.Kind{namespace.Sheep, namespace.Sheep | namespace.Cgroup | namespace.User}
	kinds = append(kinds, (namespace.Sheep | namespace.Cgroup | namespace.User).Kinds()...)
	for _, want := range kinds {
		child := start(t, want)
		if got := differences(t, child); got != want {
			t.Errorf("they differ in %v; want %v", got, want)
		}
	}
}

func TestOfNamesAMissingProcess(t *testing.T) {
	const none = 1 << 30 // above the largest PID that Linux gives (proc(5), pid_max: 2²²)
	_, err := namespace.Of(none, namespace.UTS)
	if !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "identify uts namespace: stat /proc/1073741824/ns/uts") {
		t.Errorf("Of fails with %v", err)
	}
}

// differences returns the kinds of namespace that a process does not share with this one.
func differences(t *testing.T, pid int) (different namespace.Kind) {
	t.Helper()
	for _, kind := range namespace.All.Kinds() {
		own, err := namespace.Of(os.Getpid(), kind)
		testkit.Must(t, err)
		other, err := namespace.Of(pid, kind)
		testkit.Must(t, err)
		if own != other {
			different |= kind
		}
	}
	return different
}

// start starts a process in new namespaces of the given kinds, which lives until the test ends, and returns its PID.
func start(t *testing.T, kinds namespace.Kind) int {
	t.Helper()
	attributes, err := namespace.Attributes(kinds)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("cat") // until its input ends
	cmd.SysProcAttr = attributes
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start a process in new %v namespaces: %v", kinds, err)
	}
	t.Cleanup(func() {
		stdin.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return cmd.Process.Pid
}
