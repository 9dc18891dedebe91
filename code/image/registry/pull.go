package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	oci "github.com/opencontainers/image-spec/specs-go/v1"
)

// What Docker calls the kinds of manifests. OCI's, [oci.MediaTypeImageManifest] and [oci.MediaTypeImageIndex], differ
// in name alone.
const (
	DockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	DockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// manifestTypes are the kinds that a registry may answer with.
var manifestTypes = []string{oci.MediaTypeImageIndex, oci.MediaTypeImageManifest, DockerList, DockerManifest}

// MaxDocument is how large a manifest may be, in bytes. Registries have to take 4 MB.
const MaxDocument = 8 << 20

// Manifest is what a registry has under a tag, or under a digest.
type Manifest struct {
	MediaType string // one of the four
	Digest    string
	Content   []byte
}

// Manifest fetches one (end-3).
func (r *Repository) Manifest(ctx context.Context, reference string) (Manifest, error) {
	if strings.ContainsAny(reference, ":/") && !IsDigest(reference) {
		return Manifest{}, fmt.Errorf("manifest: %.100q is neither a tag nor a SHA-256", reference)
	}
	var m Manifest
	return m, r.retry(ctx, func() (err error) {
		m, err = r.manifest(ctx, reference)
		return err
	})
}

func (r *Repository) manifest(ctx context.Context, reference string) (Manifest, error) {
	accept := http.Header{"Accept": {strings.Join(manifestTypes, ", ")}}
	answer, err := r.send(ctx, http.MethodGet, r.address("manifests", reference), accept, nil, http.StatusOK)
	if err != nil {
		return Manifest{}, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, MaxDocument+1))
	if err != nil {
		return Manifest{}, fmt.Errorf("read manifest: %w", err)
	}
	if len(content) > MaxDocument {
		return Manifest{}, fmt.Errorf("manifest: larger than %d bytes", MaxDocument)
	}
	sum := sha256.Sum256(content)
	m := Manifest{Digest: "sha256:" + hex.EncodeToString(sum[:]), Content: content}
	want := answer.Header.Get("Docker-Content-Digest")
	if IsDigest(reference) {
		want = reference
	}
	if IsDigest(want) && m.Digest != want {
		return Manifest{}, fmt.Errorf("manifest: digest mismatch: it is %s and must be %s", m.Digest, want)
	}
	m.MediaType, err = mediaType(answer.Header.Get("Content-Type"), content)
	return m, err
}

// mediaType says which kind of manifest it is. One that could be read in two ways is refused: whatever checked it may
// have read it the other way (CVE-2021-41190).
func mediaType(header string, content []byte) (string, error) {
	var document struct {
		SchemaVersion     int
		MediaType         string
		Manifests, Layers json.RawMessage
	}
	if err := json.Unmarshal(content, &document); err != nil {
		return "", printable{fmt.Errorf("manifest: %w", err)}
	}
	if document.SchemaVersion == 1 {
		return "", errors.New("manifest: it has the format of Docker before 1.10 (schema 1); push the image again " +
			"with a newer one")
	}
	sent, _, _ := mime.ParseMediaType(header)
	kind := document.MediaType
	switch sentKnown := slices.Contains(manifestTypes, sent); {
	case document.Manifests != nil && document.Layers != nil:
		return "", errors.New("manifest: it is both of one image and of several")
	case kind != "" && sentKnown && kind != sent:
		return "", fmt.Errorf("manifest: it says that it is %.100q, and the registry that it is %q", kind, sent)
	case kind == "" && sentKnown:
		kind = sent
	case kind == "" && document.Manifests != nil: // saying so is optional
		kind = oci.MediaTypeImageIndex
	case kind == "":
		kind = oci.MediaTypeImageManifest
	}
	switch {
	case !slices.Contains(manifestTypes, kind):
		return "", fmt.Errorf("manifest: %.100q is none that is known here", kind)
	case document.Manifests != nil && (kind == oci.MediaTypeImageManifest || kind == DockerManifest):
		return "", fmt.Errorf("manifest: it has manifests, which %s has not", kind)
	}
	return kind, nil
}

