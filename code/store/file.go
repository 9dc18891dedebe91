//go:build linux

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// The buckets besides those of the kinds.
var (
	ownBucket   = []byte("shepherd")
	logBucket   = []byte("log")
	timeBucket  = []byte("events-by-time")
	formatKey   = []byte("format")
	revisionKey = []byte("revision")
)

// format is the version of what this package describes.
const format = "1"

// lockPatience is how long another process is waited for.
const lockPatience = time.Second

// mappedBytes is how much of the address space the file is given at once. When it grows beyond, bbolt waits for all who
// read, and a backup reads for long.
const mappedBytes = 1 << (18 + bits.UintSize/32*6) // 1 GiB on 64-bit machines

// growth is how many bytes the file grows by. Each time costs a sync.
const growth = 1 << 20

// ensureFile makes the file if there is none: aside, so that a process that is killed leaves no half of one.
func ensureFile(path string) error {
	if missing, err := isMissing(path); err != nil || !missing {
		return err
	}
	lock, err := durable.LockDirectory(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer lock.Close()
	if missing, err := isMissing(path); err != nil || !missing {
		return err // somebody else has made it
	}
	aside := path + making
	if err := removeAside(aside); err != nil {
		return err
	}
	db, err := bolt.Open(aside, 0o600, nil)
	if err != nil {
		return err
	}
	err = errors.Join(db.Update(makeBuckets), db.Close())
	crash.Point("store/file/made")
	if err == nil {
		err = os.Rename(aside, path)
	}
	crash.Point("store/file/renamed")
	if err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	return durable.SyncDirectory(filepath.Dir(path))
}

// making follows the name of a file that is not whole yet.
const making = ".new"

// removeAside removes what a process that was killed has left.
func removeAside(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func isMissing(path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: it is not a regular file", ErrForeign)
	}
	return false, err
}

func makeBuckets(tx *bolt.Tx) error {
	for _, name := range allBuckets() {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	own := tx.Bucket(ownBucket)
	return errors.Join(own.Put(formatKey, []byte(format)), putRevision(tx, 0))
}

// allBuckets returns the names of all buckets of the file.
func allBuckets() [][]byte {
	names := [][]byte{ownBucket, logBucket, timeBucket}
	for _, kind := range object.Kinds {
		names = append(names, bucketName(kind))
	}
	return names
}

func bucketName(kind *object.Kind) []byte { return []byte(kind.Plural) }

func putRevision(tx *bolt.Tx, revision uint64) error {
	return tx.Bucket(ownBucket).Put(revisionKey, strconv.AppendUint(nil, revision, 10))
}

func revisionIn(tx *bolt.Tx) (uint64, error) {
	revision, err := strconv.ParseUint(string(tx.Bucket(ownBucket).Get(revisionKey)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: it has no revision", ErrDamaged)
	}
	return revision, nil
}

// openFile opens the file for this process alone.
func openFile(path string, options Options) (*bolt.DB, error) {
	db, err := lockedOpen(path, bolt.Options{InitialMmapSize: mappedBytes, MaxSize: options.FileBytes,
		FreelistType: bolt.FreelistMapType})
	if err == nil {
		db.AllocSize = growth
	}
	return db, err
}

// lockedOpen opens the file when its lock is free. A compaction puts another file in its place: who has waited for the
// lock of the old one begins again.
func lockedOpen(path string, options bolt.Options) (*bolt.DB, error) {
	options.Timeout = lockPatience
	open := options.OpenFile
	if open == nil {
		open = os.OpenFile
	}
	var file *os.File
	options.OpenFile = func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = open(path, flag&^os.O_CREATE, mode)
		return file, err
	}
	db, err := bolt.Open(path, 0o600, &options)
	switch {
	case err == nil:
		here, err := os.Stat(path)
		mine, also := file.Stat()
		if err := errors.Join(err, also); err != nil {
			return nil, errors.Join(err, db.Close())
		}
		if os.SameFile(here, mine) {
			return db, nil
		}
		if err := db.Close(); err != nil {
			return nil, err
		}
		return lockedOpen(path, options)
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, &LockedError{durable.Holder(path)}
	case errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrVersionMismatch) ||
		errors.Is(err, bolterrors.ErrChecksum):
		return nil, fmt.Errorf("%w: no database of bbolt, or none that is whole (%w)", ErrForeign, err)
	}
	return nil, err
}

// inspect returns what is wrong with a file, without changing it.
func inspect(path string) error {
	return faultsPanic(func() error {
		db, err := lockedOpen(path, bolt.Options{ReadOnly: true})
		if err != nil {
			return err
		}
		defer db.Close()
		return db.View(func(tx *bolt.Tx) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if info.Size() < tx.Size() {
				return fmt.Errorf("%w: it has %d bytes and should have %d", ErrDamaged, info.Size(), tx.Size())
			}
			if err := inspectBuckets(tx); err != nil {
				return err
			}
			for problem := range tx.Check() {
				err = errors.Join(err, problem)
			}
			if err != nil {
				return fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			return nil
		})
	})
}

// inspectBuckets looks at each key, before bbolt's own check does, since that runs where faults cannot be caught.
func inspectBuckets(tx *bolt.Tx) error {
	own := tx.Bucket(ownBucket)
	if own == nil {
		return fmt.Errorf("%w: it is another program's database", ErrForeign)
	}
	if version := string(own.Get(formatKey)); version != format {
		return fmt.Errorf("%w of a version that is known: its format is %q, not %q", ErrForeign, version, format)
	}
	for _, name := range allBuckets() {
		bucket := tx.Bucket(name)
		if bucket == nil {
			return fmt.Errorf("%w: it has no bucket %s", ErrDamaged, name)
		}
		bytes := 0
		err := bucket.ForEach(func(key, value []byte) error {
			if len(value) > 0 {
				bytes += int(value[0]) + int(value[len(value)-1]) // both ends are there
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
