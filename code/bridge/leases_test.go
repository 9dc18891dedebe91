//go:build linux

package bridge

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// roles are what the test binary does when a test starts it again, by its first argument.
var roles = map[string]func(arguments []string){
	// acquire waits for its input to end, takes an address and tells it.
	"acquire": func(arguments []string) {
		io.Copy(io.Discard, os.Stdin)
		address, err := OpenLeases(arguments[0], Default.Gateway).Acquire(arguments[1])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Print(address)
	},
	// churn takes and gives back addresses until it is killed, and tells each time it has taken one.
	"churn": func(arguments []string) {
		leases := OpenLeases(arguments[0], Default.Gateway)
		for i := 0; ; i++ {
			id := fmt.Sprint(arguments[1], "-", i%5)
			err := leases.Release(id)
			if err == nil {
				_, err = leases.Acquire(id)
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			fmt.Println(i)
		}
	},
}

// again returns a command that starts the test binary in a role.
func again(role ...string) *exec.Cmd {
	return exec.Command("/proc/self/exe", role...)
}

func newLeases(t testing.TB, subnet string) *Leases {
	t.Helper()
	return OpenLeases(filepath.Join(t.TempDir(), "network", "leases.json"), netip.MustParsePrefix(subnet))
}

func acquire(t testing.TB, l *Leases, id string) string {
	t.Helper()
	address, err := l.Acquire(id)
	if err != nil {
		t.Fatal(err)
	}
	return address.String()
}

func TestFirstAddressIsAfterTheGateway(t *testing.T) {
	for subnet, want := range map[string]string{
		"10.20.0.0/16":   "10.20.0.2",
		"10.20.0.1/16":   "10.20.0.2",
		"10.20.0.2/16":   "10.20.0.3", // a gateway elsewhere
		"192.168.7.0/24": "192.168.7.2",
	} {
		if got := acquire(t, newLeases(t, subnet), "ewe"); got != want {
			t.Errorf("in %s the first address is %s, want %s", subnet, got, want)
		}
	}
}

func TestSameContainerKeepsItsAddress(t *testing.T) {
	l := newLeases(t, "10.20.0.0/16")
	first := acquire(t, l, "ewe")
	acquire(t, l, "ram")
	restarted := OpenLeases(l.file, l.subnet)
	if again := acquire(t, restarted, "ewe"); again != first {
		t.Errorf("the address was %s, is %s", first, again)
	}
}

func TestEveryAddressOfASubnetIsHandedOutOnceAndNoOther(t *testing.T) {
	l := newLeases(t, "10.20.0.0/28")
	seen := map[string]bool{}
	for i := range 13 { // 16, less network, gateway and broadcast
		seen[acquire(t, l, fmt.Sprint(i))] = true
	}
	for i := 2; i <= 14; i++ {
		if !seen[fmt.Sprint("10.20.0.", i)] {
			t.Errorf("10.20.0.%d was not handed out; these were: %v", i, seen)
		}
	}
	_, err := l.Acquire("one more")
	if !errors.Is(err, ErrExhausted) || !strings.Contains(err.Error(), "is free in 10.20.0.0/28: 13 containers") {
		t.Errorf("of a full subnet: %v", err)
	}
	if err := l.Release("5"); err != nil {
		t.Fatal(err)
	}
	if got := acquire(t, l, "one more"); got != "10.20.0.7" {
		t.Errorf("the only free address is 10.20.0.7, handed out is %s", got)
	}
	for _, tiny := range []string{"10.20.0.0/31", "10.20.0.0/32", "10.20.0.0/30"} {
		l := newLeases(t, tiny)
		if tiny == "10.20.0.0/30" {
			acquire(t, l, "only")
		}
		if _, err := l.Acquire("ewe"); !errors.Is(err, ErrExhausted) {
			t.Errorf("of %s: %v", tiny, err)
		}
	}
}

func TestReleasedAddressRestsBeforeItIsUsedAgain(t *testing.T) {
	l := newLeases(t, "10.20.0.0/28")
	var handedOut []string
	for i := range 14 {
		id := fmt.Sprint(i)
		handedOut = append(handedOut, acquire(t, l, id))
		if err := l.Release(id); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(handedOut[:3], " ") != "10.20.0.2 10.20.0.3 10.20.0.4" || handedOut[13] != handedOut[0] {
		t.Errorf("handed out, one after the other: %v", handedOut)
	}
}

func TestReleaseMayBeRepeated(t *testing.T) {
	l := newLeases(t, "10.20.0.0/16")
	acquire(t, l, "ewe")
	acquire(t, l, "ram")
	for range 2 {
		if err := l.Release("ewe"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := l.All(); err != nil || len(got) != 1 || got["ram"].String() != "10.20.0.3" {
		t.Errorf("All is %v, %v", got, err)
	}
}

func TestNobodyHasAnAddressAtFirst(t *testing.T) {
	l := newLeases(t, "10.20.0.0/16")
	if got, err := l.All(); err != nil || got == nil || len(got) != 0 {
		t.Errorf("All is %v, %v", got, err)
	}
	if err := l.Release("ewe"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(l.file); err == nil {
		t.Error("giving back nothing has made a file")
	}
}

func TestFiftyProcessesGetFiftyAddresses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leases.json")
	start, gate, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer start.Close()
	var commands []*exec.Cmd
	var outputs []*strings.Builder
	for i := range 50 {
		cmd, output := again("acquire", file, fmt.Sprint("ewe", i)), &strings.Builder{}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = start, output, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		commands, outputs = append(commands, cmd), append(outputs, output)
	}
	gate.Close() // all go
	holder := map[string]int{}
	for i, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
			continue
		}
		address := outputs[i].String()
		if other, taken := holder[address]; taken {
			t.Errorf("processes %d and %d both have %s", other, i, address)
		}
		holder[address] = i
	}
	all, err := OpenLeases(file, Default.Gateway).All()
	if err != nil || len(all) != 50 {
		t.Fatalf("All has %d leases, %v", len(all), err)
	}
	for i := range commands {
		if got := all[fmt.Sprint("ewe", i)].String(); got != outputs[i].String() {
			t.Errorf("process %d was told %s, the file says %s", i, outputs[i], got)
		}
	}
}

func TestLeasesSurviveKilledProcesses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "leases.json")
	l := OpenLeases(file, Default.Gateway)
	kept := acquire(t, l, "kept")
	for round := range 40 {
		cmd := again("churn", file, fmt.Sprint(round%4))
		cmd.Stderr = os.Stderr
		output, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := output.Read(make([]byte, 1)); err != nil { // it is at it
			t.Fatalf("round %d: %v", round, err)
		}
		// Not to wait for something, but to hit it anywhere.
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		if got, err := l.All(); err != nil || got["kept"].String() != kept {
			t.Fatalf("round %d: %v, %v", round, got, err)
		}
		acquire(t, l, fmt.Sprint("after ", round)) // nobody holds the lock
	}
}

