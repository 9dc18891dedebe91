//go:build linux && !vm

package image

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
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

// Docker calls the shortest the familiar name (distribution/reference, FamiliarName).
func TestAllWaysToWriteANameAreOne(t *testing.T) {
	for text, want := range map[string]string{
		"web": "web:latest", "library/web": "web:latest", "docker.io/web": "web:latest",
		"docker.io/library/web:v1": "web:v1", "index.docker.io/library/web": "web:latest",
		"docker.io/team/web": "team/web:latest", "team/web:v1": "team/web:v1",
		"docker.io/library/a/b": "library/a/b:latest", "localhost/library/web": "localhost/library/web:latest",
		"example.org/library/web":           "example.org/library/web:latest",
		"docker.io/localhost/web":           "docker.io/localhost/web:latest",
		"docker.io.example.org/library/web": "docker.io.example.org/library/web:latest",
	} {
		if ref, err := parseReference(text); err != nil || ref.String() != want {
			t.Errorf("%s is %v (%v), not %s", text, ref, err, want)
		}
	}
	s := open(t)
	long, short := importFiles(t, s, "docker.io/library/web", "a", "1"), importFiles(t, s, "lamb", "a", "2")
	for ref, want := range map[string]string{"web": long.ID, "docker.io/lamb:latest": short.ID} {
		if found, err := s.Find(ref); err != nil || found.ID != want {
			t.Errorf("find %s: %+v, %v", ref, found, err)
		}
	}
	// As it was written before.
	file := filepath.Join(s.dir, long.ID, manifestName)
	content, err := os.ReadFile(file)
	testkit.Must(t, err)
	testkit.Must(t, os.WriteFile(file, bytes.ReplaceAll(content, []byte(`"web:latest"`),
		[]byte(`"docker.io/library/web:latest"`)), 0o600))
	expectNames(t, s, "lamb:latest", "web:latest")
	testkit.Must(t, s.Remove("web", func(Image) error { return nil }))
	expectNames(t, s, "lamb:latest")
}
