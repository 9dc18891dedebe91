//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestLifeOfAContainer(t *testing.T) {
	u := newUserWithImage(t)
	u.run("--rm", "busybox", "echo", "baa").check(t, "run --rm", "baa\n", "", 0)
	if left := u.ok("ps", "-aq"); left != "" {
		t.Errorf("run --rm leaves %q", left)
	}

	id := u.ok("run", "--no-limits", "-d", "--name", "web", "busybox", "sh", "-c",
		`trap "echo bye; exit 5" TERM; echo started; while :; do sleep 0.01; done`)
	if !regexp.MustCompile(`^[0-9a-f]{64}\n$`).MatchString(id) {
		t.Errorf("run -d prints %q", id)
	}
	testkit.Eventually(t, "it prints something", func() bool { return u.ok("logs", "web") == "started\n" })
	lines := strings.Split(u.ok("ps"), "\n")
	for _, want := range []string{"CONTAINER ID", "NAME", "STATUS"} {
		if !strings.Contains(lines[0], want) {
			t.Errorf("the heading of ps is %q", lines[0])
		}
	}
	want := regexp.MustCompile(`^` + id[:12] +
		` +web +busybox:latest +sh -c trap "echo bye; e… +Up \d+ seconds? +10\.20\.\d+\.\d+ *$`)
	if !want.MatchString(lines[1]) {
		t.Errorf("ps shows %q", lines[1])
	}
	u.sheep("run", "--no-limits", "--name", "web", "busybox", "true").check(t, "the same name again", "",
		`the name web is taken`, 125)
	u.sheep("exec", "web", "sh", "-c", "echo inside; exit 3").check(t, "exec", "inside\n", "", 3)
	u.sheep("rm", "web").check(t, "rm of a running container", "", "web is running", 1)

	u.sheep("stop", "-t", "20", "web").check(t, "stop", "web\n", "", 0)
	if got := u.ok("ps", "-q"); got != "" {
		t.Errorf("after stop, ps -q prints %q", got)
	}
	if got := u.ok("ps", "-a"); !regexp.MustCompile(`\bExited \(5\) \d+ seconds? ago`).MatchString(got) {
		t.Errorf("after stop, ps -a prints %q", got)
	}
	u.sheep("logs", "web").check(t, "logs", "started\nbye\n", "", 0)
	u.sheep("exec", "web", "true").check(t, "exec in a stopped container", "", "web", 125)

	u.sheep("start", id[:6]).check(t, "start by a short ID", id[:6]+"\n", "", 0)
	u.sheep("rm", "-f", "web").check(t, "rm -f", "web\n", "", 0)
	u.sheep("rm", "web").check(t, "rm again", "", `no container "web"`, 1)
}

func TestCreateThenStartAttached(t *testing.T) {
	u := newUserWithImage(t)
	u.ok("create", "--no-limits", "--name", "web", "busybox", "sh", "-c", "echo out; echo err >&2; exit 4")
	if got := u.ok("ps", "-a"); !strings.Contains(got, "Created") {
		t.Errorf("ps -a prints %q", got)
	}
	for range 2 {
		u.sheep("start", "-a", "web").check(t, "start -a", "out\n", "err\n", 4)
	}
}

func TestStartAttachedOfSeveralEndsWithTheFirstExitCode(t *testing.T) {
	u := newUserWithImage(t)
	for name, script := range map[string]string{"a": "echo a", "b": "echo b; exit 3", "c": "echo c; exit 4"} {
		u.ok("create", "--no-limits", "--name", name, "busybox", "sh", "-c", script)
	}
	u.sheep("start", "-a", "a", "b", "c").check(t, "start -a of all", "a\nb\nc\n", "", 3)
	u.sheep("start", "-a", "b", "nothing", "c").check(t, "start -a, and of no container", "b\nc\n",
		`no container "nothing"`, 3)
}

func TestStartOfARunningAndStopOfAStoppedOneAreNoMistakes(t *testing.T) {
	u := newUserWithImage(t)
	u.ok("create", "--no-limits", "--name", "web", "busybox", "sleep", "1000")
	u.sheep("stop", "web").check(t, "stop of one that never ran", "web\n", "", 0)
	u.ok("start", "web")
	var before, after []struct{ PID int }
	u.parse(&before, "inspect", "web")
	u.sheep("start", "web").check(t, "start again", "web\n", "", 0)
	if u.parse(&after, "inspect", "web"); after[0] != before[0] {
		t.Errorf("before it was %v, then it is %v", before, after)
	}
	u.sheep("start", "-a", "web").check(t, "start -a", "", "sheep: container web is running already\n", 1)
	for range 2 {
		u.sheep("stop", "-t0", "web").check(t, "stop", "web\n", "", 0)
	}
}

