//go:build linux

package store

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// Backup writes a copy of the file, as it is at one moment, and returns that moment's revision. Others read and write
// meanwhile. The copy, under the name [Name], can be opened.
func (s *Store) Backup(w io.Writer) (revision uint64, err error) {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	s.swap.RLock()
	tx, err := s.db.Begin(false)
	s.swap.RUnlock() // s.db stays, as compactions wait
	if errors.Is(err, errClosedFile) {
		return 0, ErrClosed
	}
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	if revision, err = revisionIn(tx); err != nil {
		return 0, err
	}
	_, err = tx.WriteTo(w)
	return revision, err
}

// compacting follows the name of a file that is to replace another.
const compacting = ".compact"

// Compact writes the file again without what is free in it. Writers wait meanwhile, readers do not.
func (s *Store) Compact() error {
	s.maintenance.Lock()
	defer s.maintenance.Unlock()
	s.commits.Lock()
	defer s.commits.Unlock()
	if s.failed != nil {
		return s.failed
	}
	aside := s.path + compacting
	file, err := os.OpenFile(aside, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	file.Close()
	db, err := openFile(aside, s.options)
	if err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	err = s.copyTo(db)
	crash.Point("store/compact/copied")
	s.swap.Lock()
	defer s.swap.Unlock()
	if err == nil {
		err = os.Rename(aside, s.path)
	}
	if err != nil {
		return errors.Join(err, db.Close(), os.Remove(aside))
	}
	crash.Point("store/compact/renamed")
	// The lock of the new file is held since it was made, so nobody comes between.
	old := s.db
	s.db = db
	return errors.Join(durable.SyncDirectory(filepath.Dir(s.path)), old.Close())
}

// copyTo copies everything into an empty file, and sees it to the disk.
func (s *Store) copyTo(db *bolt.DB) (err error) {
	const atOnce = 4 << 20
	defer asDamage(&err)
	s.swap.RLock()
	defer s.swap.RUnlock()
	db.NoSync = true
	if err := bolt.Compact(db, s.db, atOnce); err != nil {
		if errors.Is(err, errClosedFile) {
			return ErrClosed
		}
		return err
	}
	db.NoSync = false
	return db.Sync()
}
