//go:build linux

package reexec

import (
	"bufio"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestInitReapsOrphans(t *testing.T) {
	// Each subshell leaves behind a child, which then ends. Zombies have state Z in /proc/PID/stat (proc(5)).
	script := `for i in 1 2 3 4 5; do (sleep 0.05 &); done
		for i in $(seq 200); do set -- /proc/[0-9]*; [ $# -gt 2 ] || break; sleep 0.1; done; cat /proc/[0-9]*/stat`
	text, status := run(t, namespace.Sheep, config{Do: "proc", AsInit: true, Program: shell(script)})
	if status != 0 {
		t.Fatalf("exit status %d: %s", status, text)
	}
	if !strings.HasPrefix(text, "1 (") || strings.Contains(text, ") Z ") {
		t.Errorf("processes inside:\n%s", text)
	}
}

func TestInitIsPID1AndTheProgramIsNot(t *testing.T) {
	text, status := run(t, namespace.Sheep, config{
		Do: "proc", AsInit: true, Program: shell(`[ $$ -gt 1 ] && echo $PPID; exit 5`),
	})
	if text != "1\n" || status != 5 {
		t.Errorf("the program's parent is %q, exit status %d; want 1 and 5", text, status)
	}
}

func TestInitPassesSignalsOn(t *testing.T) {
	for _, c := range []struct {
		script string
		status int
	}{
		{"echo ready; sleep 1000", 128 + 15},
		{"trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done", 3},
	} {
		reader, writer, err := os.Pipe()
		testkit.Must(t, err)
		child := startWith(t, writer)
		writer.Close()
		testkit.Must(t, child.Proceed(config{AsInit: true, Program: shell(c.script)}))
		if line, err := bufio.NewReader(reader).ReadString('\n'); line != "ready\n" {
			t.Fatalf("%q, %v", line, err)
		}
		testkit.Must(t, child.Signal(syscall.SIGTERM))
		if status, err := child.Wait(); status != c.status || err != nil {
			t.Errorf("%q: exit status %d, %v; want %d", c.script, status, err, c.status)
		}
		reader.Close()
	}
}

func TestNothingOutlivesTheInit(t *testing.T) {
	// The background sleep holds the pipe open: output ends only when it is gone.
	text, status := run(t, namespace.Sheep, config{AsInit: true, Program: shell("sleep 1000 & echo leaving")})
	if text != "leaving\n" || status != 0 {
		t.Errorf("output %q, exit status %d", text, status)
	}
}

func TestInitReportsAProgramThatCannotStart(t *testing.T) {
	child, _ := start(t, namespace.Sheep)
	err := child.Proceed(config{AsInit: true, Program: Program{Args: []string{"/etc/passwd"}}})
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("Proceed returns %v", err)
	}
}

// One thread without rights protects nothing as long as others of the same process have them.
func TestInitRestartsWhenItsThreadsDifferInRights(t *testing.T) {
	program := shell(`cat /proc/1/task/*/status | grep NoNewPrivs | sort -u; echo "$WOOL"; pwd; exit 3`)
	program.Env = append(program.Env, "WOOL="+strings.Repeat("white", 20_000)) // more than a pipe holds
	program.Dir = "/usr"
	want := "NoNewPrivs:\t1\n" + strings.Repeat("white", 20_000) + "\n/usr\n"
	text, status := run(t, namespace.Sheep, config{AsInit: true, Do: "bind one thread", Program: program})
	if text != want || status != 3 {
		t.Errorf("exit status %d, output %.100q", status, text)
	}
	child, _ := start(t, namespace.Sheep)
	missing := Program{Args: []string{"/etc/passwd"}}
	err := child.Proceed(config{AsInit: true, Do: "bind one thread", Program: missing})
	if err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("Proceed returns %v", err)
	}
}

func TestRestartedInitPassesSignalsOn(t *testing.T) {
	reader, writer, err := os.Pipe()
	testkit.Must(t, err)
	child := startWith(t, writer)
	writer.Close()
	program := shell("trap 'exit 4' TERM; echo; while :; do sleep 0.01; done")
	testkit.Must(t, child.Proceed(config{AsInit: true, Do: "bind one thread", Program: program}))
	if _, err := bufio.NewReader(reader).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	testkit.Must(t, child.Signal(syscall.SIGTERM))
	if status, err := child.Wait(); status != 4 || err != nil {
		t.Errorf("exit status %d, %v", status, err)
	}
	reader.Close()
}

// startWith starts the second run in new namespaces, with an output that the test reads as it comes.
func startWith(t *testing.T, stdout *os.File) *Child {
	t.Helper()
	testns.Require(t)
	attributes, err := namespace.Attributes(namespace.Sheep)
	testkit.Must(t, err)
	child, err := Start(attributes, nil, stdout, nil)
	testkit.Must(t, err)
	return child
}