func TestContainersAreStoppedAtTheSameTime(t *testing.T) {
	u := newUserWithImage(t)
	names := []string{"a1", "b2", "c3"}
	says := func(want string) {
		t.Helper()
		for _, name := range names {
			testkit.Eventually(t, fmt.Sprintf("%s says %q", name, want), func() bool {
				return u.ok("logs", name) == want
			})
		}
	}
	for _, name := range names {
		u.detached("--name", name, "busybox", "sh", "-c",
			`trap "echo asked" TERM; echo ready; while :; do sleep 0.1; done`)
	}
	says("ready\n")
	stop := u.command("stop", "-t600", "c3", "a1", "nothing", "b2")
	var out, complaint bytes.Buffer
	stop.Stdout, stop.Stderr = &out, &complaint
	testkit.Must(t, stop.Start())
	says("ready\nasked\n") // one after the other, the second would be asked in ten minutes
	u.ok(append([]string{"kill"}, names...)...)
	stop.Wait()
	result{out.String(), complaint.String(), stop.ProcessState.ExitCode()}.check(t, "stop", "c3\na1\nb2\n",
		`no container "nothing"`, 1)
}

func TestGraceIsGivenBeforeForce(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "busybox", "sh", "-c", `trap "" TERM; echo ready; while :; do sleep 1; done`)
	testkit.Eventually(t, "it ignores the signal", func() bool { return u.ok("logs", "web") == "ready\n" })
	begin := time.Now()
	u.sheep("stop", "-t2", "web").check(t, "stop", "web\n", "", 0)
	if took := time.Since(begin); took < 2*time.Second {
		t.Errorf("with a grace of 2 s it takes %v", took)
	}
}

func TestContainersAreRemovedAtTheSameTime(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "a1", "busybox", "sleep", "1000")
	containers := func() []string {
		found, err := filepath.Glob(filepath.Join(os.Getenv("SHEEP_ROOT"), "containers/*"))
		testkit.Must(t, err)
		return found
	}
	first := containers()
	held, err := durable.LockDirectory(first[0]) // so that removing it does not come to an end
	testkit.Must(t, err)
	defer held.Close()
	names := []string{"a1", "b2", "c3", "d4", "e5"}
	for _, name := range names[1:] {
		u.detached("--name", name, "busybox", "sleep", "1000")
	}
	remove := u.command(append([]string{"rm", "-f"}, names...)...)
	var out bytes.Buffer
	remove.Stdout = &out
	testkit.Must(t, remove.Start())
	testkit.Eventually(t, "the others are removed", func() bool { return slices.Equal(containers(), first) })
	held.Close()
	if err := remove.Wait(); err != nil || out.String() != strings.Join(names, "\n")+"\n" {
		t.Errorf("rm -f prints %q: %v", out.String(), err)
	}
	if left := containers(); len(left) > 0 {
		t.Errorf("there is left %q", left)
	}
}

func TestErrorNamesWhatWasMeant(t *testing.T) {
	u := newUserWithImage(t)
	u.ok("create", "--no-limits", "--name", "web", "busybox", "true")
	u.sheep("start", "wbe").check(t, "start of no container", "", `did you mean "web"?`, 1)
	u.sheep("logs", "wbe").check(t, "logs of no container", "", `did you mean "web"?`, 1)
	u.run("busybos", "true").check(t, "run of no image", "", "busybox", 125)
	u.sheep("rm", "busybox").check(t, "rm of an image", "",
		`sheep: there is no container "busybox": that is an image; remove it with: sheep rm --image busybox`, 1)
	u.sheep("stop", "busybox").check(t, "stop of an image", "", "that is an image\n", 1)
	u.run("Zebra", "true").check(t, "run of no name", "",
		`sheep: image name "Zebra": not of the form name:tag in small letters, like alpine:3.20`, 2)
	u.run("zebra", "true").check(t, "run of no image", "", "get it with: sheep pull zebra", 125)
	u.sheep("stop", "wbe", "nothing").check(t, "two that do not exist", "", `"nothing"`, 1)
	u.sheep("import", "/no/such/file", "x").check(t, "import of no file", "", "/no/such/file: no such file", 1)
}

func TestSomeOfManyCanFail(t *testing.T) {
	u := newUserWithImage(t)
	for _, name := range []string{"a1", "b2"} {
		u.ok("create", "--no-limits", "--name", name, "busybox", "true")
	}
	r := u.sheep("rm", "a1", "missing", "b2", "absent")
	r.check(t, "rm", "a1\nb2\n", `no container "missing"`, 1)
	if want := "sheep: there is no container \"missing\"\nsheep: there is no container \"absent\"\n"; r.err != want {
		t.Errorf("it says %q, want %q", r.err, want)
	}
}

