//go:build linux

// The tests start real processes in real namespaces: the test binary is the program that starts itself again. What its
// second run does is chosen by the configuration.
package reexec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// config is what these tests send to the second run.
type config struct {
	Program Program
	AsInit  bool
	Do      string // something else to do than run the program
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Argument {
		Init(setUp)
	}
	if len(os.Args) > 1 && os.Args[1] == "hold" {
		hold()
		os.Exit(0)
	}
	testns.Main(m)
}

func setUp(c config) error {
	switch c.Do {
	case "fail":
		return fmt.Errorf("mount the moon: %w", &os.PathError{Op: "mount", Path: "/moon", Err: syscall.ENOENT})
	case "die":
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	case "return":
		return nil
	case "ignore":
		signal.Ignore(syscall.SIGHUP, syscall.SIGUSR2, syscall.SIGTSTP)
		block := unix.Sigset_t{}
		block.Val[0] = 1<<(syscall.SIGUSR1-1) | 1<<(syscall.SIGTERM-1)
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, &block, nil); err != nil {
			return err
		}
	case "collect":
		go func() {
			for {
				runtime.GC()
				time.Sleep(time.Millisecond)
			}
		}()
	case "proc", "bind one thread":
		if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
			return err
		}
		if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
			return err
		}
	}
	if c.Do == "bind one thread" {
		const setNoNewPrivs = 38
		if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setNoNewPrivs, 1, 0); errno != 0 {
			return errno
		}
	}
	if c.AsInit {
		return c.Program.RunAsInit()
	}
	return c.Program.Exec()
}

// shell is a program that runs a script.
func shell(script string) Program {
	return Program{Args: []string{"sh", "-c", script}, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}}
}

// start starts the second run in new namespaces; output returns what it and the program print.
func start(t *testing.T, kinds namespace.Kind) (child *Child, output func() string) {
	t.Helper()
	testns.Require(t)
	attributes, err := namespace.Attributes(kinds)
	testkit.Must(t, err)
	reader, writer, err := os.Pipe()
	testkit.Must(t, err)
	child, err = Start(attributes, nil, writer, writer)
	testkit.Must(t, err)
	testkit.Must(t, writer.Close())
	t.Cleanup(func() { reader.Close() })
	return child, func() string {
		content, err := io.ReadAll(reader)
		testkit.Must(t, err)
		return string(content)
	}
}

// run runs a configuration to the end, and returns the program's output and exit status.
func run(t *testing.T, kinds namespace.Kind, c config) (string, int) {
	t.Helper()
	child, output := start(t, kinds)
	testkit.Must(t, child.Proceed(c))
	text := output()
	status, err := child.Wait()
	testkit.Must(t, err)
	return text, status
}

func TestChildBecomesTheProgram(t *testing.T) {
	program := shell(`echo "$$ $0 $WOOL"; pwd; exit 7`)
	program.Args = append(program.Args, "name")
	program.Env = append(program.Env, "WOOL=white")
	program.Dir = "/usr"
	text, status := run(t, namespace.Sheep, config{Program: program})
	if text != "1 name white\n/usr\n" || status != 7 {
		t.Errorf("output %q, exit status %d", text, status)
	}
}

func TestChildWaitsForTheParentsHalf(t *testing.T) {
	child, output := start(t, namespace.Sheep)
	state := func() string {
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", child.PID()))
		testkit.Must(t, err)
		return string(content)
	}
	// Long enough for a child that does not wait to be the program.
	time.Sleep(100 * time.Millisecond)
	if !strings.Contains(state(), Argument) {
		t.Errorf("before Proceed the child runs %q", state())
	}
	testkit.Must(t, child.Proceed(config{Program: shell("sleep 1000; echo done")}))
	if !strings.Contains(state(), "echo done") {
		t.Errorf("after Proceed the child runs %q", state())
	}
	testkit.Must(t, child.Signal(syscall.SIGKILL))
	output()
	_, err := child.Wait()
	testkit.Must(t, err)
}

func TestConfigurationIsInNeitherEnvironmentNorArguments(t *testing.T) {
	t.Setenv("SHEEP_SECRET", "fleece")
	program := shell("cat /proc/self/environ; env")
	text, _ := run(t, namespace.Sheep, config{Program: program})
	if strings.Contains(text, "fleece") || strings.Contains(text, "GODEBUG") {
		t.Errorf("the program's environment: %q", text)
	}
}

