//go:build linux

package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

var background = context.Background()

// today is when the tests are.
var today = time.Date(2026, 6, 17, 10, 0, 0, 0, time.UTC)

func opened(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return today }
	}
	s, err := Open(dir, o)
	testkit.Must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func pod(name string) *object.Pod {
	return &object.Pod{Meta: object.Meta{Name: name, Namespace: "meadow", Labels: map[string]string{"app": "web"}},
		Spec: object.PodSpec{Containers: []object.Container{{Name: "c", Image: "nginx:1"}}}}
}

func settings(name, value string) *object.ConfigMap {
	return &object.ConfigMap{Meta: object.Meta{Name: name, Namespace: "meadow"}, Data: map[string]string{"a": value}}
}

func create[T object.Object](t testing.TB, s *Store, obj T) T {
	t.Helper()
	made, err := s.Create(background, obj)
	testkit.Must(t, err)
	return made.(T)
}

// transaction is the number of the latest transaction in the file: it grows with each that writes.
func transaction(t testing.TB, s *Store) (id int) {
	t.Helper()
	testkit.Must(t, s.view(func(tx *bolt.Tx) error { id = tx.ID(); return nil }))
	return id
}

func TestWhatIsCreatedHasWhatTheStoreSets(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	theirs := pod("web-0")
	theirs.UID, theirs.ResourceVersion, theirs.Generation = "mine", "77", 9
	theirs.DeletionTimestamp = &object.Time{Time: today}
	made := create(t, s, theirs)
	meta := made.Meta
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if !uuid.MatchString(meta.UID) ||
		meta.ResourceVersion != "1" || meta.Generation != 1 || !meta.CreationTimestamp.Equal(today) ||
		meta.DeletionTimestamp != nil || made.Spec.RestartPolicy != "Always" {
		t.Errorf("it is %+v", made)
	}
	if theirs.UID != "mine" {
		t.Error("the caller's object was changed")
	}
	got, err := s.Get(background, object.Pods, "meadow", "web-0")
	testkit.Must(t, err)
	if !reflect.DeepEqual(got, object.Object(made)) {
		t.Errorf("kept is %+v, not %+v", got, made)
	}
}

func TestErrorsAreTypedAndInKubernetesWords(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	made := create(t, s, pod("web-0"))
	stale := object.Clone(made)
	made.Labels["a"] = "b"
	_, err := s.Update(background, made)
	testkit.Must(t, err)
	other := object.Clone(stale)
	other.ResourceVersion, other.UID = "", "another"
	invalid := pod("web-0")
	invalid.Spec.RestartPolicy = "Sometimes"
	for _, c := range []struct {
		do     func() (object.Object, error)
		reason error
		text   string
	}{
		{func() (object.Object, error) { return s.Create(background, pod("web-0")) }, ErrExists,
			`pods "web-0" already exists`},
		{func() (object.Object, error) { return s.Update(background, stale) }, ErrConflict,
			`Operation cannot be fulfilled on pods "web-0": the object has been modified; please apply your changes ` +
				`to the latest version and try again`},
		{func() (object.Object, error) { return s.Update(background, other) }, ErrConflict,
			`Operation cannot be fulfilled on pods "web-0": Precondition failed: UID in precondition: another, ` +
				`UID in object meta: ` + made.UID},
		{func() (object.Object, error) { return s.Update(background, pod("web-1")) }, ErrNotFound,
			`pods "web-1" not found`},
		{func() (object.Object, error) { return s.Get(background, object.Deployments, "meadow", "web") }, ErrNotFound,
			`deployments.apps "web" not found`},
		{func() (object.Object, error) {
			return s.Delete(background, object.Pods, "meadow", "web-0", DeleteOptions{ResourceVersion: "1"})
		}, ErrConflict, `Operation cannot be fulfilled on pods "web-0": the object has been modified`},
		{func() (object.Object, error) {
			return s.Delete(background, object.Pods, "hill", "web-0", DeleteOptions{})
		}, ErrNotFound, `pods "web-0" not found`},
		{func() (object.Object, error) { return s.Update(background, invalid) }, nil,
			`Pod "web-0" is invalid: [spec.restartPolicy: Unsupported value: "Sometimes"`},
	} {
		_, err := c.do()
		if err == nil || !strings.HasPrefix(err.Error(), c.text) || c.reason != nil && !errors.Is(err, c.reason) {
			t.Errorf("got %v, want %s", err, c.text)
		}
	}
	if s.Revision() != 2 {
		t.Errorf("the revision is %d after two changes", s.Revision())
	}
}

