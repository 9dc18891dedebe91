//go:build linux

package rootfs

// cspell:ignore drwx, drwxr, dtrwxrwxrwx, swant

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func init() {
	// Of each directory its mode and names, and which flags its mount has.
	looks["memory"] = func(v visit) (found string, err error) {
		mounts, err := os.ReadFile("/proc/self/mountinfo")
		for _, tmpfs := range v.Tmpfs {
			info, missing := os.Stat(tmpfs.Target)
			if missing != nil {
				return "", missing
			}
			names, _ := filepath.Glob(tmpfs.Target + "/*")
			found += fmt.Sprintf("%s %v %v", tmpfs.Target, info.Mode(), names)
			for line := range strings.Lines(string(mounts)) {
				if fields := strings.Fields(line); fields[4] == tmpfs.Target { // proc_pid_mountinfo(5)
					found += " " + fields[5]
				}
			}
			found += "\n"
		}
		return found, err
	}
}

// With Docker and runc a tmpfs has the mode of the directory that it covers, and is nosuid, nodev and noexec.
func TestTmpfsCoversADirectoryAndHasItsMode(t *testing.T) {
	root := newRoot(t)
	for name, mode := range map[string]os.FileMode{"tmp": 0o777 | os.ModeSticky, "run": 0o755, "srv": 0o750} {
		testkit.Must(t, os.Mkdir(filepath.Join(root, name), 0o755))
		testkit.Must(t, os.Chmod(filepath.Join(root, name), mode))
		testkit.Must(t, os.WriteFile(filepath.Join(root, name, "covered"), nil, 0o644))
	}
	testkit.Must(t, os.Mkdir(filepath.Join(root, "outer"), 0o755))
	source := t.TempDir()
	testkit.Must(t, os.WriteFile(filepath.Join(source, "bound"), nil, 0o644))
	got := see(t, visit{Look: "memory", Root: root, Binds: []Bind{{Source: source, Target: "/tmp/below"}},
		Tmpfs: []Tmpfs{
			{Target: "/tmp"}, {Target: "/run", Options: []string{"exec", "suid", "mode=700", "size=64k"}},
			{Target: "/srv"}, {Target: "/made/for/it", Options: []string{"ro"}},
		}})
	want := "/tmp dtrwxrwxrwx [/tmp/below] rw,nosuid,nodev,noexec,relatime\n" +
		"/run drwx------ [] rw,nodev,relatime\n" +
		"/srv drwxr-x--- [] rw,nosuid,nodev,noexec,relatime\n" +
		"/made/for/it dtrwxrwxrwx [] ro,nosuid,nodev,noexec,relatime\n"
	if got != want {
		t.Errorf("inside there is\n%swant\n%s", got, want)
	}
}

func TestTmpfsIsReadAsDockerReadsIt(t *testing.T) {
	for text, want := range map[string]Tmpfs{
		"/run":                      {Target: "/run"},
		"/run:rw,size=64m,mode=755": {Target: "/run", Options: []string{"rw", "size=64m", "mode=755"}},
	} {
		if got, err := ParseTmpfs(text); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is %+v (%v)", text, got, err)
		}
	}
	for _, text := range []string{"", "run", "/run:", "/run:size", "/run:size=", "/run:bind", "/run:ro,huge=always"} {
		if got, err := ParseTmpfs(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestTmpfsStaysInsideAndOffTheRoot(t *testing.T) {
	root := newRoot(t)
	testkit.Must(t, os.Symlink("/", filepath.Join(root, "link")))
	for target, want := range map[string]string{
		"/link": "the root itself", "/proc/sys": "in /proc", "/inside": "both be directories",
	} {
		_, failure := try(t, visit{Look: "memory", Root: root, Tmpfs: []Tmpfs{{Target: target}}})
		if !strings.Contains(failure, "mount tmpfs on "+target) || !strings.Contains(failure, want) {
			t.Errorf("a tmpfs on %s: %q", target, failure)
		}
	}
}