func TestLargeConfigurationArrives(t *testing.T) {
	large := strings.Repeat("baa ", 100_000) // more than a pipe holds
	program := shell("echo ${#WOOL}")
	program.Env = append(program.Env, "X=y")
	child, output := start(t, namespace.Sheep)
	testkit.Must(t, child.Proceed(struct {
		config
		Ballast string
	}{config{Program: program}, large}))
	if got := output(); got != "0\n" {
		t.Errorf("output %q", got)
	}
	_, err := child.Wait()
	testkit.Must(t, err)
}

func TestErrorOfTheChildIsReturnedByTheParent(t *testing.T) {
	nowhere := shell("true")
	nowhere.Dir = "/no/such/place"
	for _, c := range []struct {
		name   string
		config config
		want   string
		is     error
	}{
		{"set-up", config{Do: "fail"}, "mount the moon: mount /moon: no such file or directory", os.ErrNotExist},
		{"no such program", config{Program: Program{Args: []string{"no-such-program"}}},
			`find program: exec: "no-such-program": executable file not found in $PATH`, os.ErrNotExist},
		{"not executable", config{Program: Program{Args: []string{"/etc/passwd"}}},
			`find program: exec: "/etc/passwd": permission denied`, os.ErrPermission},
		{"not a program", config{Program: Program{Args: []string{"/proc/self/exe/x"}}}, "find program: ", nil},
		{"no program", config{}, "no program given", nil},
		{"working directory", config{Program: nowhere},
			"change working directory: chdir /no/such/place: no such file or directory", os.ErrNotExist},
		{"no end", config{Do: "return"}, "set-up ended without a program", nil},
	} {
		child, output := start(t, namespace.Sheep)
		err := child.Proceed(c.config)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: Proceed returns %v, want %s", c.name, err, c.want)
		}
		if c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v is not %v", c.name, err, c.is)
		}
		var failure *SetupError
		ofProgram := strings.HasPrefix(c.want, "find program: ")
		if errors.As(err, &failure) && failure.Program != ofProgram {
			t.Errorf("%s: that it is the program's error is said to be %v", c.name, failure.Program)
		}
		if text := output(); text != "" {
			t.Errorf("%s: the child itself prints %q", c.name, text)
		}
		if err := syscall.Kill(child.PID(), 0); err != syscall.ESRCH {
			t.Errorf("%s: the child is still there (%v)", c.name, err)
		}
	}
}

func TestDeathOfTheChildIsAnError(t *testing.T) {
	child, _ := start(t, namespace.UTS) // not PID: PID 1 cannot kill itself
	err := child.Proceed(config{Do: "die"})
	if err == nil || !strings.Contains(err.Error(), "ended during set-up: signal: segmentation fault") &&
		!strings.Contains(err.Error(), "ended during set-up: exit status 2") {
		t.Errorf("Proceed returns %v", err)
	}
	child, _ = start(t, namespace.Sheep)
	testkit.Must(t, child.Signal(syscall.SIGKILL))
	err = child.Proceed(config{Program: shell("true")})
	if err == nil || err.Error() != "second process ended during set-up: signal: killed" {
		t.Errorf("Proceed returns %v", err)
	}
}

func TestConfigurationThatCannotBeSent(t *testing.T) {
	child, _ := start(t, namespace.Sheep)
	var unsupported *json.UnsupportedTypeError
	if err := child.Proceed(func() {}); !errors.As(err, &unsupported) {
		t.Errorf("Proceed returns %v", err)
	}
	if err := syscall.Kill(child.PID(), 0); err != syscall.ESRCH {
		t.Errorf("the child is still there (%v)", err)
	}
}

func TestChildOfADeadParentEnds(t *testing.T) {
	child, output := start(t, namespace.Sheep)
	testkit.Must(t, child.config.Close()) // as the kernel does for a parent that is killed
	if text := output(); text != "" {
		t.Errorf("the child prints %q", text)
	}
	if status, err := child.Wait(); status != 1 || err != nil {
		t.Errorf("the child ends with %d, %v", status, err)
	}
}

func TestStartSaysWhatFailed(t *testing.T) {
	_, err := Start(&syscall.SysProcAttr{Chroot: "/no/such/place"}, nil, nil, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "start second process: ") {
		t.Errorf("Start returns %v", err)
	}
}

func TestExitStatusOfASignal(t *testing.T) {
	child, _ := start(t, namespace.Sheep)
	testkit.Must(t, child.Proceed(config{Program: shell("sleep 1000")}))
	testkit.Must(t, child.Signal(syscall.SIGKILL))
	if status, err := child.Wait(); status != 128+9 || err != nil {
		t.Errorf("Wait returns %d, %v; want 137", status, err)
	}
}
