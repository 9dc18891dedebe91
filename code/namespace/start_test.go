//go:build linux

package namespace_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestAttributesStartAProcessInAllKinds(t *testing.T) {
	testns.Require(t)
	for _, kind := range namespace.All.Kinds() {
		attributes, err := namespace.Attributes(namespace.All)
		if err != nil {
			t.Fatal(err)
		}
		outside, err := namespace.Of(os.Getpid(), kind)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("readlink", "/proc/self/ns/"+kind.String())
		cmd.SysProcAttr = attributes
		inside, err := cmd.CombinedOutput()
		if err != nil || !strings.HasPrefix(string(inside), kind.String()+":[") {
			t.Errorf("inside, the %v namespace is %q, %v", kind, inside, err)
		}
		if strings.TrimSpace(string(inside)) == outside.String() {
			t.Errorf("the %v namespace is %v inside and outside", kind, outside)
		}
	}
}

func TestAttributesRefuseWhatIsNotANamespace(t *testing.T) {
	if _, err := namespace.Attributes(syscall.CLONE_FILES); err == nil || !strings.Contains(err.Error(), "0x400") {
		t.Errorf("Attributes with a flag that is not a namespace fail with %v", err)
	}
}

func TestUserNamespaceMapsTheCallerToRoot(t *testing.T) {
	testns.Require(t)
	attributes, err := namespace.Attributes(namespace.User | namespace.UTS)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "id -u; id -g; hostname wolf && hostname")
	cmd.SysProcAttr = attributes
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "0\n0\nwolf\n" {
		t.Errorf("inside, user, group and hostname are %q (%v), want 0, 0 and wolf", out, err)
	}
}

func TestSetHostnameSaysWhatItCouldNotSet(t *testing.T) {
	testns.Require(t)
	long := strings.Repeat("baa", 30) // the limit is 64 bytes (sethostname(2))
	if err := namespace.SetHostname(long); err == nil || !strings.Contains(err.Error(), `set hostname "baabaa`) {
		t.Errorf("SetHostname fails with %v", err)
	}
	if err := namespace.SetHostname("ewe"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.Hostname(); err != nil || got != "ewe" {
		t.Errorf("hostname is %q, %v; want ewe", got, err)
	}
}
