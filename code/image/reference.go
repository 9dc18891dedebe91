//go:build linux

package image

import (
	"fmt"
	"regexp"
	"strings"
)

const defaultTag = "latest"

// What Docker and the distribution specification let names and tags be. A host may come first, with a port.
var (
	nameSyntax = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:[0-9]+)?/|\[[0-9a-fA-F:]+\](:[0-9]+)?/)?` +
		`[a-z0-9]+([._/-]+[a-z0-9]+)*$`)
	tagSyntax    = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)
	digestSyntax = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// region: reference

// reference is a name with a tag, or with a digest in its place.
type reference struct{ name, tag string }

// parseReference takes name, name:tag or name@sha256:… apart. In host:5000/name the colon belongs to the host.
func parseReference(text string) (reference, error) {
	ref := reference{text, defaultTag}
	if name, digest, ok := strings.Cut(text, "@"); ok {
		ref = reference{name, digest}
	} else if colon := strings.LastIndexByte(text, ':'); colon > strings.LastIndexByte(text, '/') {
		ref = reference{text[:colon], text[colon+1:]}
	}
	switch {
	case !nameSyntax.MatchString(ref.name) || len(ref.name) > 255:
		return ref, fmt.Errorf("image name %q: not of the form name:tag in small letters, like alpine:3.20", text)
	case !tagSyntax.MatchString(ref.tag) && !digestSyntax.MatchString(ref.tag):
		return ref, fmt.Errorf("image name %q: %q is no tag", text, ref.tag)
	}
	return ref, nil
}

func (r reference) String() string {
	if strings.ContainsRune(r.tag, ':') {
		return r.name + "@" + r.tag
	}
	return r.name + ":" + r.tag
}

// endregion
