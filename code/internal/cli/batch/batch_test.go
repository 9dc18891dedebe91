package batch

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

// way is Each, or Together.
type way func([]string, func(string) (int, error), func(int) error, func(string)) error

func TestOneThatFailsIsNotInTheWayOfTheOthers(t *testing.T) {
	find := func(name string) (int, error) {
		if name == "nothing" {
			return 0, errors.New("there is nothing")
		}
		return len(name), nil
	}
	do := func(length int) error {
		if length == 3 {
			return errors.New("bad")
		}
		return nil
	}
	for what, all := range map[string]way{"Each": Each[int], "Together": Together[int]} {
		var done []string
		err := all([]string{"a", "bad", "b", "nothing", "a"}, find, do, func(name string) { done = append(done, name) })
		if !slices.Equal(done, []string{"a", "b", "a"}) || err == nil || err.Error() != "bad\nthere is nothing" {
			t.Errorf("%s: done are %q, the error is %v", what, done, err)
		}
	}
}

func TestTogetherWaitsForNoneBeforeItBeginsTheNext(t *testing.T) {
	names := []string{"a", "b", "c"}
	var begun sync.WaitGroup
	begun.Add(len(names))
	all := make(chan struct{})
	go func() {
		begun.Wait()
		close(all)
	}()
	var done []string
	err := Together(names, Itself, func(string) error {
		begun.Done()
		select {
		case <-all:
			return nil
		case <-time.After(time.Minute):
			return errors.New("the others have not begun")
		}
	}, func(name string) { done = append(done, name) })
	if err != nil || !slices.Equal(done, names) {
		t.Errorf("done are %q, %v", done, err)
	}
}

func TestWhatIsNamedTwiceIsFoundAgainWhenTheFirstIsThrough(t *testing.T) {
	var mutex sync.Mutex
	there := map[string]bool{"web": true, "db": true}
	find := func(name string) (string, error) {
		mutex.Lock()
		defer mutex.Unlock()
		if !there[name] {
			return "", errors.New("there is no " + name)
		}
		return name, nil
	}
	remove := func(name string) error {
		time.Sleep(50 * time.Millisecond)
		mutex.Lock()
		defer mutex.Unlock()
		delete(there, name)
		return nil
	}
	var done []string
	err := Together([]string{"web", "db", "web", "web"}, find, remove, func(name string) { done = append(done, name) })
	if !slices.Equal(done, []string{"web", "db"}) || err == nil || err.Error() != "there is no web\nthere is no web" {
		t.Errorf("done are %q, the error is %v", done, err)
	}
}
