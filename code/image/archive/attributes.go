//go:build linux

package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// attributePrefix is how star(1), GNU tar and Docker write extended attributes into PAX records.
const attributePrefix = "SCHILY.xattr."

// checkAttributes refuses attributes that would steer overlayfs: with trusted.overlay.redirect a directory shows the
// content of another, with trusted.overlay.opaque it hides what is below. See the kernel's filesystems/overlayfs.rst.
func checkAttributes(header *tar.Header) error {
	for record := range header.PAXRecords {
		name, ok := strings.CutPrefix(record, attributePrefix)
		if ok && (strings.HasPrefix(name, "trusted.overlay.") || strings.HasPrefix(name, "user.overlay.")) {
			return refuse(header.Name, "the attribute %s is for overlayfs alone", name)
		}
	}
	return nil
}

// setAttributes sets file capabilities and users' attributes. Others, like SELinux labels and access control lists,
// mean something on the machine they come from only and are left out.
func (t *Target) setAttributes(base string, header *tar.Header) error {
	for record, value := range header.PAXRecords {
		name, ok := strings.CutPrefix(record, attributePrefix)
		if !ok || !kept(name) {
			continue
		}
		err := unix.Lsetxattr(t.parentPath(t.parent.fd)+"/"+base, name, []byte(value), 0)
		switch {
		case err == nil:
		case strings.HasPrefix(name, "user.") && (errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EPERM)):
			// xattr(7): only files and directories have them, and not on every file system.
		case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ERANGE), errors.Is(err, unix.ENODATA):
			return refuse("", "the attribute %s has no valid value", name)
		default:
			return fmt.Errorf("set attribute %s: %w", name, err)
		}
	}
	return nil
}
