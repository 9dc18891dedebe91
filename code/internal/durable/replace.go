//go:build linux

package durable

import (
	"os"
	"path/filepath"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// The places at which a test kills the process.
const (
	PointWritten = "durable/replace/written"
	PointSynced  = "durable/replace/synced"
	PointRenamed = "durable/replace/renamed"
)

// Replace gives a file another content, which is there whole or not at all, whenever the process is
// killed and whenever the power goes. Only one process may do so at a time.
func Replace(name string, content []byte) error {
	aside := name + ".new"
	if err := write(aside, content); err != nil {
		os.Remove(aside) // a full disk has no room for it
		return err
	}
	crash.Point(PointSynced)
	if err := os.Rename(aside, name); err != nil {
		os.Remove(aside)
		return err
	}
	crash.Point(PointRenamed)
	return SyncDirectory(filepath.Dir(name)) // the new name is in the directory
}

// write writes a file and sees it to the disk.
func write(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	crash.Point(PointWritten)
	if err == nil {
		// Without this the rename can reach the disk before the bytes do.
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// SyncDirectory makes what was made, renamed and removed in a directory lasting (fsync(2), NOTES).
func SyncDirectory(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
