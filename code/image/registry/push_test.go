//go:build !vm

package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestWhatIsPushedCanBePulled(t *testing.T) {
	w := newWeb(t)
	w.hosts["example.com"] = inMemory()
	r := w.open("example.com/team/web", "pull,push")
	big := strings.Repeat("0123456789", 100_000)
	testkit.Must(t, put(r, big))
	testkit.Must(t, put(r, "{}"))
	manifest := manifestOf("{}")
	testkit.Must(t, r.PutManifest(context.Background(), "v1", oci.MediaTypeImageManifest, []byte(manifest)))
	for _, reference := range []string{"v1", digestOf(manifest)} {
		m, err := r.Manifest(context.Background(), reference)
		if err != nil || m.MediaType != oci.MediaTypeImageManifest || m.Digest != digestOf(manifest) ||
			!bytes.Equal(m.Content, []byte(manifest)) {
			t.Errorf("%s: %+v, %v", reference, m, err)
		}
	}
	if got, err := get(r, big); err != nil || got != big {
		t.Errorf("%d bytes, %v", len(got), err)
	}

	// What is there is not sent again.
	before := w.count("PUT ")
	testkit.Must(t, put(r, big))
	if again := w.count("PUT "); again != before {
		t.Error("it was sent again")
	}
	index := fmt.Sprintf(`{"schemaVersion":2,"manifests":[{"mediaType":%q,"digest":%q,"size":1}]}`,
		oci.MediaTypeImageManifest, digestOf("x"))
	expectError(t, r.PutManifest(context.Background(), "v2", oci.MediaTypeImageIndex, []byte(index)), "404 Not Found",
		digestOf("x"))
}

// store is a registry of one blob that says itself where to send it.
func storeAt(w *web, location string, got *string) http.Handler {
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		switch request.Method {
		case http.MethodHead:
			answering(404, nil, "")(answer, request)
		case http.MethodPost:
			answering(202, http.Header{"Location": {location}}, "")(answer, request)
		case http.MethodPut:
			body, _ := io.ReadAll(request.Body)
			*got = fmt.Sprintf("%s %d %s %s", request.URL.RequestURI(), request.ContentLength,
				request.Header.Get("Content-Type"), body)
			answering(201, nil, "")(answer, request)
		}
	})
}

func TestPlacesToSendABlobTo(t *testing.T) {
	query := url.QueryEscape(digestOf("content"))
	const rest = " 7 application/octet-stream content"
	for location, want := range map[string]string{
		"/upload/1": "/upload/1?digest=" + query + rest,
		"1?_state=b%2Fc+d&a=%20": "/v2/a/blobs/uploads/1?_state=b%2Fc+d&a=%20&digest=" +
			query + rest,
		"https://example.com/upload/1?z=1&a=2":      "/upload/1?z=1&a=2&digest=" + query + rest,
		"http://example.com/upload/1":               "/upload/1?digest=" + query + rest, // a proxy in between encrypts
		"https://storage.example.org/put?sign=x%3D": "/put?sign=x%3D&digest=" + query + rest,
		"http://storage.example.org/put":            "unencrypted connections",
		"":                                          "does not say where to send the blob",
		"https:///nowhere":                          "does not say where to send the blob",
		"http://%zz":                                "does not say where to send the blob",
	} {
		w := newWeb(t)
		w.login(`{"auths": {"example.com": {"username": "ann", "password": "secret"}}}`)
		got := ""
		inner := storeAt(w, location, &got)
		w.hosts["example.com"] = http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			if _, _, known := request.BasicAuth(); !known {
				answering(401, http.Header{"Www-Authenticate": {`Basic realm="x"`}}, "")(answer, request)
				return
			}
			inner.ServeHTTP(answer, request)
		})
		w.hosts["storage.example.org"] = inner
		err := put(w.open("example.com/a", "pull,push"), "content")
		if strings.HasPrefix(want, "/") {
			if err != nil || got != want {
				t.Errorf("%s: %q, %v", location, got, err)
			}
		} else {
			expectError(t, err, want)
		}
		w.expectSecretsOnlyAt("example.com")
	}
}

// A session that broke is not taken up again: a new one is opened, and the blob is sent from its beginning.
func TestBrokenUploadBeginsAgain(t *testing.T) {
	overBoth(t, "upload", func(t *testing.T, w *web) {
		got, sessions := "", 0
		inner := storeAt(w, "/upload", &got)
		w.hosts["example.com"] = http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			switch {
			case request.Method == http.MethodPost:
				sessions++
			case request.Method == http.MethodPut && sessions == 1:
				io.ReadFull(request.Body, make([]byte, 10))
				panic(http.ErrAbortHandler)
			case request.Method == http.MethodPut && sessions == 2:
				answering(500, nil, "")(answer, request)
				return
			}
			inner.ServeHTTP(answer, request)
		})
		content := strings.Repeat("0123456789", 100_000)
		testkit.Must(t, put(w.open("example.com/a", "pull,push"), content))
		if !strings.HasSuffix(got, " "+content) || sessions != 3 {
			t.Errorf("%d bytes in %d sessions", len(got), sessions)
		}
	})
}

func TestRefusedPushSaysWhy(t *testing.T) {
	w := newWeb(t)
	w.hosts["example.com"] = http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if request.Method == http.MethodHead {
			answering(404, nil, "")(answer, request)
			return
		}
		answering(403, nil,
			`{"errors":[{"code":"DENIED","message":"requested access to the resource is denied","detail":{"a":[1]}}]}`)(
			answer, request)
	})
	err := put(w.open("example.com/a", "pull,push"), "content")
	expectError(t, err, "POST https://example.com/v2/a/blobs/uploads/: 403 Forbidden: requested access to the "+
		"resource is denied")
}
