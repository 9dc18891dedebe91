//go:build linux

package stdio

import (
	"errors"
	"os"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestStreamsThatCannotBeOpenedAreAnError(t *testing.T) {
	probe, err := os.Open(os.DevNull)
	testkit.Must(t, err)
	var limit syscall.Rlimit
	testkit.Must(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	first := uint64(probe.Fd())
	probe.Close()
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	for extra := range uint64(5) {
		testkit.Must(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: first + extra, Max: limit.Max}))
		if _, err := Open(Streams{}, false, false); !errors.Is(err, syscall.EMFILE) {
			t.Errorf("with room for %d files: %v", extra, err)
		}
	}
}
