//go:build linux && !vm

package image

import (
	"errors"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestTagGivesAnImageOneMoreName(t *testing.T) {
	s := open(t)
	one, two := importFiles(t, s, "one", "a", "1"), importFiles(t, s, "two", "a", "2")
	tagged, err := s.Tag("one", "localhost:5000/flock/one:v1")
	if err != nil || tagged.ID != one.ID || tagged.Ref() != "localhost:5000/flock/one:v1" {
		t.Errorf("tagged: %+v, %v", tagged, err)
	}
	expectNames(t, s, "localhost:5000/flock/one:v1", "one:latest", "two:latest")
	// A name is of one image: the last that got it.
	_, err = s.Tag(two.ID, "one")
	testkit.Must(t, err)
	if found, err := s.Find("one"); err != nil || found.ID != two.ID {
		t.Errorf("one is %+v, %v", found, err)
	}
	_, err = s.Tag("two", "two")
	testkit.Must(t, err)
	expectNames(t, s, "localhost:5000/flock/one:v1", "one:latest", "two:latest")
	if _, err := s.Tag("three", "four"); !errors.As(err, new(*NotFoundError)) {
		t.Errorf("an image that is not there: %v", err)
	}
	if _, err := s.Tag("one", "A B"); !errors.As(err, new(*NameError)) {
		t.Errorf("a name that is none: %v", err)
	}
}
