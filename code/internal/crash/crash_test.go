//go:build crashtest && linux

package crash

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// walk is what the test binary does when it is started with the argument "walk": it passes three points and tells.
func walk() {
	for _, name := range []string{"first", "second", "second"} {
		fmt.Println("to", name)
		Point(name)
	}
	fmt.Println("end")
}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "walk" {
		walk()
		return
	}
	os.Exit(m.Run())
}

func TestProcessDiesAtTheNamedPoint(t *testing.T) {
	for at, want := range map[string]string{
		"first":    "to first",
		"second":   "to first, to second",
		"second:2": "to first, to second, to second",
		"second:3": "to first, to second, to second, end",
		"third":    "to first, to second, to second, end",
		"":         "to first, to second, to second, end",
	} {
		cmd := exec.Command("/proc/self/exe", "walk")
		cmd.Env = append(os.Environ(), Variable+"="+at)
		output, err := cmd.Output()
		if got := strings.Join(strings.Split(strings.TrimSpace(string(output)), "\n"), ", "); got != want {
			t.Errorf("%s=%s: the process came %q, not %q", Variable, at, got, want)
		}
		var exit *exec.ExitError
		killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
		if killed != !strings.HasSuffix(want, "end") {
			t.Errorf("%s=%s: killed: %v (%v)", Variable, at, killed, err)
		}
	}
}

func TestProcessStopsAtTheNamedPointUntilItIsResumed(t *testing.T) {
	cmd := exec.Command("/proc/self/exe", "walk")
	cmd.Env = append(os.Environ(), StopVariable+"=first")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("it is %v, %v", status, err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	if lines.Text() != "to first" {
		t.Errorf("it came %q", lines.Text())
	}
	syscall.Kill(cmd.Process.Pid, syscall.SIGCONT)
	last := ""
	for lines.Scan() {
		last = lines.Text()
	}
	if err := cmd.Wait(); err != nil || last != "end" {
		t.Errorf("resumed it came %q, %v", last, err)
	}
}
