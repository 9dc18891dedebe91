//go:build linux

package container

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

func TestVolumesBelowOthersAreSeenInAnyOrder(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	for _, name := range []string{"inner", "outer", "etc"} {
		testkit.Must(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		testkit.Must(t, os.WriteFile(filepath.Join(dir, name, name), []byte(name+"\n"), 0o644))
	}
	o := options("cat /x/outer /x/y/inner /etc/etc; head -n1 /etc/hosts; cat /etc/hostname; " +
		"grep -c ^name /etc/resolv.conf")
	o.Hostname = "ewe"
	o.Binds = append(o.Binds, bind(dir+"/inner", "/x/y/", false), bind(dir+"/outer", "/x", false),
		bind(dir+"/etc", "/etc", false))
	_, got := w.run(o, "")
	if !strings.HasPrefix(got.out, "outer\ninner\netc\n127.0.0.1\tlocalhost\newe\n") || got.code != 0 {
		t.Errorf("run gives %+v", got)
	}
	// Where the runtime's own files have no place, the container goes without them.
	fixed := t.TempDir()
	testkit.Must(t, os.Symlink("/nowhere", fixed+"/hosts"))
	o = options("ls /etc")
	o.Binds = append(o.Binds, bind(fixed, "/etc", true))
	if _, got := w.run(o, ""); got.out != "hosts\n" || got.code != 0 {
		t.Errorf("run with an /etc that is read-only gives %+v", got)
	}
	// A file of the user's own goes before the runtime's.
	o = options("cat /etc/hosts; cat /etc/hostname")
	o.Hostname = "ewe"
	o.Binds = append(o.Binds, bind(dir+"/etc/etc", "/etc/hosts", true))
	if _, got := w.run(o, ""); got.out != "etc\newe\n" || got.code != 0 {
		t.Errorf("run with hosts of its own gives %+v", got)
	}
}

// Docker and runc have /tmp on the root filesystem: what an image has there is seen, it may be a link, what is written
// does not count as memory, and it is there after a stop.
func TestTmpIsOnTheRootFilesystem(t *testing.T) {
	w := newWorld(t)
	state, got := w.run(options("[ -e /tmp/kept ] && cat /tmp/kept && exit; "+
		"mkdir -p /var/tmp && ln -s var/tmp /tmp && echo wool >/tmp/kept"), "")
	if got.code != 0 {
		t.Fatalf("run gives %+v", got)
	}
	if got := w.runAgain(state.ID, ""); got.out != "wool\n" || got.code != 0 {
		t.Errorf("the second run gives %+v", got)
	}
	o := options("echo x >/tmp/x && ls /tmp && df /tmp | tail -n1 | cut -c1-5")
	o.Tmpfs = []rootfs.Tmpfs{{Target: "/tmp"}}
	if _, got := w.run(o, ""); got.out != "x\ntmpfs\n" {
		t.Errorf("with a tmpfs run gives %+v", got)
	}
}

// Docker calls it a duplicate mount point.
func TestTwoVolumesOnOneTargetAreRefused(t *testing.T) {
	w := newWorld(t)
	o := options("true")
	o.Binds = append(o.Binds, bind("/a", "/x", false), bind("/b", "/y", false), bind("/c", "/z/../x/", false))
	_, err := w.Create(context.Background(), o)
	var refused *OptionError
	if !errors.As(err, &refused) || refused.Field != "binds" || !strings.Contains(err.Error(), "/c:/z/../x/") {
		t.Errorf("create: %v", err)
	}
	for _, target := range []string{"/x/", "/t", "/"} {
		o = options("true")
		o.Binds = append(o.Binds, bind("/a", "/x", false))
		o.Tmpfs = []rootfs.Tmpfs{{Target: "/t"}, {Target: target}}
		_, err := w.Create(context.Background(), o)
		if !errors.As(err, &refused) || refused.Field != "tmpfs" || !strings.Contains(err.Error(), target) {
			t.Errorf("create with %v: %v", o.Tmpfs, err)
		}
	}
}

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
