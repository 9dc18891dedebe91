//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testtraces"
)

// limits are the flags for as much of a limit as this machine has to offer.
func limits() []string {
	if cgroup.Check() != nil {
		return []string{"--no-limits"}
	}
	return []string{"-m", "64m", "--cpus", "0.8", "--pids-limit", "40"}
}

// many is a user who starts and stops containers in many ways.
type many struct {
	user
	starts atomic.Int32
}

// start types a command that starts a container.
func (m *many) start(verb string, arguments ...string) result {
	m.t.Helper()
	m.starts.Add(1)
	if verb != "start" {
		arguments = slices.Concat(limits(), arguments)
	}
	return m.sheep(append([]string{verb}, arguments...)...)
}

// expect complains about a command that should have gone well.
func (m *many) expect(what string, r result) {
	m.t.Helper()
	if r.code != 0 {
		m.t.Errorf("%s ends with %d: %s", what, r.code, r.err)
	}
}

// lives are the ways to start and stop a container. Each may be under way several times, with other names and ports.
var lives = []func(m *many, name, port string){
	func(m *many, name, port string) {
		m.expect("run", m.start("run", "--rm", "busybox", "true"))
	},
	func(m *many, name, port string) {
		m.expect("run -d", m.start("run", "-d", "--name", name, "busybox", "sleep", "1000"))
		m.expect("stop", m.sheep("stop", "-t", "0", name))
		m.expect("rm", m.sheep("rm", name))
	},
	func(m *many, name, port string) {
		m.expect("run -d -p", m.start("run", "-d", "--name", name, "-p", port+":80", "-p", "127.0.0.1:"+port+":53/udp",
			"busybox", "sleep", "1000"))
		m.expect("rm -f", m.sheep("rm", "-f", name))
	},
	func(m *many, name, port string) {
		m.expect("create", m.sheep(slices.Concat([]string{"create", "--name", name, "-p", port + ":80"}, limits(),
			[]string{"busybox", "sh", "-c", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done"})...))
		for turn := range 2 {
			m.expect("start", m.start("start", name))
			for deadline := time.Now().Add(time.Minute); strings.Count(m.sheep("logs", name).out, "ready") <= turn; {
				if time.Now().After(deadline) { // a program that is PID 1 ignores what it has no handler for
					m.t.Errorf("%s does not get ready", name)
					break
				}
			}
			m.expect("stop", m.sheep("stop", "-t", "20", name))
		}
		m.expect("rm", m.sheep("rm", name))
	},
	func(m *many, name, port string) { // removed while it starts, or just before, or after
		m.starts.Add(1)
		cmd := m.command(slices.Concat([]string{"run", "--name", name, "-p", port + ":80"}, limits(),
			[]string{"busybox", "sleep", "1000"})...)
		if err := cmd.Start(); err != nil {
			m.t.Error(err)
			return
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for deadline := time.Now().Add(time.Minute); m.sheep("rm", "-f", name).code != 0; {
			if time.Now().After(deadline) {
				m.t.Errorf("rm -f does not get hold of %s", name)
				break
			}
		}
		<-ended
	},
	func(m *many, name, port string) { // whose sheep is killed
		m.starts.Add(1)
		cmd := m.command(slices.Concat([]string{"run", "--name", name, "-p", port + ":80"}, limits(),
			[]string{"busybox", "sleep", "1000"})...)
		if err := cmd.Start(); err != nil {
			m.t.Error(err)
			return
		}
		time.Sleep(time.Duration(len(name)*7%50) * time.Millisecond) // anywhere
		cmd.Process.Kill()
		cmd.Wait()
		m.sheep("rm", "-f", name) // there may be none
	},
	func(m *many, name, port string) {
		m.expect("run -d --rm", m.start("run", "-d", "--rm", "--network", "none", "busybox", "true"))
	},
	func(m *many, name, port string) {
		r := m.start("run", "--rm", "-p", port+":80", "busybox", "no-such-program")
		if r.code != 127 {
			m.t.Errorf("run of no program ends with %d: %s", r.code, r.err)
		}
	},
}

// TestTwoHundredStartsAndStopsLeaveNothingBehind does so with everything that a container can have: natively in private
// namespaces, where there may be no limits, two hundred times, and in the virtual machine, whose emulated processor
// takes twenty times as long, with limits and fewer times.
func TestTwoHundredStartsAndStopsLeaveNothingBehind(t *testing.T) {
	wanted := 200
	if os.Getenv("SHEEP_VM") != "" {
		wanted = 20
	}
	m := &many{user: newUserWithImage(t)}
	root := os.Getenv("SHEEP_ROOT")
	for _, life := range lives { // what is made once and stays: bridge, rules, lock files
		life(m, "warm-up", "20000")
	}
	testkit.Eventually(t, "all have ended", func() bool { return m.ok("ps", "-aq") == "" })
	var before []string
	testkit.Eventually(t, "nothing of it is left", func() bool {
		before = testtraces.Of(t, root)
		text := strings.Join(before, "\n")
		return !strings.Contains(text, " veth") && !strings.Contains(text, " sheep\n") &&
			!strings.Contains(text, "merged")
	})

	m.starts.Store(0)
	const atOnce = 4
	for round := 0; int(m.starts.Load()) < wanted; round++ {
		var all sync.WaitGroup
		for index, life := range lives {
			name, port := fmt.Sprintf("ewe-%d-%d", round, index), fmt.Sprint(20000+100*index+round)
			if round%2 == 0 {
				life(m, name, port) // one after the other
				continue
			}
			all.Go(func() { life(m, name, port) })
			if index%atOnce == atOnce-1 {
				all.Wait()
			}
		}
		all.Wait()
	}
	testkit.Eventually(t, "all have ended", func() bool { return m.ok("ps", "-aq") == "" })

	var more, fewer []string
	deadline := time.Now().Add(time.Minute) // monitors and the kernel may still be at it
	for {
		after := testtraces.Of(t, root)
		more, fewer = testtraces.New(before, after), testtraces.New(after, before)
		if len(more)+len(fewer) == 0 || time.Now().After(deadline) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if len(more)+len(fewer) > 0 {
		t.Errorf("after %d starts and stops there is more:\n%s\nand less:\n%s", m.starts.Load(),
			strings.Join(more, "\n"), strings.Join(fewer, "\n"))
	}
	t.Logf("%d starts", m.starts.Load())
}

func TestFiftyParallelStartsGetFiftyAddresses(t *testing.T) {
	u := newUserWithImage(t)
	containers := 50
	if os.Getenv("SHEEP_VM") != "" {
		containers = 15 // with limits, as above
	}
	var all sync.WaitGroup
	for range containers {
		all.Go(func() {
			if r := u.sheep(slices.Concat([]string{"run", "-d"}, limits(), []string{"busybox", "sleep",
				"1000"})...); r.code != 0 {
				t.Errorf("run -d ends with %d: %s", r.code, r.err)
			}
		})
	}
	all.Wait()
	var states []struct{ ID, Name, Address string }
	u.parse(&states, "ps", "--json")
	if len(states) != containers {
		t.Errorf("%d containers run", len(states))
	}
	owner := map[string]string{}
	var ids []string
	for _, state := range states {
		if other, taken := owner[state.Address]; taken || state.Address == "" {
			t.Errorf("%s and %s both have %q", state.Name, other, state.Address)
		}
		owner[state.Address] = state.Name
		ids = append(ids, state.ID)
	}
	// What the file says is so inside as well.
	for _, state := range states[:min(len(states), 3)] {
		if got := u.ok("exec", state.ID, "ip", "-4", "-o", "address", "show", "eth0"); !strings.Contains(got,
			" "+state.Address+"/16 ") {
			t.Errorf("inside of %s: %s", state.Name, got)
		}
	}
	u.ok(append([]string{"rm", "-f"}, ids...)...)
}

// used is how many bytes of the disk are taken that a directory is on.
func used(t *testing.T, dir string) int64 {
	t.Helper()
	var stat syscall.Statfs_t
	testkit.Must(t, syscall.Statfs(dir, &stat))
	return int64(stat.Blocks-stat.Bfree) * int64(stat.Bsize)
}

func TestTenContainersOfOneImageCostLittleMoreThanTheImage(t *testing.T) {
	u := newUser(t)
	root := os.Getenv("SHEEP_ROOT")
	const padding = 10 << 20
	archive := filepath.Join(t.TempDir(), "large.tar")
	testkit.Must(t, os.WriteFile(archive, withPadding(t, busybox(t), padding), 0o600))
	u.ok("images") // makes the directories
	before := used(t, filepath.Dir(root))
	u.ok("import", archive, "large")
	image := used(t, filepath.Dir(root)) - before
	if image < padding {
		t.Fatalf("the image takes %d bytes", image)
	}
	for index := range 10 {
		u.ok(slices.Concat([]string{"run", "-d", "--name", fmt.Sprint("ewe", index)}, limits(),
			[]string{"large", "sh", "-c", fmt.Sprintf("echo %d >/mine; stat -c %%s /padding >/size; sleep 1000",
				index)})...)
	}
	for index := range 10 { // each has all of the image, and what it wrote for itself
		testkit.Eventually(t, "it has written", func() bool {
			return u.sheep("exec", fmt.Sprint("ewe", index), "cat", "/mine", "/size").out == fmt.Sprintf("%d\n%d\n",
				index, padding)
		})
	}
	all := used(t, filepath.Dir(root)) - before
	t.Logf("the image takes %d KiB, with ten containers it is %d KiB", image>>10, all>>10)
	if float64(all) >= 1.2*float64(image) {
		t.Errorf("with ten containers it is %.2f times as much as the image alone", float64(all)/float64(image))
	}
}
