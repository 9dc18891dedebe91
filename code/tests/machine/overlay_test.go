//go:build linux

package machine

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// mountOverlay makes a tmpfs with the four folders of an overlay, fills lower, and mounts.
func mountOverlay(t *testing.T) (lower, upper, merged string) {
	t.Helper()
	needs(t)
	base := t.TempDir()
	if err := syscall.Mount("tmpfs", base, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Unmount(base, syscall.MNT_DETACH) })
	lower, upper, merged = filepath.Join(base, "lower"), filepath.Join(base, "upper"), filepath.Join(base, "merged")
	work := filepath.Join(base, "work")
	for _, folder := range []string{lower, upper, work, merged} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"kept", "changed", "deleted"} {
		if err := os.WriteFile(filepath.Join(lower, name), []byte("lower"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	options := "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work
	if err := syscall.Mount("overlay", merged, "overlay", 0, options); err != nil {
		t.Fatalf("mount overlay: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(merged, syscall.MNT_DETACH) })
	return lower, upper, merged
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestOverlayCopiesUpOnFirstWrite(t *testing.T) {
	lower, upper, merged := mountOverlay(t)
	if got := read(t, filepath.Join(merged, "kept")); got != "lower" {
		t.Errorf("a read falls through to lower: got %q", got)
	}
	if err := os.WriteFile(filepath.Join(merged, "changed"), []byte("upper"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(upper, "changed")); got != "upper" {
		t.Errorf("upper: got %q", got)
	}
	if got := read(t, filepath.Join(lower, "changed")); got != "lower" {
		t.Errorf("lower was written to: %q", got)
	}
	if _, err := os.Stat(filepath.Join(upper, "kept")); !os.IsNotExist(err) {
		t.Errorf("a file that was only read is in upper: %v", err)
	}
}

// A deletion leaves a character device 0/0 in upper: kernel documentation, "Overlay Filesystem", "whiteouts".
func TestOverlayDeletionMakesWhiteout(t *testing.T) {
	lower, upper, merged := mountOverlay(t)
	if err := os.Remove(filepath.Join(merged, "deleted")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(merged, "deleted")); !os.IsNotExist(err) {
		t.Errorf("merged still has the file: %v", err)
	}
	if got := read(t, filepath.Join(lower, "deleted")); got != "lower" {
		t.Errorf("lower: got %q", got)
	}
	var stat syscall.Stat_t
	if err := syscall.Lstat(filepath.Join(upper, "deleted"), &stat); err != nil {
		t.Fatalf("no whiteout: %v", err)
	}
	if stat.Mode&syscall.S_IFMT != syscall.S_IFCHR || stat.Rdev != 0 {
		t.Errorf("the whiteout has mode %o and device %d, want a character device 0/0", stat.Mode, stat.Rdev)
	}
}
