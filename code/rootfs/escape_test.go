//go:build linux

package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func init() {
	// The classic: move the root below the working directory. Then .. never meets the root, and climbs to the top.
	looks["climb out of the root"] = func(v visit) (string, error) {
		if err := os.Mkdir("/ladder", 0o755); err != nil {
			return "", err
		}
		if err := syscall.Chroot("/ladder"); err != nil {
			return "", err
		}
		for range 100 {
			if err := syscall.Chdir(".."); err != nil {
				return "", err
			}
		}
		if err := syscall.Chroot("."); err != nil {
			return "", err
		}
		return readOr(v.Root + "/../outside")
	}
	looks["/proc/1/root"] = func(v visit) (string, error) { return readOr("/proc/1/root" + v.Root + "/../outside") }
	looks["unmount the root"] = func(v visit) (string, error) {
		for range 10 {
			if syscall.Unmount("/", syscall.MNT_DETACH) != nil {
				break
			}
		}
		return readOr(v.Root + "/../outside")
	}
	looks["write through links"] = func(visit) (string, error) {
		return "", os.WriteFile("/data/file", []byte("from inside"), 0o644)
	}
}

// readOr reads a file, or says why not.
func readOr(name string) (string, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return err.(*os.PathError).Err.Error(), nil
	}
	return string(content), nil
}

// rootBesideSecret makes a root filesystem with a file beside it that must stay out of reach.
func rootBesideSecret(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root")
	testkit.Must(t, os.Mkdir(root, 0o755))
	testkit.Must(t, os.WriteFile(filepath.Join(root, "../outside"), []byte("secret"), 0o600))
	return root
}

func TestEscapeFromChrootWorks(t *testing.T) {
	if got := see(t, visit{Look: "climb out of the root", Root: rootBesideSecret(t), Chroot: true}); got != "secret" {
		t.Errorf("climbing out of a chroot finds %q; the chapter says that it finds the secret", got)
	}
}

func TestEscapesFailAfterPivotRoot(t *testing.T) {
	for _, escape := range []string{"climb out of the root", "/proc/1/root", "unmount the root"} {
		if got := see(t, visit{Look: escape, Root: rootBesideSecret(t)}); got != "no such file or directory" {
			t.Errorf("%s: found %q", escape, got)
		}
	}
}

func TestLinksInTheImageDoNotLeadOutside(t *testing.T) {
	outside := t.TempDir()
	source := t.TempDir()
	for name, link := range map[string]string{
		"absolute": outside,
		"relative": strings.Repeat("../", 30) + outside,
		"proc":     "/proc/self/root" + outside,
	} {
		root := newRoot(t)
		testkit.Must(t, os.Symlink(link, filepath.Join(root, "data")))
		binds := []Bind{{Source: source, Target: "/data/file"}}
		_, failure := try(t, visit{Look: "write through links", Root: root, Binds: binds})
		if failure == "" {
			t.Errorf("%s link: the bind was made and a directory overwritten", name)
		}
		if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
			t.Errorf("%s link: outside now holds %v, %v", name, entries, err)
		}
	}
}

// CVE-2019-19921: an image whose /proc is a link, so that the runtime mounts and masks somewhere else.
func TestCVE201919921ProcMustNotBeALink(t *testing.T) {
	for _, name := range []string{"proc", "sys", "dev"} {
		root := newRoot(t)
		testkit.Must(t, os.Mkdir(filepath.Join(root, "elsewhere"), 0o755))
		testkit.Must(t, os.Symlink("/elsewhere", filepath.Join(root, name)))
		_, failure := try(t, visit{Look: "where", Root: root})
		if want := "mount /" + name + ": /" + name + " in the root filesystem: a link is in the way"; failure != want {
			t.Errorf("/%s is a link: %q, want %q", name, failure, want)
		}
	}
}
