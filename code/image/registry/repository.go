// Package registry (chapter 8) fetches and stores the parts of images in a registry: Docker Hub, any other, or one of
// your own. All of them speak the same HTTP, the OCI distribution specification
// (https://github.com/opencontainers/distribution-spec, spec.md of v1.1). A registry keeps blobs, each under its
// digest, and manifests, which say what blobs make an image.
//
// To pull is to ask for a manifest, and then for what it names:
//
//	GET  /v2/library/alpine/manifests/3.20          200, an index: one manifest for each platform
//	GET  /v2/library/alpine/manifests/sha256:…      200, the manifest for this one
//	GET  /v2/library/alpine/blobs/sha256:…          200, the configuration, and so every layer
//
// To push is the way back, the blobs first, so that no manifest names what is not there:
//
//	HEAD /v2/team/web/blobs/sha256:…                404, not there yet
//	POST /v2/team/web/blobs/uploads/                202, with the place to send it to
//	PUT  /v2/team/web/blobs/uploads/…?digest=…      201
//	PUT  /v2/team/web/manifests/v1                  201
//
// A registry that wants to know who asks answers 401 and says where tokens are handed out. The client gets one there,
// with the password that `docker login` has saved, and asks again. Docker Hub wants that even of strangers.
//
// A registry is not trusted. What it sends counts only if the digest is right, no answer is read without a bound, and
// passwords go where they belong, encrypted, or nowhere.
//
// Read first: [Repository.Manifest] and [Repository.Blob] in pull.go, then [Repository.PutBlob] in push.go. What is
// done about 401 is in token.go and challenge.go, about what fails by chance in request.go.
//
// # Caveats
//
// Digests are SHA-256 alone. Uploads are not resumed but begin again. Passwords are read where docker(1) and podman(1)
// save them; none are written.
package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Repository is a place in a registry where the images of one name are, for one use. Several goroutines may share it.
type Repository struct {
	Host string // of the registry, with its port if that is not the usual one

	registry url.URL // scheme and host of its addresses
	name     string
	scope    string // what may be done there, as a token says it
	client   *http.Client
	plain    bool          // HTTP may be spoken
	pause    time.Duration // before the first repetition

	mutex         sync.Mutex
	who           *credentials // nil: not looked up yet
	authorization string       // what is sent in the header of that name
}

// Open finds the repository of an image. A name without a host is one of Docker Hub. The actions are "pull" or
// "pull,push". Only a registry on this machine may speak plain HTTP; with insecure any may, and no certificate is
// looked at.
func Open(ctx context.Context, name, actions string, insecure bool) (*Repository, error) {
	host, path := split(name)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: insecure}
	transport.ResponseHeaderTimeout = time.Minute
	transport.DisableCompression = true // a digest is of what is stored: nothing may be unpacked on the way
	r := &Repository{
		Host:     host,
		registry: url.URL{Scheme: "https", Host: host},
		name:     path,
		scope:    "repository:" + path + ":" + actions,
		plain:    insecure || isLoopback(hostname(host)),
		pause:    300 * time.Millisecond,
	}
	r.client = &http.Client{Transport: guard{pacer{transport, stallTime}, r.plain, insecure}, CheckRedirect: forget}
	if !r.plain {
		return r, nil
	}
	return r, r.probe(ctx)
}

// split takes host and path apart as Docker does: the first word is a host if it looks like none of the others could.
// What Docker Hub calls by one word alone is in library.
func split(name string) (host, path string) {
	host, path, found := strings.Cut(name, "/")
	if !found || !strings.ContainsAny(host, ".:") && host != "localhost" && host == strings.ToLower(host) {
		host, path = "docker.io", name
	}
	if host == "docker.io" || host == "index.docker.io" {
		host = dockerHub
		if !strings.Contains(path, "/") {
			path = "library/" + path
		}
	}
	return host, path
}

// ErrPlainHTTP is the error for a connection that would be unencrypted, which only [Open] with insecure allows.
var ErrPlainHTTP = errors.New("unencrypted connections are not allowed")

// dockerHub is where Docker Hub answers; its name is docker.io.
const dockerHub = "registry-1.docker.io"

// probe finds out whether a registry that may speak plain HTTP does: it is asked the question that every registry
// answers (end-1), first encrypted. A wrong certificate does not lead to plain HTTP.
func (r *Repository) probe(ctx context.Context) error {
	var failed error
	for _, r.registry.Scheme = range []string{"https", "http"} {
		answer, err := r.once(ctx, http.MethodGet, r.registry.JoinPath("/v2/"), nil, nil, "")
		if err == nil {
			return answer.Body.Close()
		}
		failed = err
		if certificate := (*tls.CertificateVerificationError)(nil); ctx.Err() != nil || errors.As(err, &certificate) {
			break
		}
	}
	return failed
}

// address is where the repository keeps something.
func (r *Repository) address(kind, which string) *url.URL {
	return r.registry.JoinPath("v2", r.name, kind, which)
}

// guard keeps passwords and images from going over the network unencrypted, wherever a registry redirects to.
type guard struct {
	http.RoundTripper
	loopback bool // on this machine plain HTTP may be spoken
	anywhere bool
}

func (g guard) RoundTrip(request *http.Request) (*http.Response, error) {
	to := request.URL
	if to.Scheme != "https" && !g.anywhere && !(g.loopback && isLoopback(to.Hostname())) {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, fmt.Errorf("%s: %w", to.Host, ErrPlainHTTP)
	}
	return g.RoundTripper.RoundTrip(request)
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

func hostname(host string) string { return (&url.URL{Host: host}).Hostname() }

// origin is the scheme, host and port of an address: who is asked (RFC 6454).
func origin(of *url.URL) string {
	port := of.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[of.Scheme]
	}
	return of.Scheme + "://" + strings.ToLower(of.Hostname()) + ":" + port
}

// maxRedirects is what browsers follow, roughly.
const maxRedirects = 10

// forget lets a registry redirect to another host, as many do for blobs. That one gets no password. [http.Client] would
// still tell it to subdomains.
func forget(request *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if origin(request.URL) != origin(via[0].URL) {
		request.Header.Del("Authorization")
	}
	return nil
}

// stay keeps servers from redirecting a request that holds a secret to another host.
func stay(request *http.Request, via []*http.Request) error {
	if origin(request.URL) != origin(via[0].URL) {
		return fmt.Errorf("%s redirects a password to %s, which does not get it", via[0].URL.Host, request.URL.Host)
	}
	return forget(request, via)
}
