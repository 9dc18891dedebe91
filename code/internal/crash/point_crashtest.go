//go:build crashtest && linux

package crash

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// Enabled reports whether points can kill and stop in this build.
const Enabled = true

var (
	place, visit = parse(os.Getenv(Variable))
	visits       atomic.Int64
	pause        = os.Getenv(StopVariable)
)

// Point kills this process, or stops it, when the environment says so.
func Point(name string) {
	if name == pause {
		stop()
	}
	if name != place || visits.Add(1) != visit {
		return
	}
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal may reach another thread first; this one goes no further
}

// stop sends the signal to this very thread, so that it does not get on before the others stop it.
func stop() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	unix.Tgkill(os.Getpid(), unix.Gettid(), syscall.SIGSTOP)
}

// parse takes "name" or "name:n" apart.
func parse(text string) (string, int64) {
	name, number, counted := strings.Cut(text, ":")
	if !counted {
		return name, 1
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		panic(fmt.Sprintf("%s=%s: what follows the colon is not a number from 1", Variable, text))
	}
	return name, n
}
