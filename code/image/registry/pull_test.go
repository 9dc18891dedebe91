//go:build !vm

package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// cspell:ignore TOOMANYREQUESTS

func TestNamesAreDockers(t *testing.T) {
	for name, want := range map[string][2]string{
		"alpine":                   {dockerHub, "library/alpine"},
		"team/web":                 {dockerHub, "team/web"},
		"docker.io/alpine":         {dockerHub, "library/alpine"},
		"docker.io/team/web":       {dockerHub, "team/web"},
		"index.docker.io/alpine":   {dockerHub, "library/alpine"},
		"ghcr.io/team/web":         {"ghcr.io", "team/web"},
		"ghcr.io/web":              {"ghcr.io", "web"},
		"localhost/web":            {"localhost", "web"},
		"registry:5000/web":        {"registry:5000", "web"},
		"[::1]:5000/web":           {"[::1]:5000", "web"},
		"MACHINE/web":              {"MACHINE", "web"},
		"docker.io.example.org/ab": {"docker.io.example.org", "ab"},
	} {
		if host, path := split(name); host != want[0] || path != want[1] {
			t.Errorf("%s: %s and %s", name, host, path)
		}
	}
}

func TestPlainHTTPIsForThisMachine(t *testing.T) {
	passed := errors.New("passed")
	through := roundTripper(func(*http.Request) (*http.Response, error) { return nil, passed })
	for address, want := range map[string][3]bool{ // allowed for a registry elsewhere, on this machine, with --insecure
		"http://127.0.0.1:5000/v2/":         {false, true, true},
		"http://[::1]:5000/v2/":             {false, true, true},
		"http://localhost/v2/":              {false, true, true},
		"https://example.org/v2/":           {true, true, true},
		"http://example.org/v2/":            {false, false, true},
		"http://10.0.0.1:5000/v2/":          {false, false, true},
		"http://localhost.example.org/v2/":  {false, false, true},
		"http://127.0.0.1.example.org/v2/":  {false, false, true},
		"http://localhost@example.org/v2/":  {false, false, true},
		"http://example.org/?https://a.b/c": {false, false, true},
	} {
		request, err := http.NewRequest(http.MethodGet, address, nil)
		testkit.Must(t, err)
		for index, g := range []guard{{through, false, false}, {through, true, false}, {through, false, true}} {
			if _, err := g.RoundTrip(request); errors.Is(err, passed) != want[index] {
				t.Errorf("%s, %+v: %v", address, g, err)
			}
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

func TestRegistryOnThisMachineSpeaksWhatItSpeaks(t *testing.T) {
	newWeb(t)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" {
			t.Error("a blob may be packed on the way")
		}
		answering(200, nil, "content")(w, r)
	})
	plain, encrypted := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS()
	defer plain.Close()
	defer encrypted.Close()
	open := func(server *httptest.Server, insecure bool) (*Repository, error) {
		return Open(context.Background(), server.Listener.Addr().String()+"/a", "pull", insecure)
	}
	r, err := open(plain, false)
	testkit.Must(t, err)
	if got, err := get(r, "content"); err != nil || got != "content" || r.registry.Scheme != "http" {
		t.Errorf("plain: %q, %v", got, err)
	}
	// A wrong certificate is no reason to give up encryption.
	_, err = open(encrypted, false)
	expectError(t, err, "certificate")
	r, err = open(encrypted, true)
	testkit.Must(t, err)
	if got, err := get(r, "content"); err != nil || got != "content" || r.registry.Scheme != "https" {
		t.Errorf("encrypted: %q, %v", got, err)
	}
}

func TestManifestIsWhatItsDigestSays(t *testing.T) {
	w := newWeb(t)
	content := manifestOf("{}")
	w.hosts["example.com"] = answering(200, http.Header{"Content-Type": {oci.MediaTypeImageManifest}}, content)
	m, err := w.open("example.com/a", "pull").Manifest(context.Background(), digestOf(content))
	if err != nil || m.Digest != digestOf(content) || m.MediaType != oci.MediaTypeImageManifest ||
		string(m.Content) != content {
		t.Errorf("%+v, %v", m, err)
	}
	_, err = w.open("example.com/a", "pull").Manifest(context.Background(), digestOf("another"))
	expectError(t, err, "digest mismatch: it is "+digestOf(content)+" and must be "+digestOf("another"))

	w.hosts["example.com"] = answering(200, http.Header{"Docker-Content-Digest": {digestOf("another")}}, content)
	_, err = w.open("example.com/a", "pull").Manifest(context.Background(), "latest")
	expectError(t, err, "digest mismatch: it is "+digestOf(content)+" and must be "+digestOf("another"))

	for _, reference := range []string{"sha512:" + strings.Repeat("a", 128), "sha256:../../../../etc/passwd", "sha256:",
		"md5:" + strings.Repeat("a", 32), "sha256:" + strings.Repeat("A", 64), "../../b/manifests/c"} {
		w.asked = nil
		_, err = w.open("example.com/a", "pull").Manifest(context.Background(), reference)
		expectError(t, err, "is neither a tag nor a SHA-256")
		_, err = w.open("example.com/a", "pull").Blob(context.Background(), reference, 1)
		expectError(t, err, "is not a blob")
		if len(w.asked) > 0 {
			t.Errorf("asked %+v", w.asked)
		}
	}
	_, err = w.open("example.com/a", "pull").Blob(context.Background(), digestOf(""), -1)
	expectError(t, err, "is not a blob")
}

