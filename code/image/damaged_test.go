//go:build linux && !vm

package image

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// A disk that was full, or an editor, damages one file: all other images are as good as before.
func TestDamagedImageIsInNobodysWay(t *testing.T) {
	for name, content := range map[string]string{
		"cut": `{"id":`, "empty": "", "of another form": "[]", "with a name that is none": `{"names":[{"ref":"A B"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			var notes []error
			s.Note = func(err error) { notes = append(notes, err) }
			hurt, whole := importFiles(t, s, "hurt", "a", "1"), importFiles(t, s, "whole", "a", "2")
			file := filepath.Join(s.dir, hurt.ID, manifestName)
			testkit.Must(t, os.WriteFile(file, []byte(content), 0o600))
			if found, err := s.Find("whole"); err != nil || found.ID != whole.ID || len(notes) > 0 {
				t.Errorf("find whole: %v, %v, notes %v", found, err, notes)
			}
			if listed, err := s.List(); err != nil || len(listed) != 1 || len(notes) != 1 {
				t.Errorf("list: %v, %v, notes %v", listed, err, notes)
			}
			var missing *NotFoundError
			if _, err := s.Find("hurt"); !errors.As(err, &missing) || len(notes) != 1 {
				t.Errorf("find hurt: %v, notes %v", err, notes)
			}
			var damage *DamagedError
			if _, err := s.Find(hurt.ID[:5]); !errors.As(err, &damage) || damage.File != file || damage.ID != hurt.ID {
				t.Errorf("find %s: %v", hurt.ID, err)
			}
			// To make it again mends it, and so does removing it.
			again := importFiles(t, s, "hurt", "a", "1")
			if found, err := s.Find("hurt"); err != nil || found.ID != again.ID || found.Size != hurt.Size {
				t.Errorf("made again: %+v, %v", found, err)
			}
			testkit.Must(t, os.WriteFile(file, []byte(content), 0o600))
			testkit.Must(t, s.Remove(hurt.ID, func(Image) error { return nil }))
			expectNames(t, s, "whole:latest")
		})
	}
}
