//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program.
const asProgram = "SHEEP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		testns.Main(m)
	}
	main()
}

// changes mounts an overlay, runs a shell script in it, and returns what the program says of it.
func changes(t *testing.T, script string) string {
	t.Helper()
	testns.RequireRoot(t, "trusted extended attributes")
	disk := t.TempDir()
	testkit.Must(t, syscall.Mount("disk", disk, "tmpfs", 0, "mode=755"))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	for _, name := range []string{"image/etc/deep", "upper", "work", "merged"} {
		testkit.Must(t, os.MkdirAll(filepath.Join(disk, name), 0o755))
	}
	for _, name := range []string{"etc/hosts", "etc/motd", "etc/deep/file"} {
		testkit.Must(t, os.WriteFile(filepath.Join(disk, "image", name), []byte(name), 0o644))
	}
	// A link of the image's to what on the host is not the image's.
	testkit.Must(t, os.Mkdir(filepath.Join(disk, "outside"), 0o755))
	for _, name := range []string{"passwd", "secret"} {
		testkit.Must(t, os.WriteFile(filepath.Join(disk, "outside", name), nil, 0o644))
	}
	testkit.Must(t, os.Symlink(disk+"/outside", filepath.Join(disk, "image/conf")))
	merged := filepath.Join(disk, "merged")
	testkit.Must(t, syscall.Mount("overlay", merged, "overlay", 0,
		"lowerdir="+disk+"/image,upperdir="+disk+"/upper,workdir="+disk+"/work"))
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = merged
	out, err := cmd.CombinedOutput()
	testkit.Must(t, syscall.Unmount(merged, 0))
	if err != nil {
		t.Fatalf("%q: %v %s", script, err, out)
	}
	cmd = exec.Command("/proc/self/exe", disk+"/image", disk+"/upper")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	out, err = cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestChanges(t *testing.T) {
	for script, want := range map[string]string{
		"cat etc/*s":                        "",
		"touch new":                         "A /new",
		"mkdir -p new/new; touch new/new/f": "A /new, A /new/new, A /new/new/f",
		"touch etc/hosts":                   "C /etc, C /etc/hosts",
		"rm etc/motd":                       "C /etc, D /etc/motd",
		"rm -r etc":                         "D /etc",
		"rm -r etc/deep; mkdir etc/deep":    "C /etc, C /etc/deep, D /etc/deep/file",
		"mv etc/hosts etc/names":            "C /etc, D /etc/hosts, A /etc/names",
		"touch new; rm new":                 "",
		// In a directory that hides the image's, all below does, without a mark of its own.
		"rm -r etc; mkdir -p etc/deep; echo new >etc/hosts": "C /etc, C /etc/deep, D /etc/deep/file, C /etc/hosts, D /etc/motd",
		"rm etc/motd; mknod etc/motd c 1 3":                 "C /etc, C /etc/motd",
		// The image has no directory there.
		"rm conf; mkdir -p conf/secret; touch conf/passwd conf/new": "C /conf, A /conf/new, A /conf/passwd, A /conf/secret",
		"rm etc/hosts; mkdir etc/hosts; touch etc/hosts/wool":       "C /etc, C /etc/hosts, A /etc/hosts/wool",
		// Names that would forge a line, or reach the terminal as a command.
		`touch "$(printf 'a\nD b')" "$(printf '\033[2J')" "$(printf '\377')"`: `A "/\x1b[2J", A "/\xff", A "/a\nD b"`,
		`touch 'é ü' '"\n"'`: `A /"\n", A /é ü`,
	} {
		got, wanted := strings.Split(changes(t, script), "\n"), strings.Split(want, ", ")
		slices.Sort(got)
		slices.Sort(wanted)
		if !slices.Equal(got, wanted) {
			t.Errorf("after %q: %q, want %q", script, got, wanted)
		}
	}
}

func TestErrorsAreReported(t *testing.T) {
	for _, args := range [][]string{{}, {"/no/such", "/no/such"}, {"/no/such", t.TempDir()}} {
		cmd := exec.Command("/proc/self/exe", args...)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 1 || !strings.HasPrefix(string(out), "3-changes: ") {
			t.Errorf("%q: exit status %d, %.300s", args, cmd.ProcessState.ExitCode(), out)
		}
	}
}

// The kernel says of each directory that it has no mark, to all but root of the host.
func TestWhoSeesNoMarksIsRefused(t *testing.T) {
	testns.RequireRoot(t, "the right to become another user, and no such right")
	self := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 0, Size: 1}}
	for name, attributes := range map[string]*syscall.SysProcAttr{
		"a user": {Credential: &syscall.Credential{Uid: 1000, Gid: 1000}},
		"root of a user namespace": {
			Cloneflags: syscall.CLONE_NEWUSER, UidMappings: self, GidMappings: self},
	} {
		cmd := exec.Command("/proc/self/exe", t.TempDir(), t.TempDir())
		cmd.Env = append(os.Environ(), asProgram+"=1")
		cmd.SysProcAttr = attributes
		out, err := cmd.CombinedOutput()
		want := "3-changes: not without CAP_SYS_ADMIN: run it as the host's root, with sudo\n"
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 || string(out) != want {
			t.Errorf("%s: %v %.300s", name, err, out)
		}
	}
}
