//go:build linux

package image

import (
	"fmt"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
)

const defaultTag = "latest"

// reference is a name with a tag, or with a digest in its place.
type reference struct{ name, tag string }

// parseReference takes name, name:tag or name@sha256:… apart. In host:5000/name the colon belongs to the host. All ways
// to write a name become one: see familiar.
func parseReference(text string) (reference, error) {
	ref := reference{text, defaultTag}
	if name, digest, ok := strings.Cut(text, "@"); ok {
		ref = reference{name, digest}
	} else if colon := strings.LastIndexByte(text, ':'); colon > strings.LastIndexByte(text, '/') {
		ref = reference{text[:colon], text[colon+1:]}
	}
	scheme, _, address := strings.Cut(text, "://")
	switch {
	case address:
		return ref, &NameError{Text: text, Reason: "write it without " + scheme + "://"}
	case !isName(ref.name):
		return ref, &NameError{Text: text, Reason: "not of the form name:tag in small letters, like alpine:3.20"}
	case !isTag(ref.tag) && !registry.IsDigest(ref.tag):
		return ref, &NameError{Text: text, Reason: fmt.Sprintf("%q is not a tag", ref.tag)}
	}
	ref.name = familiar(ref.name)
	return ref, nil
}

// familiar is the shortest way to write a name, as Docker has it: alpine is docker.io/library/alpine, and team/web is
// docker.io/team/web.
func familiar(name string) string {
	host, rest, found := strings.Cut(name, "/")
	if !found || host != "docker.io" && host != "index.docker.io" {
		rest = name
	}
	if first, _, more := strings.Cut(rest, "/"); more && (strings.ContainsAny(first, ".:") || first == "localhost") {
		return name // without docker.io, this would be a host
	}
	if short, official := strings.CutPrefix(rest, "library/"); official && !strings.Contains(short, "/") {
		return short
	}
	return rest
}

func (r reference) String() string {
	if strings.ContainsRune(r.tag, ':') {
		return r.name + "@" + r.tag
	}
	return r.name + ":" + r.tag
}

// What names, tags and digests may be is written in the distribution specification as regular expressions. Compiling
// them takes a millisecond, in every run of every command, so they are checked by hand.

const (
	digits  = "0123456789"
	hex16   = digits + "abcdef"
	small   = digits + "abcdefghijklmnopqrstuvwxyz"
	letters = small + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// isName reports whether a name is words between slashes. Before them there may be a host, with a port.
func isName(name string) bool {
	words := strings.Split(name, "/")
	if len(words) > 1 && isHost(words[0]) {
		words = words[1:]
	}
	for _, word := range words {
		if !isWord(word, small, "._-") {
			return false
		}
	}
	return len(name) <= 255
}

func isHost(host string) bool {
	colon := strings.LastIndexByte(host, ':')
	if colon > strings.LastIndexByte(host, ']') {
		if !only(host[colon+1:], digits) {
			return false
		}
		host = host[:colon]
	}
	if address, ok := strings.CutPrefix(host, "["); ok {
		address, ok = strings.CutSuffix(address, "]")
		return ok && only(address, hex16+"ABCDEF:.")
	}
	return isWord(host, letters, ".-")
}

func isTag(tag string) bool {
	return len(tag) <= 128 && only(tag, letters+"_.-") && tag[0] != '.' && tag[0] != '-'
}

func isID(text string) bool { return len(text) == idLength && only(text, hex16) }

// isWord reports whether a text is made of some letters, and of others that neither begin nor end it.
func isWord(text, letters, inside string) bool {
	return only(text, letters+inside) && only(text[:1], letters) && only(text[len(text)-1:], letters)
}

// only reports whether a text is made of some letters, and not empty.
func only(text, letters string) bool {
	for index := range len(text) {
		if strings.IndexByte(letters, text[index]) < 0 {
			return false
		}
	}
	return text != ""
}
