//go:build linux

package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

func TestLockedFileIsWaitedForAndItsHolderNamed(t *testing.T) {
	dir := t.TempDir()
	cmd := again("hold", dir)
	in, err := cmd.StdinPipe()
	testkit.Must(t, err)
	out, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("it says %q, %v", line, err)
	}
	began := time.Now()
	_, err = Open(dir, Options{})
	var locked *LockedError
	if !errors.As(err, &locked) || !errors.Is(err, durable.ErrLocked) || locked.Holder.PID != cmd.Process.Pid ||
		!strings.Contains(err.Error(), fmt.Sprintf("shepherd.db: process %d (/proc/self/exe hold ", cmd.Process.Pid)) {
		t.Errorf("the second is told %v", err)
	}
	if waited := time.Since(began); waited < lockPatience*9/10 {
		t.Errorf("it waited for %v", waited)
	}
	in.Close()
	testkit.Must(t, cmd.Wait())
	opened(t, dir, Options{})
}

func TestWhoWaitedForAFileThatWasReplacedGetsTheNewOne(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, Options{})
	create(t, s, settings("a", ""))
	testkit.Must(t, s.Close())
	times := 0
	// Between open(2) and flock(2) another process compacts.
	open := func(path string, flag int, mode os.FileMode) (*os.File, error) {
		file, err := os.OpenFile(path, flag, mode)
		if times++; times == 1 && err == nil {
			other := opened(t, dir, Options{})
			err = errors.Join(other.Compact(), other.Close())
		}
		return file, err
	}
	db, err := lockedOpen(s.path, bolt.Options{OpenFile: open})
	testkit.Must(t, err)
	defer db.Close()
	here, err := os.Stat(s.path)
	testkit.Must(t, err)
	if times != 2 || !durable.Held(s.path) || here.Size() == 0 {
		t.Errorf("it was opened %d times, locked: %v", times, durable.Held(s.path))
	}
}

func TestForeignFileIsRefusedAndLeftAsItIs(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.db")
	db, err := bolt.Open(other, 0o600, nil)
	testkit.Must(t, err)
	testkit.Must(t, db.Update(func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("wolves")); return err }))
	testkit.Must(t, db.Close())
	database, err := os.ReadFile(other)
	testkit.Must(t, err)
	newer := opened(t, t.TempDir(), Options{})
	testkit.Must(t, newer.db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(ownBucket).Put(formatKey, []byte("2"))
	}))
	testkit.Must(t, newer.Close())
	next, err := os.ReadFile(newer.path)
	testkit.Must(t, err)
	for want, content := range map[string][]byte{
		"no database of bbolt":                      []byte("a text"),
		"no database of bbolt, or none":             bytes.Repeat([]byte{0}, 1<<16),
		"not a store of Shepherd: it is another":    database,
		`that is known: its format is "2", not "1"`: next,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, Name)
		testkit.Must(t, os.WriteFile(path, content, 0o600))
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), path) {
			t.Errorf("got %v, want %s", err, want)
		}
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, content) {
			t.Errorf("%s: the file was changed, %v", want, err)
		}
	}
	dir := t.TempDir()
	testkit.Must(t, os.Mkdir(filepath.Join(dir, Name), 0o700))
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrForeign) {
		t.Errorf("a directory: %v", err)
	}
}

// A page has its checksum only if a commit begins with it, so damage that keeps the structure is not found at once. But
// it ends no process: it makes an error, when the file is opened or when the object is read.
func TestDamagedFileIsRefusedOrReadAsFarAsItGoes(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir, Options{})
	for n := range 60 {
		create(t, s, settings(fmt.Sprintf("s-%02d", n), strings.Repeat("x", 300)))
	}
	var used int // the file grows in larger steps
	testkit.Must(t, s.view(func(tx *bolt.Tx) error { used = int(tx.Size()); return nil }))
	testkit.Must(t, s.Close())
	whole, err := os.ReadFile(s.path)
	testkit.Must(t, err)
	random := rand.New(rand.NewPCG(3, 4))
	page := os.Getpagesize()
	refused := 0
	for round := range 150 {
		broken := bytes.Clone(whole)
		what := ""
		switch at := 2*page + random.IntN(used-2*page); round % 3 {
		case 0:
			at = at / page * page
			what = fmt.Sprintf("page %d is zeros", at/page)
			clear(broken[at : at+page])
		case 1:
			at = at / page * page
			what = fmt.Sprintf("the head of page %d is noise", at/page)
			for i := range 64 {
				broken[at+i] = byte(random.Uint32())
			}
		case 2:
			what = fmt.Sprintf("it ends at %d", at)
			broken = broken[:at]
		}
		testkit.Must(t, os.WriteFile(s.path, broken, 0o600))
		again, err := Open(dir, Options{})
		if err != nil {
			if refused++; !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrForeign) {
				t.Errorf("%s: %v", what, err)
			}
			if now, err := os.ReadFile(s.path); err != nil || !bytes.Equal(now, broken) {
				t.Errorf("%s: the file was changed, %v", what, err)
			}
			continue
		}
		list, err := again.List(background, object.ConfigMaps, ListOptions{})
		if err == nil && len(list.Objects) != 60 || err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
		testkit.Must(t, again.Close())
	}
	if refused < 50 {
		t.Errorf("only %d of 150 were refused", refused)
	}
}
