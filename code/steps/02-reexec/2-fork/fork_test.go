//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
)

// It hangs on any number of processors, and never gets further than the goroutine. That it gets so far is not certain:
// the first call of a function may be where the runtime gives this thread to another one.
func TestForkedChildHangsAtTheLatestAtItsFirstGoroutine(t *testing.T) {
	for _, processors := range []string{"1", "2", "8"} {
		t.Run(processors, func(t *testing.T) {
			t.Parallel()
			cmd := program()
			cmd.Env = append(cmd.Env, "GOMAXPROCS="+processors)
			got := run(t, cmd)
			if got.status != 0 || !strings.Contains(got.stdout, "the child is still there\n") ||
				strings.Contains(got.stdout, "I collect garbage") {
				t.Errorf("exit status %d, %s%s", got.status, got.stdout, got.stderr)
			}
			_, counts, _ := strings.Cut(got.stdout, "parent: threads of mine: ")
			var mine, child int
			if _, err := fmt.Sscanf(counts, "%d\nparent: threads of the child: %d", &mine, &child); err != nil ||
				mine < 2 || child != 1 {
				t.Errorf("%d threads, and %d in the child (%v), want several and one:\n%s", mine, child, err, got.stdout)
			}
		})
	}
}
