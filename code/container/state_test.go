//go:build linux

package container

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
)

// example is a state as it may be in a file.
func example() *State {
	code := 3
	return &State{
		ID: strings.Repeat("0a", idLength/2), Name: "ram", Image: "box:latest", ImageID: "1f", Status: Stopped,
		ExitCode: &code, CreatedAt: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), Lower: "/images/1f/rootfs",
		Process: Process{Args: []string{"sh"}, Env: []string{"A=b"}, WorkingDir: "/"},
		Options: Options{Image: "box", Network: NetworkBridge},
	}
}

func TestStateThatCannotBeTrueIsNotTaken(t *testing.T) {
	good, err := json.Marshal(example())
	testkit.Must(t, err)
	if _, err := parseState(good); err != nil {
		t.Errorf("a good state is refused: %v", err)
	}
	for want, change := range map[string]func(*State){
		"is not an ID":                func(s *State) { s.ID = "../../etc" },
		"is not a name":               func(s *State) { s.Name = "a/b" },
		"there is no status":          func(s *State) { s.Status = "flying" },
		"cannot have PID -1":          func(s *State) { s.Status, s.PID = Running, -1 },
		"cannot have PID 0":           func(s *State) { s.Status = Running },
		"stopped container cannot":    func(s *State) { s.PID = 100 },
		"is not absolute":             func(s *State) { s.Lower = "etc" },
		"there is no program":         func(s *State) { s.Process.Args = nil },
		"unexpected end of JSON":      nil,
		"cannot unmarshal string":     func(s *State) {},
		"running container cannot ha": func(s *State) { s.Status, s.PID = Running, 1 },
	} {
		content := good
		if change == nil {
			content = good[:len(good)-1]
		} else {
			s := example()
			change(s)
			content, err = json.Marshal(s)
			testkit.Must(t, err)
		}
		if want == "cannot unmarshal string" {
			content = bytes.Replace(content, []byte(`"oom_killed":false`), []byte(`"oom_killed":"no"`), 1)
		}
		if os.Getpid() == 1 && strings.HasPrefix(want, "running container") {
			continue // the tests themselves are PID 1
		}
		if _, err := parseState(content); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func FuzzState(f *testing.F) {
	good, err := json.Marshal(example())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"id":"","status":"running","pid":-1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, content []byte) {
		state, err := parseState(content)
		if err != nil {
			return
		}
		if !validID(state.ID) || strings.ContainsAny(state.Name, "/\x00") || state.PID < 0 ||
			len(state.Process.Args) == 0 {
			t.Errorf("%q was taken for %+v", content, state)
		}
		// What was read can be written, and is the same then.
		written, err := json.Marshal(state)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", state, err)
		}
		again, err := parseState(written)
		if err != nil {
			t.Fatalf("%s cannot be read: %v", written, err)
		}
		if second, _ := json.Marshal(again); !bytes.Equal(second, written) {
			t.Errorf("%s became %s", written, second)
		}
	})
}

func TestKillForMemoryIsSeenWhileTheContainerRuns(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	without := *state
	state.Options.NoLimits = false
	testkit.Must(t, w.save(state))
	defer func() { testkit.Must(t, w.save(&without)) }()
	// A group as the kernel has it, when it has killed another process than PID 1.
	testkit.Must(t, syscall.Mount("cgroup", "/sys/fs/cgroup", "tmpfs", 0, ""))
	defer syscall.Unmount("/sys/fs/cgroup", syscall.MNT_DETACH)
	dir := cgroup.Open(state.ID).Dir()
	testkit.Must(t, os.MkdirAll(dir, 0o755))
	for kills := range 2 {
		testkit.Must(t, os.WriteFile(filepath.Join(dir, "memory.events"), fmt.Appendf(nil, "oom %d\noom_kill %[1]d\n",
			kills), 0o644))
		after := w.state(state.ID)
		killed := strings.HasSuffix(after.Summary(), " (was out of memory)")
		if after.OOMKilled != (kills > 0) || killed != (kills > 0) || !strings.HasPrefix(after.Summary(), "Up ") {
			t.Errorf("with %d kills, OOMKilled is %v and the status %q", kills, after.OOMKilled, after.Summary())
		}
	}
}

func TestOnlyARunningContainerHasPorts(t *testing.T) {
	for _, c := range []struct {
		status Status
		ended  bool
		ports  int
	}{{Created, false, 0}, {Running, false, 1}, {Running, true, 0}, {Stopped, false, 0}} {
		s := State{Status: c.status, ended: c.ended, Options: Options{Ports: make([]nat.Port, 1)}}
		if got := len(s.Ports()); got != c.ports {
			t.Errorf("%s, ended %v: %d ports", c.status, c.ended, got)
		}
	}
}

// SHEEP_DATA_DIR is what the articles that the series follows call it.
func TestTheRootHasTwoNamesInTheEnvironment(t *testing.T) {
	for _, c := range []struct{ root, dataDir, want string }{
		{"", "", DefaultRoot}, {"/a", "", "/a"}, {"", "/b", "/b"}, {"/a", "/a/", "/a"}, {"/a", "/b", ""},
	} {
		t.Setenv("SHEEP_ROOT", c.root)
		t.Setenv("SHEEP_DATA_DIR", c.dataDir)
		root, err := rootOfUser()
		if root != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: %q, %v", c, root, err)
		}
	}
}
