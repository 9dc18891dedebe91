//go:build linux

package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
)

func TestPushAndPull(t *testing.T) {
	u := newUser(t)
	address, _ := testhost.Registry(t)
	name := address + "/flock/busybox:1"
	archive := filepath.Join(t.TempDir(), "busybox.tar")
	testkit.Must(t, os.WriteFile(archive, busybox(t), 0o600))
	u.ok("import", archive, name)
	pushed := u.sheep("push", name)
	if pushed.code != 0 || !regexp.MustCompile(`^sha256:[0-9a-f]{64}\n$`).MatchString(pushed.out) || pushed.err == "" {
		t.Fatalf("push prints %q and %q and ends with %d", pushed.out, pushed.err, pushed.code)
	}
	u.ok("rm", "--image", name)
	u.run("--rm", name, "true").check(t, "run of a removed image", "", "sheep pull "+name, 125)

	pulled := u.sheep("pull", name)
	if pulled.code != 0 || pulled.out != name+"\n" || strings.Contains(pulled.err, "\x1b") {
		t.Fatalf("pull prints %q and %q and ends with %d", pulled.out, pulled.err, pulled.code)
	}
	u.run("--rm", name, "echo", "baa").check(t, "run of the pulled image", "baa\n", "", 0)
	u.sheep("pull", address+"/flock/nothing:1").check(t, "pull of nothing", "", "flock/nothing", 1)
}

func TestPushOfAnImageThatIsNotHereSaysHowItGetsItsName(t *testing.T) {
	u := newUserWithImage(t)
	u.sheep("push", "localhost:5000/flock/tools:1").check(t, "push", "",
		`sheep: there is no image "localhost:5000/flock/tools:1"; `+
			"push sends an image to where its name says, which it gets with: "+
			"sheep tag IMAGE localhost:5000/flock/tools:1\n", 1)
	if help := u.ok("push", "--help"); !strings.Contains(help, "\nThe name of an image says where it goes. ") {
		t.Errorf("help of push is\n%s", help)
	}
	u.sheep("rm", "--image", "something-else").check(t, "rm", "", `sheep: there is no image "something-else"`+"\n", 1)
	u.sheep("rm", "--image", "busybo").check(t, "rm of a near one", "", "did you mean busybox:latest?\n", 1)
}

func TestSecondPushSaysThatItIsThereAlready(t *testing.T) {
	u := newUserWithImage(t)
	address, _ := testhost.Registry(t)
	archive := filepath.Join(t.TempDir(), "busybox.tar")
	testkit.Must(t, os.WriteFile(archive, busybox(t), 0o600))
	name := address + "/flock/busybox:1"
	u.ok("import", archive, name)
	first := u.sheep("push", name)
	if !regexp.MustCompile(`\npush .*: [0-9.]+ kB|MB`).MatchString(first.err) ||
		strings.Contains(first.err, "already") {
		t.Errorf("the first push says %q", first.err)
	}
	second := u.sheep("push", name)
	if !strings.HasSuffix(second.err, "\npush "+name+": is there already\n") || second.out != first.out ||
		second.code != 0 {
		t.Errorf("the second push prints %q and %q and ends with %d", second.out, second.err, second.code)
	}
}

func TestRegistryThatSpeaksPlainHTTPElsewhereNeedsTheFlag(t *testing.T) {
	u := newUserWithImage(t)
	shell(t, "ip", "address", "add", "10.99.0.1/32", "dev", "lo") // an address outside the loopback network
	t.Cleanup(func() { shell(t, "ip", "address", "delete", "10.99.0.1/32", "dev", "lo") })
	listener, err := net.Listen("tcp", "10.99.0.1:0")
	testkit.Must(t, err)
	server := &http.Server{Handler: http.NotFoundHandler()}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	address := listener.Addr().String()
	u.sheep("pull", address+"/flock/web").check(t, "pull", "",
		"sheep: pull "+address+"/flock/web:latest: the registry at "+address+
			" speaks plain HTTP: unencrypted connections are not allowed: allow them with --insecure\n", 1)
	u.sheep("pull", "--insecure", address+"/flock/web").check(t, "pull --insecure", "", "no such image", 1)
}

func TestImageOfSeveralNamesIsNotRemovedByItsID(t *testing.T) {
	u := newUserWithImage(t)
	archive := filepath.Join(t.TempDir(), "busybox.tar")
	testkit.Must(t, os.WriteFile(archive, busybox(t), 0o600))
	u.ok("import", archive, "tools:1")
	id := strings.Fields(u.ok("images", "-q"))[0]
	u.sheep("rm", "--image", id).check(t, "rm of both", "", "sheep: image "+id+" has several names, "+
		"remove them one by one: busybox:latest, tools:1\n", 1)
	if left := strings.Fields(u.ok("images", "-q")); len(left) != 2 {
		t.Errorf("there is left %q", left)
	}
	u.ok("rm", "--image", "busybox")
	u.sheep("rm", "--image", id).check(t, "rm of the last", id+"\n", "", 0)
	if left := u.ok("images", "-q"); left != "" {
		t.Errorf("there is left %q", left)
	}
}

func TestMalformedImageNameIsAMistakeInTheCommandLine(t *testing.T) {
	u := newUserWithImage(t)
	for line, complaint := range map[string]string{
		"pull Flock":                      `sheep: image name "Flock": not of the form name:tag in small letters`,
		"pull busybox:-":                  `sheep: image name "busybox:-": "-" is not a tag`,
		"pull https://example.org/x":      `sheep: image name "https://example.org/x": write it without https://`,
		"push Flock":                      `sheep: image name "Flock"`,
		"import /dev/null Flock":          `sheep: image name "Flock"`,
		"bootstrap Flock no-such-program": `sheep: image name "Flock"`,
		"run --no-limits Flock true":      `sheep: image name "Flock"`,
		"rm --image Flock":                `sheep: image name "Flock"`,
	} {
		u.sheep(strings.Fields(line)...).check(t, line, "", complaint, 2)
	}
	u.sheep("inspect", "Flock").check(t, "inspect", "[]\n", `there is neither a container nor an image "Flock"`, 1)
}