func TestKindOfAManifest(t *testing.T) {
	for name, test := range map[string]struct{ header, content, want, fails string }{
		"OCI image": {oci.MediaTypeImageManifest, `{"schemaVersion":2,"layers":[]}`,
			oci.MediaTypeImageManifest, ""},
		"OCI index": {oci.MediaTypeImageIndex, `{"schemaVersion":2,"manifests":[]}`,
			oci.MediaTypeImageIndex, ""},
		"Docker image": {DockerManifest, `{"schemaVersion":2,"mediaType":"` + DockerManifest + `","layers":[]}`,
			DockerManifest, ""},
		"Docker list": {DockerList, `{"mediaType":"` + DockerList + `","manifests":[]}`, DockerList, ""},
		"with parameter": {oci.MediaTypeImageManifest + "; charset=utf-8", `{"layers":[]}`,
			oci.MediaTypeImageManifest, ""},
		"only the document": {"text/plain", `{"mediaType":"` + DockerList + `","manifests":[]}`, DockerList, ""},
		"nobody says image": {"", `{"layers":[]}`, oci.MediaTypeImageManifest, ""},
		"nobody says index": {"application/json", `{"manifests":[]}`, oci.MediaTypeImageIndex, ""},
		"two opinions": {oci.MediaTypeImageIndex, `{"mediaType":"` + oci.MediaTypeImageManifest +
			`","manifests":[]}`, "", "and the registry that it is"},
		"both": {oci.MediaTypeImageManifest, `{"layers":[],"manifests":[]}`, "",
			"both of one image and of several"},
		"index as image": {oci.MediaTypeImageManifest, `{"manifests":[]}`, "", "it has manifests, which"},
		"schema 1": {"application/vnd.docker.distribution.manifest.v1+prettyjws",
			`{"schemaVersion":1,"fsLayers":[]}`, "",
			"schema 1"},
		"something else": {"", `{"mediaType":"application/x\u001b[2J"}`, "",
			`"application/x\x1b[2J" is none that is known`},
		"no JSON":    {oci.MediaTypeImageManifest, `<html>`, "", "invalid character"},
		"other JSON": {oci.MediaTypeImageManifest, `[]`, "", "cannot unmarshal"},
	} {
		got, err := mediaType(test.header, []byte(test.content))
		if test.fails != "" {
			expectError(t, err, "manifest", test.fails)
		} else if err != nil || got != test.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestEndlessAnswersAreNotReadToTheEnd(t *testing.T) {
	w := newWeb(t)
	endless := func(status int) (http.HandlerFunc, *atomic.Int64) {
		sent := new(atomic.Int64)
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			for r.Context().Err() == nil {
				n, err := w.Write(make([]byte, 1<<16))
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		}, sent
	}
	handler, sent := endless(200)
	w.hosts["example.com"] = handler
	_, err := w.open("example.com/a", "pull").Manifest(context.Background(), "latest")
	expectError(t, err, "larger than 8388608 bytes")
	if sent.Load() > MaxDocument+64<<20 {
		t.Errorf("%d bytes were sent", sent.Load())
	}
	handler, sent = endless(404)
	w.hosts["example.com"] = handler
	_, err = w.open("example.com/a", "pull").Manifest(context.Background(), "latest")
	expectError(t, err, "404 Not Found")
	if sent.Load() > 64<<20 {
		t.Errorf("%d bytes were sent", sent.Load())
	}
	// Of a blob comes what was asked for.
	w.hosts["example.com"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "content")
		handler, _ := endless(200)
		handler(w, r)
	})
	if got, err := get(w.open("example.com/a", "pull"), "content"); err != nil || got != "content" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestBlobIsWhatItsDigestSays(t *testing.T) {
	w := newWeb(t)
	chunked := func(text string) http.HandlerFunc { // so that no header tells the length
		return func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, text)
		}
	}
	for name, test := range map[string]struct {
		handler http.Handler
		want    string
	}{
		"right":          {answering(200, nil, "content"), ""},
		"right, chunked": {chunked("content"), ""},
		"another":        {answering(200, nil, "Content"), "digest mismatch"},
		"short":          {answering(200, nil, "conten"), "size mismatch: it is 6 and must be 7"},
		"short, chunked": {chunked("conten"), "size mismatch: it is 6 and must be 7"},
		"long":           {answering(200, nil, "contents"), "size mismatch: it is 8 and must be 7"},
		"nothing":        {answering(204, nil, ""), "204 No Content"},
		"range nobody wanted": {answering(206, http.Header{"Content-Range": {"bytes 0-6/7"}}, "content"),
			"206 Partial Content"},
		"not there": {answering(404, nil, `{"errors":[{"code":"BLOB_UNKNOWN","message":""}]}`),
			"404 Not Found: blob unknown"},
	} {
		w.hosts["example.com"] = test.handler
		got, err := get(w.open("example.com/a", "pull"), "content")
		if test.want != "" {
			expectError(t, err, test.want)
		} else if err != nil || got != "content" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	w.hosts["example.com"] = answering(200, nil, "")
	if got, err := get(w.open("example.com/a", "pull"), ""); err != nil || got != "" {
		t.Errorf("an empty blob: %q, %v", got, err)
	}
}

