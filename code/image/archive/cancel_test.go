//go:build linux && !vm

package archive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// expectPrompt runs an operation whose context ends soon. It would take minutes by itself.
func expectPrompt(t *testing.T, operation func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := operation(ctx)
	var refused *EntryError
	if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &refused) || time.Since(start) > 20*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

func TestCancelledUnpackingEndsInTheMiddleOfAFile(t *testing.T) {
	needsRoot(t)
	target, err := Open(t.TempDir(), Limits{})
	testkit.Must(t, err)
	defer target.Close()
	archive := sparse1(t, "1000000000000") // there is little to read of it, and much to write
	expectPrompt(t, func(ctx context.Context) error {
		_, err := target.Apply(ctx, bytes.NewReader(archive))
		return err
	})
}

func TestCancelledUnpackingEndsBehindTheEndMarker(t *testing.T) {
	needsRoot(t)
	target, err := Open(t.TempDir(), Limits{})
	testkit.Must(t, err)
	defer target.Close()
	expectPrompt(t, func(ctx context.Context) error {
		_, err := target.Apply(ctx, io.MultiReader(bytes.NewReader(pack(t, file("a", ""))), zeros{}))
		return err
	})
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(buffer []byte) (int, error) {
	clear(buffer)
	return len(buffer), nil
}

func TestCancelledPackingEndsInTheMiddleOfAFile(t *testing.T) {
	dir := t.TempDir()
	testkit.Must(t, os.WriteFile(filepath.Join(dir, "hole"), nil, 0o600))
	testkit.Must(t, os.Truncate(filepath.Join(dir, "hole"), 1_000_000_000_000))
	expectPrompt(t, func(ctx context.Context) error {
		return Pack(ctx, dir, io.Discard, func(int64) {})
	})
}
