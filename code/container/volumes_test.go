//go:build linux

package container

import (
	"os"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// Docker's daemon, which has an umask of its own, makes them 0755.
func TestMissingSourceOfAVolumeIsMadeForAllUsers(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	testkit.Must(t, os.Chmod(dir, 0o755))
	defer syscall.Umask(syscall.Umask(0o077)) // a careful administrator's
	o := options("ls -d /data/within && touch /data/wool")
	o.User = "lamb"
	o.Binds = append(o.Binds, bind(dir+"/missing/deeper", "/data", false),
		bind(dir+"/missing/deeper/within", "/w", false))
	if _, got := w.run(o, ""); got.out != "/data/within\n" || got.code == 0 {
		t.Errorf("a user who may look and not write: %+v", got)
	}
	for _, name := range []string{"/missing", "/missing/deeper", "/missing/deeper/within"} {
		info, err := os.Stat(dir + name)
		if testkit.Must(t, err); info.Mode().Perm() != 0o755 {
			t.Errorf("%s is %v", name, info.Mode())
		}
	}
}
