//go:build linux

package nat

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/sysctl"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// roles are what the test binary does when a test starts it again, by its first argument, once its input has ended.
var roles = map[string]func(arguments []string) error{
	"masquerade": func([]string) error { return Masquerade(subnet, "sheep0") },
	"publish": func(arguments []string) error {
		port, err := ParsePort(arguments[1])
		if err != nil {
			return err
		}
		return Publish(arguments[0], addressOne, "sheep0", []Port{port})
	},
	"unpublish": func(arguments []string) error { return Unpublish(arguments[0]) },
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		io.Copy(io.Discard, os.Stdin)
		if err := roles[os.Args[1]](os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	testns.Main(m)
}

var (
	subnet     = netip.MustParsePrefix("10.20.0.0/16")
	addressOne = netip.MustParseAddr("10.20.0.2")
	addressTwo = netip.MustParseAddr("10.20.0.3")
)

// privateRun hides the machine's /run, which holds the locks of other programs, behind an empty one.
var privateRun = sync.OnceValue(func() error { return syscall.Mount("tmpfs", "/run", "tmpfs", 0, "") })

// withEach runs a test once with each variant of iptables that the machine has.
func withEach(t *testing.T, test func(t *testing.T)) {
	testns.Require(t)
	if err := privateRun(); err != nil {
		t.Fatal(err)
	}
	for _, variant := range []string{"nft", "legacy"} {
		t.Run(variant, func(t *testing.T) {
			program := "/usr/sbin/xtables-" + variant + "-multi"
			if _, err := os.Stat(program); err != nil {
				t.Skipf("%s is not installed", program)
			}
			directory := t.TempDir()
			for _, name := range []string{"iptables", "iptables-save", "iptables-restore"} {
				if err := os.Symlink(program, filepath.Join(directory, name)); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", directory+":"+os.Getenv("PATH"))
			if _, err := run("", "iptables", "-w", "-t", "nat", "-S"); err != nil {
				t.Skipf("the kernel knows no such tables: %v", err)
			}
			test(t)
		})
	}
}

// world is a host with two containers, and somebody outside:
//
//	one 10.20.0.2 ─┐
//	               ├─ 10.20.0.1 host 203.0.113.1 ── 203.0.113.2 outside
//	two 10.20.0.3 ─┘
//
// Outside has no route to the containers. 203.0.113.0/24 is reserved for documentation (RFC 5737).
type world struct {
	host, one, two, outside *testhost.Host
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{testhost.New(t), testhost.New(t), testhost.New(t), testhost.New(t)}
	w.on(t, func() error {
		return errors.Join(
			testhost.TurnOnLoopback(),
			w.outside.Cable("uplink", "203.0.113.1/24", "203.0.113.2/24"),
			bridge.Default.Ensure(),
			bridge.Default.Connect("one", w.one.PID, addressOne),
			bridge.Default.Connect("two", w.two.PID, addressTwo),
			EnableForwarding(),
			Masquerade(subnet, "sheep0"),
		)
	})
	return w
}

// on runs a function on the host, and ends the test if it fails.
func (w world) on(t *testing.T, f func() error) {
	t.Helper()
	var err error
	w.host.Do(func() { err = f() })
	if err != nil {
		t.Fatal(err)
	}
}

// iptables runs iptables on the host.
func (w world) iptables(t *testing.T, arguments string) {
	t.Helper()
	w.on(t, func() error {
		_, err := run("", "iptables", append([]string{"-w"}, strings.Fields(arguments)...)...)
		return err
	})
}

// saved returns the host's rules as iptables-save prints them.
func (w world) saved(t *testing.T) []string {
	t.Helper()
	var lines []string
	w.on(t, func() error {
		rules, err := list()
		for _, r := range rules {
			lines = append(lines, r.table+" "+r.chain+" "+r.text)
		}
		return err
	})
	slices.Sort(lines)
	return lines
}

// publish publishes a port of a container.
func (w world) publish(t *testing.T, id string, addr netip.Addr, ports ...string) {
	t.Helper()
	w.on(t, func() error { return w.tryPublish(id, addr, ports...) })
}

// tryPublish publishes ports in the namespace of the caller, which has to be the host's.
func (w world) tryPublish(id string, addr netip.Addr, texts ...string) error {
	var ports []Port
	for _, text := range texts {
		port, err := ParsePort(text)
		if err != nil {
			return err
		}
		ports = append(ports, port)
	}
	return Publish(id, addr, "sheep0", ports)
}

// unanswered reports whether a host that asks gets no answer within a short time.
func unanswered(from *testhost.Host, network, address string) bool {
	return !asks(from, network, address, briefly)
}

// answered reports whether a host that asks gets an answer. On a slow machine that may take a while.
func answered(from *testhost.Host, network, address string) bool {
	return asks(from, network, address, testhost.Patience)
}

func asks(from *testhost.Host, network, address string, patience time.Duration) bool {
	var answer string
	from.Do(func() { answer = testhost.Ask(network, address, patience) })
	return strings.Contains(answer, "saw")
}

// withAndWithoutBridgeFilter runs a test twice. Once, packets between the ports of a bridge pass the rules of iptables:
// the module br_netfilter does that, which Docker for one loads (ip-sysctl, bridge-nf-call-iptables). Once they do not.
func withAndWithoutBridgeFilter(t *testing.T, w world, test func(t *testing.T)) {
	if os.Getenv("SHEEP_VM") != "" { // elsewhere the machine's modules are not for tests to choose
		if output, err := exec.Command("modprobe", "br_netfilter").CombinedOutput(); err != nil {
			t.Fatalf("modprobe br_netfilter: %v: %s", err, output)
		}
		t.Cleanup(func() { exec.Command("modprobe", "-r", "br_netfilter").Run() })
	}
	for _, value := range []string{"0", "1"} {
		t.Run("bridge-nf-call-iptables="+value, func(t *testing.T) {
			var err error
			w.host.Do(func() { err = sysctl.Set("net/bridge/bridge-nf-call-iptables", value) })
			if err != nil && value == "1" {
				t.Skipf("no br_netfilter: %v", err)
			}
			test(t)
		})
	}
}