func TestRestOfAKilledWriterIsOverwritten(t *testing.T) {
	l := newLeases(t, "10.20.0.0/16")
	acquire(t, l, "ewe")
	long := strings.Repeat("half a file ", 1000)
	if err := os.WriteFile(l.file+".new", []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	acquire(t, l, "ram")
	if got, err := l.All(); err != nil || len(got) != 2 {
		t.Errorf("All is %v, %v", got, err)
	}
}

func TestDamagedFileIsRefusedAndTheErrorSaysWhatToDo(t *testing.T) {
	for content, want := range map[string]string{
		"":     "EOF",
		"null": "subnet",
		`{"subnet":"10.20.0.0/16","last":"","leases":{"ewe":"10.20.0.2"`:                     "EOF",
		`{"subnet":"10.20.0.0/16","last":"","leases":{}} {}`:                                 "more than one",
		`{"subnet":"10.20.0.0/16","last":""}`:                                                "list is missing",
		`{"subnet":"10.20.0.0/16","last":"","leases":{"ewe":"10.20.0"}}`:                     "10.20.0",
		`{"subnet":"10.20.0.0/16","last":"","leases":{"ewe":"10.20.0.1"}}`:                   "ewe has 10.20.0.1",
		`{"subnet":"10.20.0.0/16","last":"","leases":{"ewe":"10.21.0.2"}}`:                   "ewe has 10.21.0.2",
		`{"subnet":"10.20.0.0/16","last":"","leases":{"ewe":"10.20.255.255"}}`:               "ewe has 10.20.255.255",
		`{"subnet":"10.20.0.0/16","last":"","leases":{"ram":"10.20.0.2","ewe":"10.20.0.2"}}`: "ewe and ram both",
		`{"subnet":"10.30.0.0/16","last":"","leases":{}}`:                                    "10.30.0.0/16, not",
		`{"subnet":"10.20.0.0/16","last":"","leases":{},"more":1}`:                           "more",
		strings.Repeat("\x00", 100):                                                          "invalid",
		`{"subnet":"10.20.0.0/16","last":"","leases":{"ewe":"2001:db8::1"}}`:                 "ewe has 2001:db8::1",
	} {
		l := newLeases(t, "10.20.0.0/16")
		if err := os.MkdirAll(filepath.Dir(l.file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(l.file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := l.Acquire("lamb")
		for _, want := range []string{want, l.file, "acquire address for lamb",
			"stop all containers, delete the file"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("of %.80q: error is %v, want %q in it", content, err, want)
			}
		}
		if err := l.Release("ewe"); err == nil {
			t.Errorf("of %.80q: Release succeeds", content)
		}
		if after, err := os.ReadFile(l.file); err != nil || string(after) != content {
			t.Errorf("of %.80q: the file was changed to %.80q, %v", content, after, err)
		}
	}
}

func TestIPv6SubnetIsRefused(t *testing.T) {
	if _, err := newLeases(t, "2001:db8::/64").Acquire("ewe"); err == nil || !strings.Contains(err.Error(), "IPv4") {
		t.Errorf("Acquire: %v", err)
	}
}

func BenchmarkAcquireRelease(b *testing.B) {
	l := newLeases(b, "10.20.0.0/16")
	for b.Loop() {
		acquire(b, l, "ewe")
		if err := l.Release("ewe"); err != nil {
			b.Fatal(err)
		}
	}
}