func TestLogsFollowUntilTheEnd(t *testing.T) {
	u := newUserWithImage(t)
	gate := filepath.Join(t.TempDir(), "gate")
	testkit.Must(t, syscall.Mkfifo(gate, 0o600))
	u.detached("--name", "web", "-v", gate+":/gate", "busybox", "sh", "-c",
		"for i in 1 2 3; do echo $i; done; cat /gate; echo end >&2")
	testkit.Eventually(t, "it prints three lines", func() bool { return u.ok("logs", "web") == "1\n2\n3\n" })
	if got := u.ok("logs", "--tail", "2", "web"); got != "2\n3\n" {
		t.Errorf("logs --tail 2 prints %q", got)
	}
	if got := u.ok("logs", "--tail", "all", "web"); got != "1\n2\n3\n" {
		t.Errorf("logs --tail all prints %q", got)
	}
	stamped := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 3\n$`)
	if got := u.ok("logs", "-tn1", "web"); !stamped.MatchString(got) {
		t.Errorf("logs -t prints %q", got)
	}
	if got := u.ok("logs", "-n0", "web"); got != "" {
		t.Errorf("logs -n0 prints %q", got)
	}
	follow := u.command("logs", "-f", "--tail=1", "web")
	out, err := follow.StdoutPipe()
	testkit.Must(t, err)
	var complaint strings.Builder
	follow.Stderr = &complaint
	testkit.Must(t, follow.Start())
	lines := bufio.NewScanner(out)
	if lines.Scan(); lines.Text() != "3" {
		t.Errorf("first comes %q", lines.Text())
	}
	testkit.Must(t, os.WriteFile(gate, []byte("later\n"), 0))
	if lines.Scan(); lines.Text() != "later" {
		t.Errorf("then comes %q", lines.Text())
	}
	if lines.Scan() {
		t.Errorf("then comes %q", lines.Text())
	}
	testkit.Must(t, follow.Wait())
	if complaint.String() != "end\n" {
		t.Errorf("standard error has %q", complaint.String())
	}
}

func TestCtrlCEndsLogs(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "busybox", "sh", "-c", "echo started; sleep 1000")
	follow := u.command("logs", "-f", "web")
	out, err := follow.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, follow.Start())
	if lines := bufio.NewScanner(out); !lines.Scan() || lines.Text() != "started" {
		t.Errorf("it prints %q", lines.Text())
	}
	testkit.Must(t, follow.Process.Signal(os.Interrupt))
	follow.Wait()
	if code := follow.ProcessState.ExitCode(); code != 130 {
		t.Errorf("it ends with %d", code)
	}
	if u.ok("ps", "-q") == "" {
		t.Error("the container has ended too")
	}
}

func TestRunDetachedWithRmLeavesNothing(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--rm", "busybox", "true")
	testkit.Eventually(t, "it is removed", func() bool { return u.ok("ps", "-aq") == "" })
}

// parentOf returns the parent of a process.
func parentOf(t *testing.T, pid int) (parent int) {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	testkit.Must(t, err)
	_, rest, _ := strings.Cut(string(content), "PPid:")
	_, err = fmt.Sscan(rest, &parent)
	testkit.Must(t, err)
	return parent
}

func TestNextCommandReportsAKilledMonitor(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "-p", "8086:80", "busybox", "sleep", "1000")
	var states []struct{ PID int }
	u.parse(&states, "inspect", "web")
	testkit.Must(t, syscall.Kill(parentOf(t, states[0].PID), syscall.SIGKILL)) // its monitor
	testkit.Eventually(t, "its output is known to be lost", func() bool {
		return strings.Contains(u.ok("inspect", "web"), "monitor was killed")
	})
	u.sheep("exec", "web", "echo", "baa").check(t, "exec", "baa\n", "", 0) // it lives on

	testkit.Must(t, syscall.Kill(states[0].PID, syscall.SIGKILL))
	var r result
	testkit.Eventually(t, "a command sees that it has ended", func() bool {
		r = u.sheep("ps", "-q")
		return r.out == ""
	})
	if !strings.Contains(r.err, "container web has ended, but its monitor was killed") {
		t.Errorf("ps says %q", r.err)
	}
	u.sheep("ps", "-q").check(t, "ps again", "", "", 0)
	u.detached("--name", "other", "-p", "8086:80", "busybox", "true") // the port is free
	u.ok("rm", "web")
}
