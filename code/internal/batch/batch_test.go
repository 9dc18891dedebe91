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
		case <-time.After(20 * time.Second):
			return errors.New("the others have not begun")
		}
	}, func(name string) { done = append(done, name) })
	if err != nil || !slices.Equal(done, names) {
		t.Errorf("done are %q, %v", done, err)
	}
}
