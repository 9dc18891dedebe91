//go:build linux

// Package archive (chapter 8) unpacks what strangers packed.
//
// Read first: [Target.Apply] and put in target.go, which say what happens to one entry; resolve in place.go, which
// keeps links inside; whiteout and removeLower there. The compression in stream.go and the extended attributes in
// attributes.go are annexes.
//
// An image travels as tar archives, compressed or not. The program that unpacks them is root, and every name, link,
// size and number in them was chosen by someone else. [Target.Apply] treats them as hostile:
//
//   - Names are looked up with openat2(2) as if the target were the root of everything. A link in the archive, relative
//     or absolute, leads nowhere outside, and nothing is ever written through a link in the last place of a name.
//   - A name is relative to the target, also with a slash in front, as in tar(1).
//   - What has no place in an image is refused with an [EntryError] that names it: names that contain "..", device
//     nodes, hard links to what is not there, numbers out of range, attributes that steer overlayfs.
//   - How much comes out is bounded before it is written: bytes, entries, and how far a small archive may swell.
//   - An archive that ends early is an error. A compressed one must have its checksum, and one that is neither
//     compressed nor of a known digest the end marker of tar.
//
// A set-user-ID bit and file capabilities stay, as in Docker: su(1) and ping(8) need them. They are as dangerous as the
// place where the files lie, so that place must be closed to all but root.
//
// Device nodes below dev/ are left out, and [Layer] names them: no container would see them.
//
// Layers follow the OCI image specification: .wh.NAME deletes NAME of the layers below, .wh..wh..opq all that a
// directory holds of them.
//
// # Caveats
//
// Nothing may change the target while it is written to. After an error it holds part of an archive. What is unpacked is
// not synced. Access control lists and SELinux labels are left out, as are the reserved users' attributes of overlayfs.
//
// See openat2(2), tar(5), https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md.
package archive

// Limits bound what comes out of archives. A zero stands for no bound.
type Limits struct {
	Bytes   int64 // content of all files of all layers
	Entries int   // of all layers
	Ratio   int64 // bytes out for a byte in, once more than Grace are out
	Grace   int64 // 0: a quarter of what is free on the disk, and 64 MiB at least
}

// DefaultLimits are wide for images and narrow for bombs. gzip reaches a ratio of 1000, zstd far more; images have 2 to
// 5, and some a file of zeros for a disk. That hurts nobody as long as there is room.
var DefaultLimits = Limits{Bytes: 64 << 30, Entries: 2_000_000, Ratio: 200}

const (
	leastGrace = 64 << 20 // a few zeros may be packed as tight as they can be
	maxDepth   = 250      // directories in a name: Linux has no such bound, but programs that walk a tree do
	whPrefix   = ".wh."
	whOpaque   = ".wh..wh..opq"
)
