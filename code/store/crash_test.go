//go:build crashtest && linux

package store

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testcrash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

func init() {
	// write has several goroutines create objects, change them and remove every third, and says which of it has been
	// acknowledged, a line each.
	roles["write"] = func(arguments []string) {
		s, err := Open(arguments[0], Options{Changes: 30})
		if err != nil {
			panic(err)
		}
		var all sync.WaitGroup
		for writer := range 4 {
			all.Go(func() {
				for n := range 20 {
					name := fmt.Sprintf("w%d-%d", writer, n)
					if _, err := s.Create(background, settings(name, "made")); err != nil {
						panic(err)
					}
					os.Stdout.WriteString(name + " made\n")
					if _, err := s.Update(background, settings(name, "changed")); err != nil {
						panic(err)
					}
					os.Stdout.WriteString(name + " changed\n")
					if n%3 != 0 {
						continue
					}
					if _, err := s.Delete(background, object.ConfigMaps, "meadow", name, DeleteOptions{}); err != nil {
						panic(err)
					}
					os.Stdout.WriteString(name + " removed\n")
				}
			})
		}
		all.Wait()
		if err := s.Close(); err != nil {
			panic(err)
		}
	}
	roles["compact"] = func(arguments []string) {
		s, err := Open(arguments[0], Options{})
		if err == nil {
			err = s.Compact()
		}
		if err != nil {
			panic(err)
		}
	}
}

// killAt starts the test binary in a role, to be killed at a point, and returns what it has said until then.
func killAt(t *testing.T, point string, role ...string) string {
	t.Helper()
	var said bytes.Buffer
	cmd := again(role...)
	cmd.Stdout = &said
	cmd.Env = append(os.Environ(), crash.Variable+"="+point)
	if err := cmd.Run(); err == nil || err.Error() != "signal: killed" {
		t.Fatalf("%s: not killed, but %v", point, err)
	}
	return said.String()
}

var (
	atMaking     = []string{"store/file/made", "store/file/renamed"}
	atCommitting = []string{"store/commit/ready", "store/commit/done"}
	atCompacting = []string{"store/compact/copied", "store/compact/renamed"}
)

func TestNoPointIsForgotten(t *testing.T) {
	want := slices.Sorted(slices.Values(slices.Concat(atMaking, atCommitting, atCompacting)))
	if got := testcrash.Points(t, "."); !slices.Equal(got, want) {
		t.Errorf("there are the points %q, and tested are %q", got, want)
	}
}

func TestFileIsThereWholeOrNotAtAll(t *testing.T) {
	for _, point := range atMaking {
		dir := t.TempDir()
		killAt(t, point, "write", dir)
		s := opened(t, dir, Options{})
		create(t, s, settings("a", ""))
		wantNothingAside(t, point, dir)
	}
}

func wantNothingAside(t *testing.T, point, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	testkit.Must(t, err)
	if len(entries) != 1 || entries[0].Name() != Name {
		t.Errorf("%s: there are %v", point, entries)
	}
}

func TestNothingThatWasAcknowledgedIsLost(t *testing.T) {
	ranks := []string{"", "made", "changed", "removed"}
	for _, point := range atCommitting {
		for _, times := range []int{1, 2, 7, 25} {
			point := fmt.Sprintf("%s:%d", point, times)
			dir := t.TempDir()
			promised := map[string]int{}
			for lines := bufio.NewScanner(strings.NewReader(killAt(t, point, "write", dir))); lines.Scan(); {
				name, what, _ := strings.Cut(lines.Text(), " ")
				promised[name] = max(promised[name], slices.Index(ranks, what))
			}
			s := opened(t, dir, Options{Changes: 30})
			for name, rank := range promised {
				obj, err := s.Get(background, object.ConfigMaps, "meadow", name)
				there := len(ranks) - 1 // what is not there was removed
				if err == nil {
					there = slices.Index(ranks, obj.(*object.ConfigMap).Data["a"])
				}
				if there < rank {
					t.Errorf("%s: %s was %s, and is %s: %v", point, name, ranks[rank], ranks[there], err)
				}
			}
			wantLogThatLeadsHere(t, point, s)
			create(t, s, settings("next", ""))
			wantNothingAside(t, point, dir)
		}
	}
}

// wantLogThatLeadsHere fails unless a list of the past and all changes since make what there is now.
func wantLogThatLeadsHere(t *testing.T, point string, s *Store) {
	t.Helper()
	oldest, newest := s.log.bounds()
	past, err := s.List(background, object.ConfigMaps, ListOptions{Continue: page{max(oldest, 1), ""}.token()})
	if newest == 0 {
		return // nothing has been committed, and there is no page of revision 0
	}
	testkit.Must(t, err)
	versions := map[string]string{}
	for _, obj := range past.Objects {
		versions[obj.GetMeta().Name] = obj.GetMeta().ResourceVersion
	}
	w := watching(t, s, object.ConfigMaps, WatchOptions{After: max(oldest, 1)})
	for at := max(oldest, 1) + 1; at <= newest; at++ {
		event, err := w.Next(background)
		if err != nil || event.Revision != at {
			t.Fatalf("%s: change %d is %+v, %v", point, at, event, err)
		}
		meta := event.Object.GetMeta()
		if versions[meta.Name] = meta.ResourceVersion; event.Type == Deleted {
			delete(versions, meta.Name)
		}
	}
	list, err := s.List(background, object.ConfigMaps, ListOptions{})
	testkit.Must(t, err)
	for _, obj := range list.Objects {
		meta := obj.GetMeta()
		if says := versions[meta.Name]; says != meta.ResourceVersion {
			t.Errorf("%s: %s has version %s, the log says %s", point, meta.Name, meta.ResourceVersion, says)
		}
		delete(versions, meta.Name)
	}
	if len(versions) > 0 {
		t.Errorf("%s: the log says there is %v", point, versions)
	}
}

func TestKilledCompactionLeavesTheOldFileOrTheNew(t *testing.T) {
	for _, point := range atCompacting {
		dir := t.TempDir()
		s := opened(t, dir, Options{})
		for n := range 20 {
			create(t, s, settings(fmt.Sprint("a", n), strings.Repeat("x", 1000)))
		}
		testkit.Must(t, s.Close())
		killAt(t, point, "compact", dir)
		if _, err := os.Stat(filepath.Join(dir, Name)); err != nil {
			t.Fatal(err)
		}
		s = opened(t, dir, Options{})
		wantNothingAside(t, point, dir)
		list, err := s.List(background, object.ConfigMaps, ListOptions{})
		if err != nil || len(list.Objects) != 20 || s.Revision() != 20 {
			t.Errorf("%s: there are %d objects at revision %d, %v", point, len(list.Objects), s.Revision(), err)
		}
		wantLogThatLeadsHere(t, point, s)
		testkit.Must(t, s.Compact())
	}
}