// breaking serves a content whose connection breaks after so many bytes, and as often as told.
func breaking(content string, after, times int, ranges func(http.ResponseWriter,
	*http.Request) (first int)) (http.HandlerFunc, *int) {
	answers := new(int)
	return func(w http.ResponseWriter, r *http.Request) {
		*answers++
		first := ranges(w, r)
		w.Header().Set("Content-Length", fmt.Sprint(len(content)-first))
		if first > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		rest := content[first:]
		if *answers <= times && after < len(rest) {
			io.WriteString(w, rest[:after])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		io.WriteString(w, rest)
	}, answers
}

// partly serves the range that was asked for.
func partly(w http.ResponseWriter, r *http.Request) (first int) {
	if header := r.Header.Get("Range"); header != "" {
		var last int
		fmt.Sscanf(header, "bytes=%d-%d", &first, &last)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, last+1))
	}
	return first
}

func TestBrokenDownloadGoesOn(t *testing.T) {
	content := strings.Repeat("0123456789", 600_000)
	all := func(http.ResponseWriter, *http.Request) int { return 0 }
	for name, test := range map[string]struct {
		after, times, answers int
		ranges                func(http.ResponseWriter, *http.Request) int
		want                  string
	}{
		"with ranges":            {1_000_000, 1, 2, partly, ""},
		"with ranges, again":     {500_000, 3, 4, partly, ""},
		"with progress, always":  {1_100_000, 99, 6, partly, ""},
		"without ranges":         {1_000_000, 1, 2, all, ""},
		"too often":              {1000, 99, attempts, partly, "after 4000 of 6000000 bytes"},
		"at once":                {0, 99, attempts, partly, "after 0 of 6000000 bytes"},
		"again and again, whole": {2_000_000, 99, 0, all, "after 2000000 of 6000000 bytes"},
		"wrong range": {1_000_000, 1, 2, func(w http.ResponseWriter, r *http.Request) int {
			first := partly(w, r)
			w.Header().Set("Content-Range", "bytes 0-5999999/6000000")
			return first
		}, "asked for bytes from 1000000 on, and got the range"},
		"another length": {1_000_000, 1, 2, func(w http.ResponseWriter, r *http.Request) int {
			first := partly(w, r)
			if first > 0 {
				first--
			}
			return first
		}, "size mismatch: it is 6000001 and must be 6000000"},
	} {
		overBoth(t, name, func(t *testing.T, w *web) {
			handler, answers := breaking(content, test.after, test.times, test.ranges)
			w.hosts["example.com"] = handler
			got, err := get(w.open("example.com/a", "pull"), content)
			if test.want != "" {
				expectError(t, err, test.want)
			} else if err != nil || got != content {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if test.answers != 0 && *answers != test.answers {
				t.Errorf("it was asked %d times", *answers)
			}
		})
	}
}

// dripping is an answer's body of which a few bytes come again and again, after a pause, and none when the request was
// cancelled.
type dripping struct {
	ctx   context.Context
	bytes int
	pause time.Duration
}

func (d dripping) Read(buffer []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(d.pause):
		return min(d.bytes, len(buffer)), nil
	}
}