func TestGenerationCountsWhatIsWanted(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	create(t, s, &object.Deployment{Meta: object.Meta{Name: "web", Namespace: "meadow"},
		Spec: object.DeploymentSpec{Selector: object.LabelSelector{MatchLabels: map[string]string{"a": "b"}},
			Template: object.PodTemplate{Meta: object.Meta{Labels: map[string]string{"a": "b"}}, Spec: pod("").Spec}}})
	for step, want := range []int64{1, 2, 2} {
		obj, err := s.Modify(background, object.Deployments, "meadow", "web", func(obj object.Object) error {
			d := obj.(*object.Deployment)
			switch d.UID = ""; step {
			case 0:
				d.Status.Replicas = 1
			case 1:
				*d.Spec.Replicas = 5
			}
			return nil
		})
		testkit.Must(t, err)
		if meta := obj.GetMeta(); meta.Generation != want || meta.UID == "" {
			t.Errorf("step %d: %+v", step, meta)
		}
	}
	if s.Revision() != 3 {
		t.Errorf("the revision is %d: what changes nothing is a change", s.Revision())
	}
}

func TestGeneratedNamesAreTriedUntilOneIsFree(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	made := settings("", "x")
	made.GenerateName = "settings-"
	names := map[string]bool{}
	for range 50 {
		name := create(t, s, made).Name
		if names[name] || !regexp.MustCompile(`^settings-[bcdfghjklmnpqrstvwxz2456789]{5}$`).MatchString(name) {
			t.Errorf("a name is %s", name)
		}
		names[name] = true
	}
	if name := generateName(strings.Repeat("a", 70)); len(name) != 63 {
		t.Errorf("%s has %d characters", name, len(name))
	}
}

func TestObjectStaysUntilItsFinalizersAndItsGraceAreOver(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	del := func(grace time.Duration) *object.Pod {
		obj, err := s.Delete(background, object.Pods, "meadow", "web-0", DeleteOptions{Grace: grace})
		testkit.Must(t, err)
		return obj.(*object.Pod)
	}
	there := func() bool {
		_, err := s.Get(background, object.Pods, "meadow", "web-0")
		return err == nil
	}
	made := pod("web-0")
	made.Finalizers = []string{"example.org/wool"}
	create(t, s, made)
	if marked := del(30 * time.Second); !marked.DeletionTimestamp.Equal(today.Add(30*time.Second)) ||
		*marked.DeletionGracePeriodSeconds != 30 || marked.Generation != 2 || marked.ResourceVersion != "2" {
		t.Errorf("marked it is %+v", marked.Meta)
	}
	if again := del(40 * time.Second); again.ResourceVersion != "2" {
		t.Errorf("a longer grace has changed it: %+v", again.Meta)
	}
	if now := del(0); *now.DeletionGracePeriodSeconds != 0 || !there() {
		t.Errorf("with a finalizer it is %+v", now.Meta)
	}
	_, err := s.Modify(background, object.Pods, "meadow", "web-0", func(obj object.Object) error {
		obj.GetMeta().Finalizers = nil
		return nil
	})
	if err != nil || there() {
		t.Errorf("without finalizers it is there: %v, %v", there(), err)
	}
	create(t, s, pod("web-0"))
	if del(time.Second); !there() {
		t.Error("it went before its agent was done")
	}
	if del(0); there() {
		t.Error("it is there though its agent was done")
	}
}

func TestModifyIsCalledAgainWhenAnotherWasFaster(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	create(t, s, settings("a", "0"))
	calls := 0
	increment := func(obj object.Object) error {
		c := obj.(*object.ConfigMap)
		n, err := strconv.Atoi(c.Data["a"])
		c.Data["a"] = strconv.Itoa(n + 1)
		return err
	}
	obj, err := s.Modify(background, object.ConfigMaps, "meadow", "a", func(obj object.Object) error {
		if calls++; calls == 1 {
			if _, err := s.Modify(background, object.ConfigMaps, "meadow", "a", increment); err != nil {
				return err
			}
		}
		return increment(obj)
	})
	if err != nil || calls != 2 || obj.(*object.ConfigMap).Data["a"] != "2" {
		t.Errorf("after %d calls: %+v, %v", calls, obj, err)
	}
	if _, err := s.Modify(background, object.ConfigMaps, "meadow", "a", func(object.Object) error {
		return errors.ErrUnsupported
	}); err != errors.ErrUnsupported {
		t.Errorf("its error comes back as %v", err)
	}
}

