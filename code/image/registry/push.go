package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// PutBlob stores a blob, unless the registry has it. open gives its content; when something breaks it is sent again
// from the beginning.
func (r *Repository) PutBlob(ctx context.Context, digest string, size int64, open func() (io.ReadCloser, error)) error {
	return r.retry(ctx, func() error {
		answer, err := r.send(ctx, http.MethodHead, r.address("blobs", digest), nil, nil, http.StatusOK,
			http.StatusNotFound)
		if err != nil {
			return err
		}
		if answer.Body.Close(); answer.StatusCode == http.StatusOK {
			return nil
		}
		// First a session, then all of it in one request (POST then PUT: end-4a, end-6).
		answer, err = r.send(ctx, http.MethodPost, r.address("blobs", "uploads/"), nil, nil, http.StatusAccepted)
		if err != nil {
			return err
		}
		answer.Body.Close()
		to, err := r.location(answer, digest)
		if err != nil {
			return err
		}
		header := http.Header{"Content-Type": {"application/octet-stream"}}
		answer, err = r.send(ctx, http.MethodPut, to, header, &content{size, open}, http.StatusCreated)
		if err != nil {
			return err
		}
		return answer.Body.Close()
	})
}

// location is where to send a blob: an address, whole or below the registry's. What it asks for belongs to it and
// stays. A registry behind a proxy may not know that it is reached encrypted.
func (r *Repository) location(answer *http.Response, digest string) (*url.URL, error) {
	given := answer.Header.Get("Location")
	to, err := answer.Request.URL.Parse(given)
	if err != nil || given == "" || to.Host == "" {
		return nil, fmt.Errorf("%s does not say where to send the blob: %q", r.Host, given)
	}
	if to.Host == r.registry.Host {
		to.Scheme = r.registry.Scheme
	}
	if to.RawQuery != "" {
		to.RawQuery += "&"
	}
	to.RawQuery += "digest=" + url.QueryEscape(digest)
	return to, nil
}

// PutManifest stores a manifest under a tag or its digest (end-7). What it names has to be there.
func (r *Repository) PutManifest(ctx context.Context, reference, mediaType string, document []byte) error {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(document)), nil }
	return r.retry(ctx, func() error {
		header := http.Header{"Content-Type": {mediaType}}
		answer, err := r.send(ctx, http.MethodPut, r.address("manifests", reference), header,
			&content{int64(len(document)), open},
			http.StatusCreated, http.StatusOK, http.StatusAccepted) // the last two are what old registries answer
		if err != nil {
			return err
		}
		return answer.Body.Close()
	})
}
