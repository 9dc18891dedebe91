//go:build linux && !vm

package image

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// expectCancelled sees that an operation ended because of its context, and that nothing half done stays.
func expectCancelled(t *testing.T, s *Store, err error, names ...string) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	expectNames(t, s, names...)
	entries, err := os.ReadDir(filepath.Join(s.dir, stagingName))
	if err != nil || len(entries) > 0 {
		t.Errorf("there remain %v (%v)", entries, err)
	}
}

// canceller is a progress that cancels when a piece of work starts.
type canceller struct {
	at     string
	cancel context.CancelFunc
}

func (c canceller) Start(what string, _ int64) {
	if strings.HasPrefix(what, c.at) {
		c.cancel()
	}
}
func (canceller) Advance(int64) {}
func (canceller) Done()         {}

func TestCancelledImportDoesNotWaitForAPipe(t *testing.T) {
	s := open(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	testkit.Must(t, unix.Mkfifo(pipe, 0o600))
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := s.ImportFile(ctx, pipe, "web", nil)
	expectCancelled(t, s, err)
}

func TestCancelledBootstrapLooksForNothing(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := s.Bootstrap(ctx, "host", []string{"no-such-program"}, nil)
	expectCancelled(t, s, err)
}

func TestCancelledBuildIsNotPutInPlace(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := s.build(ctx, reference{"web", defaultTag}, func(b *builder) error {
		cancel()
		return nil
	})
	expectCancelled(t, s, err)
	stage, err := s.stage()
	testkit.Must(t, err)
	_, err = s.commit(ctx, stage, Image{ID: "0123456789ab"}, reference{"web", defaultTag})
	testkit.Must(t, stage.remove())
	expectCancelled(t, s, err)
}

func TestCancelledPullLeavesNothing(t *testing.T) {
	host := serve(t, nil)
	var l layout
	upload(t, host, "web", "latest", l, l.image(someConfig, gzipped, twoLayers...))
	for _, at := range []string{"pull", "unpack layer 1", "unpack layer 2"} {
		s := open(t)
		ctx, cancel := context.WithCancel(context.Background())
		_, err := s.Pull(ctx, host+"/web", canceller{at, cancel}, false)
		expectCancelled(t, s, err)
	}
}

func TestCancelledPushLeavesNothing(t *testing.T) {
	host := serve(t, nil)
	s := open(t)
	ref := host + "/web:latest"
	image := importFiles(t, s, ref, "a", "b")
	testkit.Must(t, os.Truncate(filepath.Join(image.Rootfs, "a"), 1_000_000_000_000)) // minutes to pack
	for _, at := range []string{"pack", "never"} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(200*time.Millisecond, cancel)
		_, err := s.Push(ctx, ref, canceller{at, cancel}, false)
		expectCancelled(t, s, err, ref)
	}
}
