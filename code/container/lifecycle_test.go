//go:build linux

package container

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

func TestForegroundRunGivesTheProgramsOutputAndExitCode(t *testing.T) {
	w := newWorld(t)
	state, got := w.run(options("echo out; echo err >&2; exit 7"), "")
	if got.failure != nil || got.code != 7 || got.out != "out\n" || got.err != "err\n" {
		t.Errorf("run gives %+v", got)
	}
	after := w.state(state.ID)
	if after.Status != Stopped || after.ExitCode == nil || *after.ExitCode != 7 || after.PID != 0 {
		t.Errorf("the state is %+v", after)
	}
	if out, err := w.logs(state.ID, false, -1); out != "out\n" || err != "err\n" {
		t.Errorf("the log has %q and %q", out, err)
	}
}

func TestProgramIsPID1OfItsOwnWorld(t *testing.T) {
	w := newWorld(t)
	o := options("echo $$; hostname; id -u; pwd; cat /etc/hostname; ls /; echo $HOME $PATH $WOOL; umask; ls -l " +
		"/proc/self/fd | wc -l")
	o.Hostname, o.Env = "ewe", []string{"WOOL=white"}
	_, got := w.run(o, "")
	want := "1\newe\n0\n/\newe\nbin\ndev\netc\nhome\nproc\nroot\nsys\n/root " +
		strings.TrimPrefix(image.DefaultPath, "PATH=") + " white\n0022\n5\n"
	if got.out != want {
		t.Errorf("inside it looks like %q %q %v, want %q", got.out, got.err, got.failure, want)
	}
}

func TestInputReachesAnInteractiveContainerOnly(t *testing.T) {
	w := newWorld(t)
	for _, interactive := range []bool{true, false} {
		o := options("cat")
		o.Interactive = interactive
		want := ""
		if interactive {
			want = "baa\n"
		}
		if _, got := w.run(o, "baa\n"); got.out != want || got.code != 0 {
			t.Errorf("interactive %v: output %q, %v", interactive, got.out, got.failure)
		}
	}
}

func TestExitCodesAreDockers(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"true"}, 0, ""},
		{[]string{"sh", "-c", "kill -9 $$; exit 3"}, 3, ""}, // PID 1 is safe from itself
		{[]string{"no-such-program"}, 127, "no-such-program"},
		{[]string{"/no/such/program"}, 127, "/no/such/program"},
		{[]string{"/etc/passwd"}, 126, "permission denied"},
		{[]string{"/etc"}, 126, "/etc"},
	} {
		o := options("")
		o.Args = c.args
		state, got := w.run(o, "")
		if got.code != c.code || (got.failure == nil) != (c.says == "") {
			t.Errorf("%q: exit code %d, %v; want %d", c.args, got.code, got.failure, c.code)
		}
		if c.says == "" {
			continue
		}
		if !strings.Contains(got.failure.Error(), c.says) || strings.Contains(got.failure.Error(), "\n") {
			t.Errorf("%q: fails with %v", c.args, got.failure)
		}
		if after := w.state(state.ID); after.Status != Created || *after.ExitCode != c.code || after.Error == "" {
			t.Errorf("%q: the state is %+v", c.args, after)
		}
		var coded interface{ Exit() int }
		err := w.Start(context.Background(), state.ID)
		if !errors.As(err, &coded) || coded.Exit() != c.code || err.Error() != got.failure.Error() {
			t.Errorf("%q in the background fails with %v", c.args, err)
		}
	}
}

func TestStoppedContainerKeepsItsFilesAndStartsAgain(t *testing.T) {
	w := newWorld(t)
	state, got := w.run(options("cat /count 2>/dev/null; echo x >>/count"), "")
	for _, want := range []string{"x\n", "x\nx\n"} {
		if got = w.runAgain(state.ID, ""); got.out != want || got.failure != nil {
			t.Errorf("the next run gives %+v", got)
		}
	}
}

func TestRemovedContainerLeavesNothing(t *testing.T) {
	w := newWorld(t)
	state, _ := w.run(options("echo >/file"), "")
	if w.traces() == "" {
		t.Fatal("a stopped container should have a root filesystem")
	}
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
	if traces := w.traces(); traces != "" {
		t.Errorf("there is left:\n%s", traces)
	}
	var missing *NotFoundError
	if _, err := w.Find(state.ID); !errors.As(err, &missing) {
		t.Errorf("Find gives %v", err)
	}
}

func TestFailedStartLeavesNothingOfARun(t *testing.T) {
	w := newWorld(t)
	o := options("true")
	o.User = "nobody-here"
	state, got := w.run(o, "")
	if got.code != ExitFailed || got.failure == nil || !strings.Contains(got.failure.Error(), "nobody-here") {
		t.Errorf("run gives %+v", got)
	}
	if exists(w.activePath(state.ID)) {
		t.Error("the container is active")
	}
}

