//go:build linux

package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestFileIsReplacedAsAWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	testkit.Must(t, Replace(name, []byte("old")))
	open, err := os.Open(name)
	testkit.Must(t, err)
	defer open.Close()
	testkit.Must(t, Replace(name, []byte("newer")))
	// A reader of the old one reads all of it.
	content := make([]byte, 10)
	if n, _ := open.Read(content); string(content[:n]) != "old" {
		t.Errorf("the open file holds %q", content[:n])
	}
	if content, err := os.ReadFile(name); err != nil || string(content) != "newer" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if _, err := os.Stat(name + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file aside is left: %v", err)
	}
	if err := Replace(filepath.Join(name, "below"), nil); err == nil {
		t.Error("a file was made below a file")
	}
}

func TestWhatCannotBeReplacedStaysWithNothingAside(t *testing.T) {
	name := filepath.Join(t.TempDir(), "directory")
	testkit.Must(t, os.Mkdir(name, 0o700))
	if err := Replace(name, []byte("content")); err == nil {
		t.Error("a directory was replaced by a file")
	}
	if _, err := os.Stat(name + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file aside is left: %v", err)
	}
}

func TestOneAtATimeHasTheLock(t *testing.T) {
	dir := t.TempDir()
	for what, lock := range map[string]func() (*os.File, error){
		"file":      func() (*os.File, error) { return LockFile(filepath.Join(dir, "lock")) },
		"directory": func() (*os.File, error) { return LockDirectory(dir) },
	} {
		var all sync.WaitGroup
		var inside atomic.Int32
		for range 20 {
			all.Go(func() {
				held, err := lock()
				if err != nil {
					t.Error(err)
					return
				}
				if now := inside.Add(1); now != 1 {
					t.Errorf("%s: %d have the lock", what, now)
				}
				time.Sleep(time.Millisecond)
				inside.Add(-1)
				held.Close()
			})
		}
		all.Wait()
	}
}

func TestLockIsSeenByOthersUntilItIsGivenBack(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "lock")
	if Held(name) {
		t.Error("a file that is not there is locked")
	}
	file, err := LockFile(name)
	testkit.Must(t, err)
	all, err := LockDirectory(dir)
	testkit.Must(t, err)
	if !Held(name) || !Held(dir) {
		t.Error("the locks are not seen")
	}
	if _, err := TryLockDirectory(dir); !errors.Is(err, ErrLocked) {
		t.Errorf("the second is told %v", err)
	}
	file.Close()
	all.Close()
	if Held(name) || Held(dir) {
		t.Error("the locks were not given back")
	}
	all, err = TryLockDirectory(dir)
	testkit.Must(t, err)
	all.Close()
}

func TestWhoWaitedForADirectoryThatIsRemovedIsTold(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "container")
	testkit.Must(t, os.Mkdir(dir, 0o700))
	held, err := LockDirectory(dir)
	testkit.Must(t, err)
	// Opened, but not locked yet: from there on it goes as for one that waits.
	waits, err := os.Open(dir)
	testkit.Must(t, err)
	testkit.Must(t, os.Remove(dir))
	held.Close()
	if _, err := locked(waits, nil, unlessSuspended); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the one that waited is told %v", err)
	}
	if _, err := LockDirectory(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the next one is told %v", err)
	}
}

func TestLockIsNotTakenThroughALink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "lock")
	testkit.Must(t, os.Symlink(filepath.Join(dir, "elsewhere"), link))
	if _, err := LockFile(link); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("LockFile says %v", err)
	}
}
