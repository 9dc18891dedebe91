//go:build linux

// Package store keeps the objects of Shepherd in one file, and tells those who watch what becomes of them.
//
// The file is a bbolt database, shepherd.db. It has a bucket for each kind, pods, services, deployments and so on, with
// keys namespace/name (of nodes and namespaces: name) and the objects' JSON, and three more: shepherd has the format
// and the revision, log the latest changes, events-by-time the events in the order of time (<time>-<kind>/<name>), of
// which only so many are kept.
//
// Each change has a number, the revision, which is the resourceVersion of the object that it made. A writer that says
// which version it has seen gets [ErrConflict] if there is another since. Writers that come while others wait for the
// disk are committed together, by one transaction. When a writer is told that its change is made, it is on the disk.
//
// A [Watch] is not a queue but a place in the log, so a slow watcher costs nothing and is in nobody's way. When its
// place has fallen off the end, it is told so, by [ErrGone], and has to list again. The log is in the file as well: it
// has of each change what was there before, which is enough to go back, so watches survive a restart, and pages of a
// long list are all from one revision.
//
// # Caveats
//
//   - bbolt has checksums for the two pages with which a commit begins and for no others. A page that the disk has
//     damaged is found when its structure is damaged, or its JSON; a letter that has become another is not.
//   - A commit syncs the file twice, its data and then the page that makes them valid, and once more when it grows.
//   - The file never becomes smaller by itself: see [Store.Compact].
//   - One process has the file. There is no replication; a copy is made by [Store.Backup].
//
// See https://pkg.go.dev/go.etcd.io/bbolt, fdatasync(2), and for the semantics of versions and watches
// https://kubernetes.io/docs/reference/using-api/api-concepts/.
package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// Name is the file's name.
const Name = "shepherd.db"

// Options are how much is kept. Zero values mean the defaults.
type Options struct {
	Changes     int              // in the log; 10,000
	ChangeBytes int              // of objects in the log; 64 MiB
	Events      int              // 10,000
	FileBytes   int              // how large the file may become; without a limit
	Now         func() time.Time // time.Now
}

func (o Options) withDefaults() Options {
	orElse := func(n *int, value int) {
		if *n <= 0 {
			*n = value
		}
	}
	orElse(&o.Changes, 10_000)
	orElse(&o.ChangeBytes, 64<<20)
	orElse(&o.Events, 10_000)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Store is an open file. Its methods may be called from any goroutine.
type Store struct {
	path    string
	options Options
	log     *log

	maintenance sync.Mutex // one backup or compaction at a time
	commits     sync.Mutex // one commit at a time
	swap        sync.RWMutex
	db          *bolt.DB // changed by a compaction, under swap

	// Of the commits:
	revision uint64
	events   eventIndex
	failed   error

	queue    queue
	finished chan struct{}
}

// Open opens the file in a directory, and makes both if they are not there. If another process has the file, Open waits
// for a second and returns a [LockedError]. A file that is damaged, or another program's, is refused and left as it is.
func Open(dir string, options Options) (*Store, error) {
	s := &Store{path: filepath.Join(dir, Name), options: options.withDefaults(), finished: make(chan struct{})}
	s.queue.wake = make(chan struct{}, 1)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open the store %s: %w", s.path, err)
	}
	go s.commitAll()
	return s, nil
}

func (s *Store) open() error {
	if err := ensureFile(s.path); err != nil {
		return err
	}
	if err := inspect(s.path); err != nil {
		return err
	}
	db, err := openFile(s.path, s.options)
	if err != nil {
		return err
	}
	s.db = db
	err = s.view(s.load)
	if err == nil {
		err = removeAside(s.path + compacting) // the lock is held: nobody is at work on it
	}
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

// load reads what is kept in memory.
func (s *Store) load(tx *bolt.Tx) (err error) {
	if s.revision, err = revisionIn(tx); err != nil {
		return err
	}
	s.log, err = loadLog(tx, s.revision)
	s.events.load(tx)
	return err
}

// Close waits for the changes that are under way, and ends all watches with [ErrClosed].
func (s *Store) Close() error {
	if !s.queue.close() {
		return nil
	}
	<-s.finished
	s.log.close()
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	s.swap.Lock()
	defer s.swap.Unlock()
	return s.db.Close()
}

// Revision returns the number of the latest change.
func (s *Store) Revision() uint64 {
	_, newest := s.log.bounds()
	return newest
}

// view runs a function with what is in the file at one moment. A damaged page makes it an error.
func (s *Store) view(f func(*bolt.Tx) error) (err error) {
	s.swap.RLock()
	defer s.swap.RUnlock()
	defer asDamage(&err)
	if err = s.db.View(f); errors.Is(err, errClosedFile) {
		return ErrClosed
	}
	return err
}

// key returns the key of an object.
func key(kind *object.Kind, namespace, name string) string {
	if kind.Namespaced {
		return namespace + "/" + name
	}
	return name
}