func TestStopLetsTheProgramEndInItsOwnWay(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done"))
	w.awaitOutput(state.ID, "ready\n")
	testkit.Must(t, w.Stop(context.Background(), state.ID, 20*time.Second))
	after := w.state(state.ID)
	if after.Status != Stopped || after.ExitCode == nil || *after.ExitCode != 5 {
		t.Errorf("the state is %+v", after)
	}
	if out, _ := w.logs(state.ID, false, -1); out != "ready\nbye\n" {
		t.Errorf("the log has %q", out)
	}
	testkit.Must(t, w.Stop(context.Background(), state.ID, 0)) // is stopped already
}

func TestStopEndsByForceAfterTheGrace(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("trap '' TERM; echo ready; sleep 1000 & sleep 1000"))
	w.awaitOutput(state.ID, "ready\n")
	testkit.Must(t, w.Stop(context.Background(), state.ID, 50*time.Millisecond))
	if after := w.state(state.ID); after.Status != Stopped || after.ExitCode == nil || *after.ExitCode != 128+9 {
		t.Errorf("the state is %+v", after)
	}
}

func TestRunningContainerIsRemovedByForceOnly(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	if err := w.Remove(context.Background(), state.ID, false); err == nil ||
		!strings.Contains(err.Error(), "is running") {
		t.Errorf("Remove gives %v", err)
	}
	testkit.Must(t, w.Start(context.Background(), state.ID)) // as in Docker, that is not a mistake
	if after := w.state(state.ID); after.PID != state.PID {
		t.Errorf("it runs as process %d, before as %d", after.PID, state.PID)
	}
	if _, err := w.Run(context.Background(), state.ID, Streams{}); err == nil ||
		!strings.Contains(err.Error(), "is running already") {
		t.Errorf("Run gives %v", err)
	}
	testkit.Must(t, w.Remove(context.Background(), state.ID, true))
	if traces := w.traces(); traces != "" {
		t.Errorf("there is left:\n%s", traces)
	}
}

func TestNamesAreUnique(t *testing.T) {
	w := newWorld(t)
	o := options("true")
	o.Name = "ram"
	state := w.create(o)
	if _, err := w.Create(context.Background(), o); err == nil ||
		!strings.Contains(err.Error(), "ram is taken by container "+state.ShortID()) {
		t.Errorf("the second Create gives %v", err)
	}
	for _, ref := range []string{"ram", state.ID, state.ID[:5]} {
		if found, err := w.Find(ref); err != nil || found.ID != state.ID {
			t.Errorf("Find %s gives %v, %v", ref, found, err)
		}
	}
	if _, err := w.Find("rams"); err == nil || err.Error() != `there is no container "rams"; did you mean "ram"?` {
		t.Errorf("Find gives %v", err)
	}
	for _, bad := range []string{"../x", "a/b", "-x", "a b", "ä"} {
		o.Name = bad
		if _, err := w.Create(context.Background(), o); err == nil {
			t.Errorf("%q is a name", bad)
		}
	}
	o.Name = strings.Repeat("a", 256)
	_, err := w.Create(context.Background(), o)
	if err == nil || !strings.Contains(err.Error(), "256 letters is too long") {
		t.Errorf("a name of 256 letters: %v", err)
	}
	o.Name = strings.Repeat("a", 200) // as Docker takes it
	w.create(o)
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
	o.Name = "ram"
	w.create(o)
}

func TestVolumesAreBoundAndReadOnlyIfAsked(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	testkit.Must(t, os.WriteFile(dir+"/wool", []byte("white\n"), 0o644))
	o := options("cat /data/wool; echo x >/data/new; echo y >/fixed/new; ls /fixed")
	o.Binds = append(o.Binds, bind(dir, "/data", false), bind(dir, "/fixed", true),
		bind(dir+"/missing", "/made", false))
	_, got := w.run(o, "")
	if got.out != "white\nmissing\nnew\nwool\n" || !strings.Contains(got.err, "Read-only file system") {
		t.Errorf("run gives %+v", got)
	}
}

func TestResolversThatCannotBeReachedAreLeftOut(t *testing.T) {
	for host, want := range map[string]string{
		"nameserver 127.0.0.53\nsearch meadow\noptions edns0\n": "search meadow\noptions edns0\nnameserver " +
			"8.8.8.8\nnameserver 8.8.4.4\n",
		"nameserver 127.0.0.1\nnameserver 192.0.2.1\n": "nameserver 192.0.2.1\n",
		"nameserver ::1\nnameserver fe80::1%eth0\n":    "nameserver 8.8.8.8\nnameserver 8.8.4.4\n",
		"# nothing":                     "# nothing\nnameserver 8.8.8.8\nnameserver 8.8.4.4\n",
		"nameserver 192.0.2.1 # home\n": "nameserver 192.0.2.1 # home\n",
	} {
		if got := resolvConf([]byte(host)); got != want {
			t.Errorf("%q becomes %q, want %q", host, got, want)
		}
	}
}

