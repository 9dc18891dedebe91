//go:build linux

package testtraces

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestMain(m *testing.M) { testns.Main(m) }

// TestEachKindOfTraceIsSeen makes one of each, without any help of Sheep: a test that finds nothing must have looked.
func TestEachKindOfTraceIsSeen(t *testing.T) {
	testns.Require(t)
	root := t.TempDir()
	before := Of(t, root)
	for _, dir := range []string{"containers/ewe", "images/1/rootfs/etc"} {
		testkit.Must(t, os.MkdirAll(filepath.Join(root, dir), 0o700))
	}
	testkit.Must(t, syscall.Mount("tmpfs", filepath.Join(root, "containers/ewe"), "tmpfs", 0, ""))
	defer syscall.Unmount(filepath.Join(root, "containers/ewe"), syscall.MNT_DETACH)
	testkit.Must(t, os.WriteFile(filepath.Join(root, "leases.json"), []byte(`{"leases": {"ewe": "10.20.0.2"}}`), 0o600))
	attributes := netlink.NewLinkAttrs()
	attributes.Name = "veth-ewe"
	veth := netlink.NewVeth(attributes)
	veth.PeerName = "peer"
	testkit.Must(t, netlink.LinkAdd(veth))
	defer netlink.LinkDel(veth)
	sleeper := exec.Command("sleep", "1000")
	testkit.Must(t, sleeper.Start())
	defer sleeper.Wait()
	defer sleeper.Process.Kill()
	want := []string{
		"mount " + root + "/containers/ewe tmpfs", "file containers/ewe", "file images/1/rootfs", "lease ewe 10.20.0.2",
		"interface veth-ewe",
	}
	if _, err := exec.LookPath("iptables"); err == nil {
		rule := `OUTPUT -p tcp -m comment --comment "sheep:ewe" -j RETURN`
		output, err := exec.Command("iptables", "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "-m", "comment", "--comment",
			"sheep:ewe", "-j", "RETURN").CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		want = append(want, "rule nat "+rule)
		if got := Published(t); !slices.Equal(got, []string{"ewe"}) {
			t.Errorf("Published is %q", got)
		}
	}
	got := New(before, Of(t, root))
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("it does not see: %s", line)
		}
	}
	if text := strings.Join(got, "\n"); !strings.Contains(text, " sleep") || strings.Contains(text, "rootfs/etc") {
		t.Errorf("it sees:\n%s", text)
	}
}

func TestCgroupsAreTheDirectories(t *testing.T) {
	group := t.TempDir()
	testkit.Must(t, os.MkdirAll(filepath.Join(group, "dolly", "inner"), 0o700))
	testkit.Must(t, os.WriteFile(filepath.Join(group, "cgroup.procs"), nil, 0o600))
	if got := Cgroups(t, group); !slices.Equal(got, []string{"dolly", "dolly/inner"}) {
		t.Errorf("Cgroups is %q", got)
	}
	if got := Cgroups(t, filepath.Join(group, "none")); len(got) > 0 {
		t.Errorf("of none Cgroups is %q", got)
	}
}

func TestNewCountsLinesThatAreThereMoreOften(t *testing.T) {
	if got := New([]string{"a", "b"}, []string{"a", "a", "c"}); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("New is %q", got)
	}
}