func TestPagesOfAListAreFromOneRevision(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	var want []string
	for _, name := range []string{"b", "d", "f", "h"} {
		create(t, s, settings(name, "old"))
		want = append(want, name+" old")
	}
	create(t, s, &object.ConfigMap{Meta: object.Meta{Name: "a", Namespace: "hill"}})
	random := rand.New(rand.NewPCG(1, 2))
	var got []string
	o := ListOptions{Namespace: "meadow", Limit: 1}
	for page := 0; ; page++ {
		list, err := s.List(background, object.ConfigMaps, o)
		testkit.Must(t, err)
		for _, obj := range list.Objects {
			got = append(got, obj.GetMeta().Name+" "+obj.(*object.ConfigMap).Data["a"])
		}
		if list.Revision != 5 || list.Left != 3-page {
			t.Errorf("page %d is of revision %d, %d are left", page, list.Revision, list.Left)
		}
		if o.Continue = list.Continue; o.Continue == "" {
			break
		}
		// Meanwhile each is changed, removed, or made.
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i"} {
			c := settings(name, "new"+strconv.Itoa(page))
			switch random.IntN(3) {
			case 0:
				s.Create(background, c)
			case 1:
				s.Update(background, c)
			case 2:
				s.Delete(background, object.ConfigMaps, "meadow", name, DeleteOptions{})
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the pages have %q, not %q", got, want)
	}
}

func TestListsAreSelected(t *testing.T) {
	s := opened(t, t.TempDir(), Options{})
	for n := range 5 {
		p := pod("web-" + strconv.Itoa(n))
		p.Labels["even"] = strconv.FormatBool(n%2 == 0)
		create(t, s, p)
	}
	elsewhere := pod("web-9")
	elsewhere.Namespace = "meadow2" // which begins as the other does
	create(t, s, elsewhere)
	for _, c := range []struct {
		o    ListOptions
		l, f string
		want string
		left int
	}{
		{ListOptions{}, "", "", "web-0 web-1 web-2 web-3 web-4 web-9", 0},
		{ListOptions{Namespace: "meadow"}, "even=true", "", "web-0 web-2 web-4", 0},
		{ListOptions{Namespace: "meadow"}, "", "metadata.name=web-3", "web-3", 0},
		{ListOptions{Limit: 2}, "even=true", "", "web-0 web-2", -1},
		{ListOptions{Limit: 2}, "", "", "web-0 web-1", 4},
		{ListOptions{Limit: 6}, "", "", "web-0 web-1 web-2 web-3 web-4 web-9", 0},
		{ListOptions{Namespace: "none"}, "", "", "", 0},
	} {
		var err error
		c.o.Selector, err = object.ParseSelector(object.Pods, c.l, c.f)
		testkit.Must(t, err)
		list, err := s.List(background, object.Pods, c.o)
		testkit.Must(t, err)
		var names []string
		for _, obj := range list.Objects {
			names = append(names, obj.GetMeta().Name)
		}
		if got := strings.Join(names, " "); got != c.want || list.Left != c.left || list.Objects == nil {
			t.Errorf("%+v %s %s: %s, %d left", c.o, c.l, c.f, got, list.Left)
		}
	}
}

func TestTokenThatIsNoneIsRefused(t *testing.T) {
	s := opened(t, t.TempDir(), Options{Changes: 3})
	for n := range 9 {
		create(t, s, settings(strconv.Itoa(n), ""))
	}
	for token, want := range map[string]error{
		"%": ErrContinue, "e30": ErrContinue, strings.Repeat("a", maxToken+1): ErrContinue,
		page{9, "hill/a"}.token(): ErrContinue, page{0, "meadow/a"}.token(): ErrContinue,
		page{5, "meadow/a"}.token(): ErrGone, page{10, "meadow/a"}.token(): ErrFuture, page{6, "meadow/a"}.token(): nil,
	} {
		_, err := s.List(background, object.ConfigMaps, ListOptions{Namespace: "meadow", Continue: token})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", token, err, want)
		}
	}
}

func FuzzToken(f *testing.F) {
	f.Add(page{1, "meadow/a"}.token(), "meadow/")
	f.Fuzz(func(t *testing.T, token, prefix string) {
		if p, err := parsePage(token, prefix); err == nil && (p.Revision == 0 || !strings.HasPrefix(p.Start, prefix)) {
			t.Errorf("%s is %+v", token, p)
		}
	})
}

func TestEventsAreBoundedAndTheOldestGo(t *testing.T) {
	dir := t.TempDir()
	event := func(n int) *object.Event {
		return &object.Event{Meta: object.Meta{Name: fmt.Sprintf("e-%d", n), Namespace: "meadow"},
			InvolvedObject: object.Reference{Kind: "Pod", Name: strings.Repeat("n", 40_000), Namespace: "meadow"}}
	}
	names := func(s *Store) string {
		list, err := s.List(background, object.Events, ListOptions{})
		testkit.Must(t, err)
		var names []string
		for _, obj := range list.Objects {
			names = append(names, obj.GetMeta().Name)
		}
		return strings.Join(names, " ")
	}
	s := opened(t, dir, Options{Events: 3})
	for n := range 4 { // all at the same nanosecond
		create(t, s, event(n))
	}
	if got := names(s); got != "e-1 e-2 e-3" {
		t.Errorf("there are %s", got)
	}
	_, err := s.Modify(background, object.Events, "meadow", "e-1", func(obj object.Object) error {
		obj.(*object.Event).Count = 2
		return nil
	})
	testkit.Must(t, err)
	_, err = s.Delete(background, object.Events, "meadow", "e-2", DeleteOptions{})
	testkit.Must(t, err)
	create(t, s, event(2)) // another of that name: it is the youngest now, and e-1 is too much
	testkit.Must(t, s.Close())
	s = opened(t, dir, Options{Events: 3})
	create(t, s, event(5)) // what it displaces is the first e-2, which is gone
	if got := names(s); got != "e-2 e-3 e-5" {
		t.Errorf("there are %s", got)
	}
	if _, err := s.Get(background, object.Events, "meadow", "e-0"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the oldest: %v", err)
	}
}