func TestContainerHasResolversThoughTheImageHasADanglingLink(t *testing.T) {
	w := newWorld(t)
	_, got := w.run(options("grep -c ^nameserver /etc/resolv.conf; tail -n1 /etc/hosts"), "")
	resolvers, hosts, _ := strings.Cut(got.out, "\n")
	if count, err := strconv.Atoi(resolvers); err != nil || count < 1 {
		t.Errorf("resolv.conf names %q resolvers; run gives %+v", resolvers, got)
	}
	if got.failure != nil || !strings.HasPrefix(hosts, "127.0.1.1\t") {
		t.Errorf("the last line of hosts is %q; run gives %+v", hosts, got)
	}
}

func bind(source, target string, readOnly bool) rootfs.Bind {
	return rootfs.Bind{Source: source, Target: target, ReadOnly: readOnly}
}

func TestContainerThatIsToBeRemovedGoesWhenItStops(t *testing.T) {
	w := newWorld(t)
	o := options("exit 4")
	o.Remove = true
	if _, got := w.run(o, ""); got.code != 4 || got.failure != nil {
		t.Errorf("run gives %+v", got)
	}
	o.Args = []string{"no-such-program"}
	if _, got := w.run(o, ""); got.code != ExitNotFound {
		t.Errorf("run gives %+v", got)
	}
	o.Args = []string{"sleep", "1000"}
	testkit.Must(t, w.Stop(context.Background(), w.start(o).ID, 0))
	testkit.Must(t, w.Remove(context.Background(), w.start(o).ID, true))
	if traces := w.traces(); traces != "" {
		t.Errorf("there is left:\n%s", traces)
	}
}

func TestImageOfAContainerIsNotRemoved(t *testing.T) {
	w := emptyWorld(t)
	testkit.Must(t, importBox(filepath.Join(w.root, "images")))
	state := w.create(options("true"))
	if err := w.RemoveImage("box"); err == nil || !strings.Contains(err.Error(), state.Name) {
		t.Errorf("RemoveImage gives %v", err)
	}
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
	testkit.Must(t, w.RemoveImage("box"))
	if _, err := w.Create(context.Background(), options("true")); err == nil {
		t.Error("a container was made of an image that is gone")
	}
}

// awaitOutput waits until a container has written a text to standard output.
func (w world) awaitOutput(id, text string) {
	w.t.Helper()
	until(w.t, "the container has written "+text, func() bool {
		out, _ := w.logs(id, false, -1)
		return strings.Contains(out, text)
	})
}

func TestSignalBeforeTheProgramRunsBreaksOffTheStart(t *testing.T) {
	w := newWorld(t)
	ours, caught := make(chan os.Signal, 16), []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1}
	signal.Notify(ours, caught...) // and so none ends this test
	defer signal.Stop(ours)
	o := options("echo ran")
	o.Network, o.Ports = NetworkBridge, append(o.Ports, port8080)
	state := w.create(o)
	for _, c := range []struct {
		signal syscall.Signal
		code   int
		out    string
	}{{syscall.SIGINT, 130, ""}, {syscall.SIGTERM, 143, ""}, {syscall.SIGUSR1, 0, "ran\n"}} {
		held, _, err := w.lockContainer(t.Context(), state.ID) // the start waits for it
		testkit.Must(t, err)
		ended := make(chan result)
		go func() { ended <- w.runAgain(state.ID, "") }()
		awaitWaiter(t, w.directory(state.ID)) // by then the start listens to signals
		testkit.Must(t, syscall.Kill(os.Getpid(), c.signal))
		for received := range ours { // the Go runtime sends us others
			if received == c.signal {
				break
			}
		}
		// The start may get it after us: os/signal gives a signal to one channel after the other. It does so under the
		// lock that Notify takes, too, so after this call the start has it.
		signal.Notify(ours, caught...)
		held.unlock()
		if got := <-ended; got.code != c.code || got.out != c.out {
			t.Errorf("%v: run gives %+v", c.signal, got)
		}
		if traces := w.traces(); strings.Contains(traces, "lease") || strings.Contains(traces, "interface") ||
			exists(w.activePath(state.ID)) {
			t.Errorf("%v: there is left:\n%s", c.signal, traces)
		}
	}
	if after := w.state(state.ID); after.Status != Stopped || after.Error != "" {
		t.Errorf("the state is %+v", after)
	}
	testkit.Must(t, w.Remove(context.Background(), state.ID, false))
}
