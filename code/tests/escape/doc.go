// Package escape tries to get out of a container. It has nothing but tests: each runs a real container and does in it,
// as its root, what is known to have worked on some runtime, with the CVE or the technique in its name. All of them
// have to fail, and for the reason that is expected.
package escape
