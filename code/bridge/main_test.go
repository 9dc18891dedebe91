//go:build linux

package bridge

import (
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testtraces"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		roles[os.Args[1]](os.Args[2:])
		return
	}
	testns.Main(m)
}

// makeBridge makes the default bridge for one test, in a namespace that is the tests' own.
func makeBridge(t testing.TB) Bridge {
	t.Helper()
	testns.Require(t)
	t.Cleanup(func() { deleteLink(Default.Name) })
	if err := Default.Ensure(); err != nil {
		t.Fatal(err)
	}
	return Default
}

func deleteLink(name string) {
	if link, err := netlink.LinkByName(name); err == nil {
		netlink.LinkDel(link)
	}
}

// plugIn connects a new host to the bridge.
func plugIn(t testing.TB, b Bridge, id, address string) *testhost.Host {
	t.Helper()
	h := testhost.New(t)
	t.Cleanup(func() { Disconnect(id) })
	if err := b.Connect(id, h.PID, netip.MustParseAddr(address)); err != nil {
		t.Fatal(err)
	}
	return h
}

// names returns the interfaces of the caller's namespace.
func names(t testing.TB) []string { return slices.Sorted(slices.Values(testtraces.Interfaces(t))) }

// cables returns the host's ends of the cables.
func cables(t testing.TB) []string {
	return slices.DeleteFunc(names(t), func(name string) bool { return !strings.HasPrefix(name, "veth") })
}

func openDescriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
