//go:build linux

// Package view (chapter 10) prints what commands found: tables of containers and images, everything about one of them
// as JSON, and versions.
//
// Read first: [Containers], [Inspect].
package view

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/flags"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/origin"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/listing"
)

// Form is the form of a list that was asked for: a table unless one of them is set.
type Form struct{ Quiet, JSON bool }

// Flags adds the flags for the form.
func (form *Form) Flags(f *flags.Set) {
	f.Bool(&form.Quiet, "quiet", "q", "print only IDs")
	f.Bool(&form.JSON, "json", "", "print JSON")
}

func (form Form) list(heading ...string) listing.List {
	return listing.List{Heading: heading, Quiet: form.Quiet, JSON: form.JSON}
}

// Containers prints a list of containers.
func (form Form) Containers(w io.Writer, states []*container.State) error {
	l := form.list("CONTAINER ID", "NAME", "IMAGE", "COMMAND", "STATUS", "ADDRESS", "PORTS")
	for _, s := range states {
		command := listing.Shorten(strings.Join(s.Process.Args, " "), 24)
		l.Rows = append(l.Rows, []string{
			s.ShortID(), s.Name, s.Image, command, s.Summary(), s.Address, listing.Join(s.Ports()),
		})
	}
	l.Values = append([]*container.State{}, states...) // [] in JSON; nil would be null
	return l.PrintTo(w)
}

// Images prints a list of images.
func (form Form) Images(w io.Writer, images []image.Image) error {
	l := form.list("IMAGE ID", "NAME", "TAG", "SIZE", "CREATED")
	for _, i := range images {
		l.Rows = append(l.Rows, []string{
			i.ID[:12], cmp.Or(i.Name, "<none>"), i.Tag, flags.FormatBytes(i.Size), listing.Ago(i.CreatedAt) + " ago",
		})
	}
	l.Values = append([]image.Image{}, images...)
	return l.PrintTo(w)
}

// inspected is a container with what only a running one has: nil if it does not run.
type inspected struct {
	*container.State
	Usage      *container.Usage  `json:"usage,omitempty"`
	Namespaces map[string]string `json:"namespaces,omitempty"` // by kind, each as the link in /proc/PID/ns reads
}

// Inspect prints containers and images as a JSON array, in their order. If the usage or the namespaces of one cannot be
// read, it is printed without them, and the error is returned at the end.
func Inspect(w io.Writer, r *container.Runtime, found []container.Found) error {
	all := []any{} // [] in JSON; nil would be null
	var failed []error
	for _, one := range found {
		if one.Image != nil {
			all = append(all, one.Image)
			continue
		}
		usage, err := r.Usage(one.Container)
		failed = append(failed, err)
		ids, err := r.Namespaces(one.Container)
		failed = append(failed, err)
		namespaces := map[string]string{}
		for _, id := range ids {
			namespaces[id.Kind.String()] = id.String()
		}
		all = append(all, inspected{one.Container, usage, namespaces})
	}
	return errors.Join(errors.Join(failed...), listing.JSON(w, all))
}

// Version prints versions, and whether this machine can limit containers.
func Version(w io.Writer) error {
	own, _ := debug.ReadBuildInfo() // a program that is built from a module has it
	limits := "cgroup v2"
	if err := cgroup.Check(); err != nil {
		limits = err.Error()
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	fmt.Fprintf(w, "sheep   %s\ngo      %s %s\nlimits  %s\nkernel  %s",
		origin.Version(own), runtime.Version(), runtime.GOARCH, limits, kernel)
	return err
}
