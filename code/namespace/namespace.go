//go:build linux

// Package namespace (chapter 1) gives a process its own view of the system.
//
// Linux keeps the hostname, the table of processes, the mounts and other things that used to exist once for the whole
// machine in namespaces. Every process is in exactly one namespace of each kind, inherits them from its parent, and
// sees only what they hold. A container is a process that was started in new ones.
//
// A parent asks for new namespaces with flags of clone(2): [Attributes] turns a set of kinds into the attributes of
// os/exec. The child finishes the work from inside, because only there do the new namespaces apply: [SetHostname], and
// what package rootfs does to the mounts. /proc/PID/ns shows which namespaces a process is in: [Of].
//
// Read first: [Kind], [Attributes], [Of]. [Thread], for work in another namespace without a process, can wait.
//
// # Caveats
//
// A new namespace starts with what the kernel puts there: a Mount namespace with a copy of all mounts, a PID namespace
// with the old /proc. Until the child has changed that, it sees the host.
//
// See namespaces(7), clone(2), mount_namespaces(7) and pid_namespaces(7).
package namespace

import (
	"fmt"
	"math/bits"
	"strings"
	"syscall"
)

// Kind is a kind of namespace, or several of them joined with |. Its value
// is the flag that clone(2), unshare(2) and setns(2) take for it.
type Kind uintptr

// The eight kinds, with what a process has to itself in a new one.
const (
	Mount   Kind = syscall.CLONE_NEWNS     // the tree of mounts
	UTS     Kind = syscall.CLONE_NEWUTS    // hostname and NIS domain name
	IPC     Kind = syscall.CLONE_NEWIPC    // System V IPC, POSIX queues
	PID     Kind = syscall.CLONE_NEWPID    // process IDs, from 1
	Network Kind = syscall.CLONE_NEWNET    // interfaces, routes, ports
	User    Kind = syscall.CLONE_NEWUSER   // IDs, capabilities
	Cgroup  Kind = syscall.CLONE_NEWCGROUP // which cgroup is the root
	Time    Kind = syscall.CLONE_NEWTIME   // monotonic and boot-time clocks
)

// Sheep is what a container of Sheep gets. It shares User, Cgroup and Time
// with the host.
const Sheep = Mount | UTS | IPC | PID | Network

// All is every kind that Linux has.
const All = Sheep | User | Cgroup | Time

// names are the file names of the kinds in /proc/PID/ns.
var names = map[Kind]string{
	Mount: "mnt", UTS: "uts", IPC: "ipc", PID: "pid",
	Network: "net", User: "user", Cgroup: "cgroup", Time: "time",
}

// Kinds returns the kinds that k is made of, in ascending order of their flags.
func (k Kind) Kinds() []Kind {
	var kinds []Kind
	for k != 0 {
		flag := Kind(1) << bits.TrailingZeros64(uint64(k))
		kinds = append(kinds, flag)
		k &^= flag
	}
	return kinds
}

// String returns the kernel's short names, as in /proc/PID/ns: "uts", or "uts|pid" for several.
func (k Kind) String() string {
	var parts []string
	for _, kind := range k.Kinds() {
		name, known := names[kind]
		if !known {
			name = fmt.Sprintf("%#x", uintptr(kind))
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, "|")
}
