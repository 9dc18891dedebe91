//go:build linux

package machine

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testload"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// probes are what the test binary can do when it is started with the arguments "probe NAME ARGUMENT…".
var probes = map[string]func(arguments []string) error{
	"serve":  serve,
	"dial":   dial,
	"occupy": testload.Occupy,
	"spin":   testload.Spin,
}

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "probe" {
		if err := probes[os.Args[2]](os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testns.Main(m)
}

// needs skips the test when it has no namespaces of its own or a program is missing.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	testns.Require(t)
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs the program %s, which this machine does not have", program)
		}
	}
}

// shell runs a script and returns what it prints. The script must succeed.
func shell(t *testing.T, script string) string {
	t.Helper()
	output, err := exec.Command("sh", "-ec", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, output)
	}
	return strings.TrimSpace(string(output))
}

// host is a network namespace with a process that keeps it.
type host struct{ pid string }

// newHost makes a network namespace that lasts as long as the test.
func newHost(t *testing.T) host {
	t.Helper()
	keeper := exec.Command("sleep", "infinity")
	keeper.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		keeper.Process.Kill()
		keeper.Wait()
	})
	return host{strconv.Itoa(keeper.Process.Pid)}
}

// run runs a command line in the host's network and returns what it prints.
func (h host) run(t *testing.T, line string) string {
	t.Helper()
	return shell(t, "nsenter -t "+h.pid+" -n "+line)
}

// probe is a command that runs a probe in the host's network.
func (h host) probe(t *testing.T, name string, arguments ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nsenter", append([]string{"-t", h.pid, "-n", binary, "probe", name}, arguments...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// talk lets one host serve at an address and another dial it. It returns the peers' addresses as each side sees them.
func talk(t *testing.T, server, client host, address string) (clientSeen, reply string) {
	t.Helper()
	serving := server.probe(t, "serve", address)
	var complaint bytes.Buffer
	serving.Stderr = &complaint
	output, err := serving.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serving.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	if !lines.Scan() {
		serving.Wait()
		t.Fatalf("serve %s: %s", address, complaint.String())
	}
	answer, err := client.probe(t, "dial", address).CombinedOutput()
	if err != nil {
		serving.Process.Kill()
		t.Errorf("dial %s: %v: %s", address, err, answer)
	}
	lines.Scan()
	serving.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return lines.Text(), strings.TrimSpace(string(answer))
}

// serve accepts one connection, prints where it came from and sends back what arrives.
func serve(arguments []string) error {
	listener, err := net.Listen("tcp4", arguments[0])
	if err != nil {
		return err
	}
	fmt.Println("ready")
	listener.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute))
	connection, err := listener.Accept()
	if err != nil {
		return err
	}
	defer connection.Close()
	peer, _, err := net.SplitHostPort(connection.RemoteAddr().String())
	if err != nil {
		return err
	}
	fmt.Println(peer)
	_, err = io.Copy(connection, connection)
	return err
}

// dial sends a line to an address and prints what comes back.
func dial(arguments []string) error {
	connection, err := net.DialTimeout("tcp4", arguments[0], time.Minute)
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(time.Minute))
	if _, err := connection.Write([]byte("baa")); err != nil {
		return err
	}
	if err := connection.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	reply, err := io.ReadAll(connection)
	if err != nil {
		return err
	}
	fmt.Println(string(reply))
	return nil
}