// IsDigest reports whether a text is a SHA-256, as registries write it. It may be part of an address or of a file name.
func IsDigest(text string) bool {
	sum, ok := strings.CutPrefix(text, "sha256:")
	return ok && len(sum) == 2*sha256.Size && strings.Trim(sum, "0123456789abcdef") == ""
}

// blob is the content of a blob, on its way.
type blob struct {
	ctx    context.Context
	from   *Repository
	digest string
	size   int64

	body   io.ReadCloser // nil: to be asked for
	seen   int64
	sum    hash.Hash
	breaks int   // in a row, with little between them
	broke  int64 // where it did last
	whole  bool  // the server gives no parts
}

// Blob fetches a blob (end-2), of which digest and size are known from a manifest. When the connection breaks, it goes
// on from there. The reader ends with an error if what came is not what was asked for.
func (r *Repository) Blob(ctx context.Context, digest string, size int64) (io.ReadCloser, error) {
	if !IsDigest(digest) || size < 0 {
		return nil, fmt.Errorf("%q with %d bytes is not a blob", digest, size)
	}
	b := &blob{ctx: ctx, from: r, digest: digest, size: size, sum: sha256.New()}
	return b, r.retry(ctx, b.open)
}

// open asks for the rest of the blob (RFC 9110, 14). A server that knows no ranges begins again, some only when asked
// again; what has been seen is then skipped.
func (b *blob) open() error {
	header, want := http.Header{}, []int{http.StatusOK}
	if b.seen > 0 && !b.whole {
		header.Set("Range", fmt.Sprintf("bytes=%d-%d", b.seen, b.size-1))
		want = append(want, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable)
	}
	answer, err := b.from.send(b.ctx, http.MethodGet, b.from.address("blobs", b.digest), header, nil, want...)
	if err != nil {
		return err
	}
	skip := b.seen
	switch given := answer.Header.Get("Content-Range"); {
	case answer.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		answer.Body.Close()
		b.whole = true
		return b.open()
	case answer.StatusCode == http.StatusPartialContent && strings.HasPrefix(given, fmt.Sprintf("bytes %d-", b.seen)):
		skip = 0
	case answer.StatusCode == http.StatusPartialContent:
		answer.Body.Close()
		return fmt.Errorf("asked for bytes from %d on, and got the range %q", b.seen, given)
	}
	if length := answer.ContentLength; length >= 0 && length != b.size-b.seen+skip {
		answer.Body.Close()
		return fmt.Errorf("size mismatch: it is %d and must be %d", b.seen-skip+length, b.size)
	}
	if _, err := io.CopyN(io.Discard, answer.Body, skip); err != nil {
		answer.Body.Close()
		return err
	}
	b.body = answer.Body
	return nil
}

// Read never gives more than the size, whatever is sent.
func (b *blob) Read(buffer []byte) (int, error) {
	if b.seen == b.size {
		return 0, b.verify()
	}
	if b.body == nil {
		if err := b.from.retry(b.ctx, b.open); err != nil {
			return 0, err
		}
	}
	n, err := b.body.Read(buffer[:min(int64(len(buffer)), b.size-b.seen)])
	b.sum.Write(buffer[:n])
	b.seen += int64(n)
	switch {
	case err == nil || b.seen == b.size:
		return n, nil
	case err == io.EOF: // the server is of the opinion that this was all
		return n, fmt.Errorf("size mismatch: it is %d and must be %d", b.seen, b.size)
	case b.ctx.Err() != nil:
		return n, err
	}
	b.body.Close()
	if b.body = nil; b.seen-b.broke > 1<<20 {
		b.breaks = 0
	}
	b.broke = b.seen
	if b.breaks++; b.breaks == attempts {
		return n, printable{fmt.Errorf("after %d of %d bytes: %w", b.seen, b.size, err)}
	}
	return n, b.from.wait(b.ctx, b.breaks, 0)
}

func (b *blob) verify() error {
	if is := "sha256:" + hex.EncodeToString(b.sum.Sum(nil)); is != b.digest {
		return fmt.Errorf("digest mismatch: it is %s and must be %s", is, b.digest)
	}
	return io.EOF
}

func (b *blob) Close() error {
	if b.body == nil {
		return nil
	}
	return b.body.Close()
}