// read reads an answer that drips for so many drips, and rests in between. The clock must be that of a bubble.
func (d dripping) read(t *testing.T, drips int, rest time.Duration) (got int, took time.Duration, err error) {
	t.Helper()
	registry := roundTripper(func(request *http.Request) (*http.Response, error) {
		d.ctx = request.Context()
		return &http.Response{Body: io.NopCloser(d)}, nil
	})
	request, err := http.NewRequest(http.MethodGet, "https://example.com/", nil)
	testkit.Must(t, err)
	answer, err := pacer{registry, stallTime}.RoundTrip(request)
	testkit.Must(t, err)
	defer answer.Body.Close()
	for began := time.Now(); ; time.Sleep(rest) {
		n, err := answer.Body.Read(make([]byte, leastProgress))
		got += n
		if drips--; err != nil || drips == 0 {
			return got, time.Since(began), err
		}
	}
}

// A byte a second is progress to net/http, and a pull that never ends to everybody else.
func TestAnswerThatDripsIsStalled(t *testing.T) {
	var stalled *StalledError
	synctest.Test(t, func(t *testing.T) {
		got, took, err := dripping{bytes: 1, pause: 900 * time.Millisecond}.read(t, 1000, 0)
		if !errors.As(err, &stalled) || took != stallTime || got != 66 {
			t.Errorf("a drip: after %v, %d bytes: %v", took, got, err)
		}
		_, took, err = dripping{bytes: leastProgress - 1, pause: stallTime/2 + 1}.read(t, 1000, 0)
		if !errors.As(err, &stalled) || took != stallTime {
			t.Errorf("a byte too little: after %v: %v", took, err)
		}
		_, _, err = dripping{bytes: leastProgress, pause: stallTime - 1}.read(t, 1000, 0)
		if err != nil {
			t.Errorf("just enough: %v", err)
		}
		// A reader that takes its time is not the registry's fault.
		_, took, err = dripping{bytes: 1, pause: time.Second}.read(t, 50, time.Hour)
		if err != nil || took < 49*time.Hour {
			t.Errorf("a slow reader: after %v: %v", took, err)
		}
	})
}

// However slow this machine is, all that can come late is a byte that has no part in the outcome.
func TestRegistryThatSendsNextToNothingIsNotWaitedForWithoutEnd(t *testing.T) {
	content := strings.Repeat("0123456789", 10_000)
	ended := make(chan struct{})
	defer close(ended)
	drip := func(answer http.ResponseWriter, request *http.Request) {
		rest := content[partly(answer, request):] // or else it would be what is skipped that drips
		answer.Header().Set("Content-Length", strconv.Itoa(len(rest)))
		if len(rest) < len(content) {
			answer.WriteHeader(http.StatusPartialContent)
		}
		for at := range rest {
			if _, err := answer.Write([]byte(rest[at : at+1])); err != nil {
				return
			}
			answer.(http.Flusher).Flush()
			select {
			case <-request.Context().Done():
				return
			case <-ended:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	overBoth(t, "drips", func(t *testing.T, w *web) {
		w.hosts["example.com"] = http.HandlerFunc(drip)
		r := w.open("example.com/a", "pull")
		g := r.client.Transport.(guard)
		g.RoundTripper = pacer{g.RoundTripper, 50 * time.Millisecond}
		r.client.Transport = g
		var stalled *StalledError
		if _, err := get(r, content); !errors.As(err, &stalled) || !strings.Contains(err.Error(), "of 100000 bytes") {
			t.Errorf("a blob: %v", err)
		}
		if _, err := r.Manifest(context.Background(), "v1"); !errors.As(err, &stalled) {
			t.Errorf("a manifest: %v", err)
		}
	})
}

// What does not continue the first part is not taken for the blob, though each part is from the registry.
func TestResumedDownloadIsVerifiedAsAWhole(t *testing.T) {
	content := strings.Repeat("0123456789", 1000)
	w := newWeb(t)
	answers := 0
	w.hosts["example.com"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answers++; answers == 1 {
			w.Header().Set("Content-Length", "10000")
			io.WriteString(w, strings.Repeat("x", 5000))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		first := partly(w, r)
		w.WriteHeader(http.StatusPartialContent)
		io.WriteString(w, content[first:])
	})
	_, err := get(w.open("example.com/a", "pull"), content)
	expectError(t, err, "digest mismatch")
}

// Some know ranges but not this one, and say so.
func TestRefusedRangeMeansAllOfIt(t *testing.T) {
	content := strings.Repeat("0123456789", 1000)
	w := newWeb(t)
	handler, _ := breaking(content, 5000, 1, func(http.ResponseWriter, *http.Request) int { return 0 })
	w.hosts["example.com"] = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		handler(w, r)
	})
	if got, err := get(w.open("example.com/a", "pull"), content); err != nil || got != content {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
