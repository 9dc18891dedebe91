//go:build linux

package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

func watching(t testing.TB, s Watcher, kind *object.Kind, o WatchOptions) Watch {
	t.Helper()
	w, err := s.Watch(background, kind, o)
	testkit.Must(t, err)
	t.Cleanup(w.Close)
	return w
}

// ended is a context that waits for nothing.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(background)
	cancel()
	return ctx
}()

// rest are the events that there are already, a line each.
func rest(t testing.TB, w Watch) (lines []string) {
	t.Helper()
	for {
		event, err := w.Next(ended)
		if errors.Is(err, context.Canceled) {
			return lines
		}
		testkit.Must(t, err)
		line := fmt.Sprintf("%d %s", event.Revision, event.Type)
		if event.Object != nil {
			line += " " + event.Object.GetMeta().Name
			if version := event.Object.GetMeta().ResourceVersion; version != strconv.FormatUint(event.Revision, 10) ||
				!strings.Contains(string(event.JSON), `"resourceVersion":"`+version+`"`) {
				t.Errorf("%s has the version %s and is %s", line, version, event.JSON)
			}
		}
		lines = append(lines, line)
	}
}

func wantLines(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s: got\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func label(t testing.TB, s *Store, name, value string) {
	t.Helper()
	_, err := s.Modify(background, object.Pods, "meadow", name, func(obj object.Object) error {
		obj.GetMeta().Labels["app"] = value
		return nil
	})
	testkit.Must(t, err)
}

func remove(t testing.TB, s *Store, kind *object.Kind, name string) {
	t.Helper()
	_, err := s.Delete(background, kind, "meadow", name, DeleteOptions{})
	testkit.Must(t, err)
}

func TestWatchTellsWhatHappensToWhatItIsAbout(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, Options{})
	create(t, s, pod("a"))          // 1
	label(t, s, "a", "db")          // 2
	create(t, s, settings("x", "")) // 3
	label(t, s, "a", "web")         // 4
	label(t, s, "a", "web2")        // 5
	remove(t, s, object.Pods, "a")  // 6
	create(t, s, pod("b"))          // 7
	remove(t, s, object.Pods, "b")  // 8
	web, err := object.ParseSelector(object.Pods, "app=web", "")
	testkit.Must(t, err)
	check := func(when string) {
		wantLines(t, when+": all", rest(t, watching(t, s, object.Pods, WatchOptions{})),
			"1 ADDED a", "2 MODIFIED a", "4 MODIFIED a", "5 MODIFIED a", "6 DELETED a", "7 ADDED b", "8 DELETED b")
		wantLines(t, when+": by label", rest(t, watching(t, s, object.Pods, WatchOptions{Selector: web})),
			"1 ADDED a", "2 DELETED a", "4 ADDED a", "5 DELETED a", "7 ADDED b", "8 DELETED b")
		wantLines(t, when+": later", rest(t, watching(t, s, object.Pods, WatchOptions{After: 5, Namespace: "meadow"})),
			"6 DELETED a", "7 ADDED b", "8 DELETED b")
		wantLines(t, when+": elsewhere", rest(t, watching(t, s, object.Pods, WatchOptions{Namespace: "mead"})))
	}
	check("at once")
	testkit.Must(t, s.Close())
	s = opened(t, dir, Options{})
	check("after a restart")
}

func TestNextWaitsForAChange(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	w := watching(t, s, object.Pods, WatchOptions{})
	told := make(chan Event)
	go func() {
		event, err := w.Next(background)
		if err != nil {
			t.Error(err)
		}
		told <- event
		if _, err := w.Next(background); !errors.Is(err, ErrClosed) {
			t.Errorf("when the store is closed: %v", err)
		}
		close(told)
	}()
	create(t, s, settings("x", ""))
	create(t, s, pod("a"))
	if event := <-told; event.Revision != 2 {
		t.Errorf("told %+v", event)
	}
	testkit.Must(t, s.Close())
	<-told
}

func TestSlowWatchIsToldThatItHasMissedSomething(t *testing.T) {
	dir := t.TempDir()
	for name, o := range map[string]Options{"by number": {Changes: 4}, "by size": {ChangeBytes: 4 * 2 * 1100}} {
		s := opened(t, dir+"/"+name, o)
		create(t, s, settings("a", "0"))
		slow := watching(t, s, object.ConfigMaps, WatchOptions{})
		lost := watching(t, s, object.ConfigMaps, WatchOptions{})
		if _, err := slow.Next(ended); err != nil {
			t.Fatal(err)
		}
		for n := range 4 { // nobody reads: no writer waits for that
			_, err := s.Update(background, settings("a", strings.Repeat("x", 1000)+strconv.Itoa(n)))
			testkit.Must(t, err)
		}
		wantLines(t, name+": the one that just makes it", rest(t, slow), "2 MODIFIED a", "3 MODIFIED a", "4 MODIFIED a",
			"5 MODIFIED a")
		var gone *RevisionError
		for range 2 { // and again
			if _, err := lost.Next(background); !errors.As(err, &gone) || !errors.Is(err, ErrGone) ||
				gone.Oldest != 1 || err.Error() != "too old resource version: 0 (1 to 5)" {
				t.Errorf("%s: the one that does not: %v", name, err)
			}
		}
		if _, err := s.Watch(background, object.Pods, WatchOptions{After: 0}); !errors.Is(err, ErrGone) {
			t.Errorf("%s: a new one: %v", name, err)
		}
		if _, err := s.Watch(background, object.Pods, WatchOptions{After: 6}); !errors.Is(err, ErrFuture) {
			t.Errorf("%s: one from the future: %v", name, err)
		}
		testkit.Must(t, s.Close())
		s = opened(t, dir+"/"+name, o)
		if oldest, newest := s.log.bounds(); oldest != 1 || newest != 5 {
			t.Errorf("%s: after a restart the log has %d to %d", name, oldest, newest)
		}
	}
}

