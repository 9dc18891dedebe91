//go:build linux

package reexec

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// execve(2) keeps what is ignored and what is blocked; whoever starts Sheep may have left anything so.
func TestProgramHasNoSignalBlockedIgnoredOrPending(t *testing.T) {
	program := shell("")
	program.Args = []string{"grep", "-E", "^(Sig|Shd)(Blk|Ign|Pnd)", "/proc/self/status"} // a shell may unblock them
	for name, init := range map[string]bool{"executed": false, "forked": true} {
		text, status := run(t, namespace.Sheep, config{AsInit: init, Do: "ignore", Program: program})
		if status != 0 {
			t.Fatal(text)
		}
		for line := range strings.Lines(text) {
			if _, set, _ := strings.Cut(line, "\t"); set != "0000000000000000\n" {
				t.Error(name, line)
			}
		}
	}
}

func TestForkedProgramLeadsItsProcessGroup(t *testing.T) {
	// The fifth field of /proc/PID/stat is the process group.
	text, _ := run(t, namespace.Sheep, config{
		AsInit: true, Do: "proc", Program: shell("echo $$ $(cut -d' ' -f5 /proc/$$/stat)"),
	})
	var pid, group int
	if _, err := fmt.Sscan(text, &pid, &group); err != nil || pid != group || pid == 1 {
		t.Errorf("PID and process group are %q, %v", text, err)
	}
}

// What the fork keeps from the child is not lost to the init, which lives on with many signals and much garbage.
func TestInitLivesOnAfterTheForkTookItsDescriptors(t *testing.T) {
	script := `trap 'n=$((n+1))' USR1; echo ready; while [ "$n" -lt 20 ]; do (:); sleep 0.01; done; echo $n; exit 6`
	program := shell("n=0; " + script)
	program.Env = append(program.Env, "BALLAST="+strings.Repeat("baa ", 20_000))
	reader, writer, err := os.Pipe()
	testkit.Must(t, err)
	defer reader.Close()
	child := startWith(t, writer)
	writer.Close()
	testkit.Must(t, child.Proceed(config{AsInit: true, Do: "collect", Program: program}))
	if _, err := reader.Read(make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			default:
				child.Signal(syscall.SIGUSR1)
			}
		}
	}()
	status, err := child.Wait()
	close(stop)
	if status != 6 || err != nil {
		t.Errorf("exit status %d, %v", status, err)
	}
}
