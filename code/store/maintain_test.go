//go:build linux

package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

func TestBackupIsOfOneMomentAndInNobodysWay(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	create(t, s, settings("a", "old"))
	aside := t.TempDir()
	file, err := os.Create(filepath.Join(aside, Name))
	testkit.Must(t, err)
	from, to := io.Pipe()
	type result struct {
		revision uint64
		err      error
	}
	done := make(chan result)
	go func() {
		revision, err := s.Backup(to)
		to.Close()
		done <- result{revision, err}
	}()
	_, err = io.CopyN(file, from, 1) // it has begun, and does not get on
	testkit.Must(t, err)
	for n := range 40 {
		create(t, s, settings(fmt.Sprintf("b-%d", n), strings.Repeat("x", 100_000)))
	}
	_, err = s.Update(background, settings("a", "new"))
	testkit.Must(t, err)
	_, err = io.Copy(file, from)
	testkit.Must(t, errors.Join(err, file.Close()))
	if got := <-done; got.revision != 1 || got.err != nil {
		t.Errorf("it is of revision %d, %v", got.revision, got.err)
	}
	restored := opened(t, aside, Options{})
	list, err := restored.List(background, object.ConfigMaps, ListOptions{})
	if err != nil || len(list.Objects) != 1 || list.Objects[0].(*object.ConfigMap).Data["a"] != "old" {
		t.Errorf("restored it has %+v, %v", list, err)
	}
	if _, err := restored.Watch(background, object.Pods, WatchOptions{After: 20}); !errors.Is(err, ErrFuture) {
		t.Errorf("who has seen more is told %v", err)
	}
	create(t, restored, settings("c", ""))
}

func TestCompactionGivesBackWhatIsFree(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, Options{Changes: 5})
	for n := range 60 {
		create(t, s, settings(fmt.Sprintf("a-%d", n), strings.Repeat("x", 50_000)))
	}
	for n := range 55 {
		remove(t, s, object.ConfigMaps, fmt.Sprintf("a-%d", n))
	}
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, Name))
		testkit.Must(t, err)
		return info.Size()
	}
	before := size()
	w := watching(t, s, object.ConfigMaps, WatchOptions{After: s.Revision()})
	// Others read and write meanwhile.
	var all sync.WaitGroup
	for writer := range 4 {
		all.Go(func() {
			for n := range 20 {
				_, err := s.Create(background, settings(fmt.Sprintf("w-%d-%d", writer, n), "y"))
				if err == nil {
					_, err = s.List(background, object.ConfigMaps, ListOptions{})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	testkit.Must(t, s.Compact())
	all.Wait()
	if after := size(); after > before/2 {
		t.Errorf("it has %d bytes, and had %d", after, before)
	}
	if _, err := Open(dir, Options{}); !errors.As(err, new(*LockedError)) {
		t.Errorf("after it the file is not locked: %v", err)
	}
	if _, err := w.Next(ended); !errors.Is(err, ErrGone) { // 80 changes, 5 of them kept
		t.Errorf("a watch: %v", err)
	}
	create(t, s, settings("last", ""))
	testkit.Must(t, s.Close())
	s = opened(t, dir, Options{Changes: 5})
	list, err := s.List(background, object.ConfigMaps, ListOptions{})
	if err != nil || len(list.Objects) != 5+80+1 || list.Revision != 60+55+80+1 {
		t.Errorf("there are %d, at revision %d, %v", len(list.Objects), list.Revision, err)
	}
}

func TestCompactionThatFailsLeavesEverythingAsItWas(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, Options{})
	create(t, s, settings("a", ""))
	// In the place of the file aside is a directory that is not empty, so it cannot be removed or made.
	testkit.Must(t, os.MkdirAll(filepath.Join(dir, Name+compacting, "x"), 0o700))
	if err := s.Compact(); err == nil {
		t.Error("it says nothing")
	}
	create(t, s, settings("b", ""))
}