func TestBookmarkSaysHowFarAWatchIsThatNothingConcerns(t *testing.T) {
	s := opened(t, t.TempDir(), Options{Changes: 16})
	w := watching(t, s, object.Pods, WatchOptions{Bookmarks: true})
	quiet := watching(t, s, object.Pods, WatchOptions{})
	create(t, s, settings("a", "0"))
	wantLines(t, "after one", rest(t, w))
	create(t, s, settings("b", "0"))
	create(t, s, settings("c", "0"))
	wantLines(t, "after three", rest(t, w), "3 BOOKMARK")
	wantLines(t, "without", rest(t, quiet))
	if w.Revision() != 3 || quiet.Revision() != 3 {
		t.Errorf("they are at %d and %d", w.Revision(), quiet.Revision())
	}
}

// mirror is what a client knows that lists and then watches.
type mirror struct {
	objects map[string]string // versions
	seen    uint64
	lists   int
}

// follow takes in what there is, and lists again when it has missed something.
func (m *mirror) follow(t *testing.T, s Watcher, o WatchOptions) {
	for {
		if m.objects == nil {
			list, err := s.List(background, object.Pods, ListOptions{Namespace: o.Namespace, Selector: o.Selector})
			testkit.Must(t, err)
			m.objects, m.seen = map[string]string{}, list.Revision
			m.lists++
			for _, obj := range list.Objects {
				m.objects[obj.GetMeta().Name] = obj.GetMeta().ResourceVersion
			}
		}
		o.After = m.seen
		w, err := s.Watch(background, object.Pods, o)
		for err == nil {
			var event Event
			if event, err = w.Next(ended); err != nil {
				break
			}
			name, version := event.Object.GetMeta().Name, event.Object.GetMeta().ResourceVersion
			_, known := m.objects[name]
			if known != (event.Type != Added) || event.Revision <= m.seen {
				t.Fatalf("at %d: %s %s, known: %v", m.seen, event.Type, name, known)
			}
			m.seen = event.Revision
			if m.objects[name] = version; event.Type == Deleted {
				delete(m.objects, name)
			}
		}
		if !errors.Is(err, ErrGone) {
			return
		}
		m.objects = nil
	}
}

func TestClientsThatListAndWatchKnowWhatThereIsWhateverHappens(t *testing.T) {
	dir := t.TempDir()
	o := Options{Changes: 20}
	s := opened(t, dir, o)
	web, err := object.ParseSelector(object.Pods, "app in (a,b)", "")
	testkit.Must(t, err)
	options := []WatchOptions{{}, {Selector: web}, {Namespace: "meadow", Selector: web}}
	mirrors := make([]mirror, len(options))
	random := rand.New(rand.NewPCG(12, 17))
	for range 600 {
		p := pod("p" + strconv.Itoa(random.IntN(8)))
		p.Labels["app"] = string("abcd"[random.IntN(4)])
		switch random.IntN(8) {
		case 0, 1, 2:
			s.Create(background, p)
		case 3, 4:
			s.Update(background, p)
		case 5:
			s.Delete(background, object.Pods, "meadow", p.Name, DeleteOptions{})
		case 6:
			who := random.IntN(len(mirrors))
			mirrors[who].follow(t, s, options[who])
		case 7:
			if random.IntN(10) == 0 {
				testkit.Must(t, s.Close())
				s = opened(t, dir, o)
			}
		}
	}
	for who := range mirrors {
		mirrors[who].follow(t, s, options[who])
		list, err := s.List(background, object.Pods, ListOptions{Selector: options[who].Selector})
		testkit.Must(t, err)
		there := map[string]string{}
		for _, obj := range list.Objects {
			there[obj.GetMeta().Name] = obj.GetMeta().ResourceVersion
		}
		if fmt.Sprint(there) != fmt.Sprint(mirrors[who].objects) || mirrors[who].lists < 2 {
			t.Errorf("there is %v; known is %v, after %d lists", there, mirrors[who].objects, mirrors[who].lists)
		}
	}
}

func TestConcurrentWatchesSeeAllInOneOrder(t *testing.T) {
	const writers, each, watches = 8, 25, 5
	s := opened(t, t.TempDir(), Options{})
	var all sync.WaitGroup
	for range watches {
		w := watching(t, s, object.ConfigMaps, WatchOptions{})
		all.Go(func() {
			for want := uint64(1); want <= 2*writers*each; want++ {
				if event, err := w.Next(background); err != nil || event.Revision != want {
					t.Errorf("got %+v, %v, want %d", event, err, want)
					return
				}
			}
		})
	}
	for writer := range writers {
		all.Go(func() {
			for n := range each {
				made, err := s.Create(background, settings(fmt.Sprintf("%d-%d", writer, n), "a"))
				if err == nil {
					made.(*object.ConfigMap).Data["a"] = "b"
					_, err = s.Update(background, made)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
