//go:build crashtest && linux && !vm

package image

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testcrash"
)

func init() {
	probes["import"] = func(dir string) error {
		s, err := Open(dir)
		if err == nil {
			_, err = s.Import(context.Background(), bytes.NewReader(packed("a", "new")), "web", nil)
		}
		return err
	}
	probes["import saved"] = func(dir string) error {
		s, err := Open(dir)
		if err == nil {
			archive := saved(nil, Config{}, packed("a", "1"), packed("a", "2"))
			_, err = s.Import(context.Background(), bytes.NewReader(archive), "web", nil)
		}
		return err
	}
	probes["pull"] = func(dir string) error {
		s, err := Open(dir)
		if err == nil {
			_, err = s.Pull(context.Background(), os.Getenv("SHEEP_TEST_IMAGE"), nil, false)
		}
		return err
	}
	probes["remove"] = func(dir string) error {
		s, err := Open(dir)
		if err == nil {
			err = s.Remove("web", func(Image) error { return nil })
		}
		return err
	}
}

// crashAt runs a probe that is killed at a point.
func crashAt(t *testing.T, name, dir, point string) {
	t.Helper()
	cmd := probe(t, name, dir)
	cmd.Env = append(os.Environ(), crash.Variable+"="+point)
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%s was not killed at %s: %v", name, point, err)
	}
}

// The points that commands pass. After those that are true it is done, after the others it is not.
var (
	importing = map[string]bool{
		"image/stage": false, "image/unpack": false, "image/manifest": false, "image/sync": false,
		"image/rename": true, "image/commit": true, "image/unname": true,
		durable.PointWritten: true, durable.PointSynced: true, durable.PointRenamed: true,
	}
	bundled  = []string{"image/unpack", "image/unbundle", "image/layer", "image/layer:2", "image/manifest"}
	pulling  = []string{"image/stage", "image/fetch", "image/layer", "image/manifest"}
	removing = map[string]bool{"image/remove/stage": false, "image/remove/rename": true}
)

func TestNoPointIsForgotten(t *testing.T) {
	tested := slices.Concat(slices.Collect(maps.Keys(importing)), slices.Collect(maps.Keys(removing)), bundled, pulling)
	for _, point := range testcrash.Points(t, ".", "../internal/durable") {
		if !slices.Contains(tested, point) {
			t.Errorf("no command is killed at %s", point)
		}
	}
}

func TestImportKilledAnywhereIsDoneOrNot(t *testing.T) {
	for point, done := range importing {
		t.Run(strings.ReplaceAll(point, "/", "-"), func(t *testing.T) {
			s := open(t)
			old := importFiles(t, s, "web", "a", "old")
			crashAt(t, "import", s.dir, point)
			_, err := Open(s.dir)
			testkit.Must(t, err)
			image, err := s.Find("web")
			testkit.Must(t, err)
			if got := image.ID != old.ID; got != done {
				t.Errorf("the name moved: %v, not %v", got, done)
			}
			want := "old"
			if done {
				want = "new"
				expectNames(t, s, old.ID, "web:latest")
			} else {
				expectNames(t, s, "web:latest")
			}
			if content, err := os.ReadFile(filepath.Join(image.Rootfs, "a")); string(content) != want {
				t.Errorf("the file holds %q (%v)", content, err)
			}
			if again := importFiles(t, s, "web", "a", "new"); again.ID == old.ID {
				t.Error("the next import changed nothing")
			}
		})
	}
}

func TestBundleKilledAnywhereLeavesNothing(t *testing.T) {
	for _, point := range bundled {
		t.Run(point, func(t *testing.T) {
			s := open(t)
			crashAt(t, "import saved", s.dir, point)
			_, err := Open(s.dir)
			testkit.Must(t, err)
			expectNames(t, s)
		})
	}
}

func TestPullKilledLeavesNothing(t *testing.T) {
	host := serve(t, nil)
	var l layout
	upload(t, host, "web", "latest", l, l.image(someConfig, gzipped, twoLayers...))
	t.Setenv("SHEEP_TEST_IMAGE", host+"/web")
	for _, point := range pulling {
		t.Run(point, func(t *testing.T) {
			s := open(t)
			crashAt(t, "pull", s.dir, point)
			_, err := Open(s.dir)
			testkit.Must(t, err)
			expectNames(t, s)
		})
	}
}

func TestRemoveKilledAnywhereIsDoneOrNot(t *testing.T) {
	for point, done := range removing {
		t.Run(point, func(t *testing.T) {
			s := open(t)
			importFiles(t, s, "web", "a", "old")
			crashAt(t, "remove", s.dir, point)
			_, err := Open(s.dir)
			testkit.Must(t, err)
			if done {
				expectNames(t, s)
			} else {
				expectNames(t, s, "web:latest")
			}
		})
	}
}
