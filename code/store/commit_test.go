//go:build linux

package store

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

func (q *queue) length() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

func TestWritersThatWaitTogetherAreCommittedTogether(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	create(t, s, settings("first", ""))
	before := transaction(t, s)
	const writers = 200
	var all sync.WaitGroup
	s.commits.Lock() // as a commit does that takes its time
	refused := make([]error, writers)
	for n := range writers {
		all.Go(func() {
			_, refused[n] = s.Create(background, settings(fmt.Sprintf("s-%d", n/2), "")) // each name twice
		})
	}
	// The goroutine that commits may have taken one or some already, and waits with them.
	testkit.Eventually(t, "the writers wait", func() bool { return s.queue.length() >= writers/2 })
	s.commits.Unlock()
	all.Wait()
	exists := 0
	for _, err := range refused {
		if errors.Is(err, ErrExists) {
			exists++
		} else if err != nil {
			t.Error(err)
		}
	}
	if exists != writers/2 || s.Revision() != 1+writers/2 {
		t.Errorf("%d were refused, and the revision is %d", exists, s.Revision())
	}
	if took := transaction(t, s) - before; took > writers/4 {
		t.Errorf("%d writers took %d transactions", writers, took)
	}
}

func TestNothingIsWrittenWhenNothingChanges(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	made := create(t, s, settings("a", "x"))
	before := transaction(t, s)
	for range 3 {
		same, err := s.Update(background, made)
		if err != nil || same.GetMeta().ResourceVersion != "1" {
			t.Errorf("an update with the same: %+v, %v", same, err)
		}
		if _, err := s.Create(background, made); !errors.Is(err, ErrExists) {
			t.Error(err)
		}
		if _, err := s.List(background, object.ConfigMaps, ListOptions{}); err != nil {
			t.Error(err)
		}
		rest(t, watching(t, s, object.ConfigMaps, WatchOptions{}))
	}
	if after := transaction(t, s); after != before {
		t.Errorf("%d transactions were committed", after-before)
	}
}

func TestFullStoreRefusesAndGoesOnWhenThereIsRoom(t *testing.T) {
	s := opened(t, t.TempDir(), Options{FileBytes: 4 << 20, Changes: 1})
	big := strings.Repeat("x", 1<<19)
	var err error
	made := 0
	for ; err == nil && made < 100; made++ {
		_, err = s.Create(background, settings(fmt.Sprintf("big-%d", made), big))
	}
	if !errors.Is(err, ErrFull) || made < 3 {
		t.Fatalf("after %d: %v", made, err)
	}
	if s.Revision() != uint64(made-1) {
		t.Errorf("the revision is %d after %d", s.Revision(), made-1)
	}
	remove(t, s, object.ConfigMaps, "big-0")
	create(t, s, settings("small", "x"))
	create(t, s, settings("small-too", "x"))
}

func TestClosedStoreSaysSo(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	testkit.Must(t, s.Close())
	testkit.Must(t, s.Close())
	_, created := s.Create(background, settings("a", ""))
	_, got := s.Get(background, object.ConfigMaps, "meadow", "a")
	_, watched := s.Watch(background, object.ConfigMaps, WatchOptions{})
	_, backedUp := s.Backup(nil)
	for what, err := range map[string]error{"Create": created, "Get": got, "Watch": watched, "Backup": backedUp,
		"Compact": s.Compact()} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := s.Create(ended, settings("a", "")); err == nil {
		t.Error("it was created")
	}
}
