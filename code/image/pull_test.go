//go:build linux && !vm

package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	memory "github.com/google/go-containerregistry/pkg/registry"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
)

// cspell:ignore htpasswd rootcertbundle

// serve runs a registry in memory and returns its host. change, if there is one, may change what it answers.
func serve(t *testing.T, change func(http.ResponseWriter, *http.Request, http.Handler)) string {
	t.Helper()
	handler := memory.New(memory.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if change == nil {
			handler.ServeHTTP(w, r)
			return
		}
		change(w, r, handler)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// upload puts the parts of a layout into a registry by hand, and an image or index under a tag.
func upload(t *testing.T, host, repository, tag string, l layout, top oci.Descriptor) {
	t.Helper()
	for index := 0; index < len(l.files); index += 2 {
		content := []byte(l.files[index+1])
		digest := "sha256:" + filepath.Base(l.files[index])
		put(t, http.MethodPost, fmt.Sprintf("http://%s/v2/%s/blobs/uploads/?digest=%s", host, repository, digest), "",
			content)
		for part, kind := range map[string]string{`"layers":`: oci.MediaTypeImageManifest,
			`"manifests":`: oci.MediaTypeImageIndex} {
			if bytes.Contains(content, []byte(part)) {
				put(t, http.MethodPut, fmt.Sprintf("http://%s/v2/%s/manifests/%s", host, repository, digest), kind,
					content)
			}
		}
		if digest == string(top.Digest) {
			put(t, http.MethodPut, fmt.Sprintf("http://%s/v2/%s/manifests/%s", host, repository, tag), top.MediaType,
				content)
		}
	}
}

func put(t *testing.T, method, url, contentType string, content []byte) {
	t.Helper()
	request, err := http.NewRequest(method, url, bytes.NewReader(content))
	testkit.Must(t, err)
	request.Header.Set("Content-Type", contentType)
	answer, err := http.DefaultClient.Do(request)
	testkit.Must(t, err)
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s: %s", method, url, answer.Status, body)
	}
}

func TestTamperedBlobInDebiansRegistryIsRefused(t *testing.T) {
	host, storage := testhost.Registry(t)
	from, to := open(t), open(t)
	ref := host + "/web:latest"
	importFiles(t, from, ref, "a", strings.Repeat("b", 1000))
	_, err := from.Push(context.Background(), ref, nil, false)
	testkit.Must(t, err)
	blobs, err := filepath.Glob(filepath.Join(storage, "docker/registry/v2/blobs/sha256/*/*/data"))
	testkit.Must(t, err)
	tampered := 0
	for _, name := range blobs {
		content, err := os.ReadFile(name)
		testkit.Must(t, err)
		if bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
			content[len(content)/2] ^= 1
			testkit.Must(t, os.WriteFile(name, content, 0o600))
			tampered++
		}
	}
	if tampered != 1 {
		t.Fatalf("the registry keeps %d layers", tampered)
	}
	_, err = to.Pull(context.Background(), ref, nil, false)
	if err == nil || !strings.Contains(err.Error(), "digest mismatch") {
		t.Errorf("pull of a tampered layer: %v", err)
	}
	expectNames(t, to)
}

func TestPullPicksThePlatform(t *testing.T) {
	host := serve(t, nil)
	var l layout
	right, wrong := l.image(someConfig, gzipped, twoLayers...), l.image(Config{}, plain, packed("wrong", ""))
	right.Platform = &oci.Platform{OS: "linux", Architecture: runtime.GOARCH}
	wrong.Platform = &oci.Platform{OS: "linux", Architecture: "s390x"}
	upload(t, host, "web", "all", l, l.document(oci.MediaTypeImageIndex,
		oci.Index{Manifests: []oci.Descriptor{wrong, right}}))
	upload(t, host, "web", "other", l, l.document(oci.MediaTypeImageIndex,
		oci.Index{Manifests: []oci.Descriptor{wrong}}))
	s := open(t)
	image, err := s.Pull(context.Background(), host+"/web:all", nil, false)
	testkit.Must(t, err)
	expectTwoLayers(t, image)
	_, err = s.Pull(context.Background(), host+"/web:other", nil, false)
	if err == nil || !strings.Contains(err.Error(), "linux/"+runtime.GOARCH) {
		t.Errorf("an image for another machine: %v", err)
	}
}

func TestChoiceOfAPlatform(t *testing.T) {
	for name, test := range map[string]struct {
		offers []string // os/architecture/variant, or nothing
		want   int
		fails  string
	}{
		"the one":               {[]string{"linux/s390x", "linux/arm", "windows/arm"}, 1, ""},
		"least of the variants": {[]string{"linux/arm/v7", "linux/arm/v6", "linux/arm/v8"}, 1, ""},
		"no variant":            {[]string{"linux/arm/v5", "linux/arm"}, 1, ""},
		"first of equals":       {[]string{"linux/arm/v7", "linux/arm/v7"}, 0, ""},
		"who says nothing":      {[]string{"linux/amd64", ""}, 1, ""},
		"rather who says it":    {[]string{"", "linux/arm/v7"}, 1, ""},
		"none": {[]string{"windows/arm", "linux/amd64", "unknown/unknown", "linux/amd64/v3"}, 0,
			`no image for linux/arm, only for "linux/amd64", "windows/arm"`},
		"hostile": {[]string{"\x1b[2J/" + strings.Repeat("x", 1000)}, 0,
			`no image for linux/arm, only for "\x1b[2J/xxx`},
		"nothing": {nil, 0, "no image for linux/arm, nor for any other platform"},
	} {
		var index oci.Index
		for number, offer := range test.offers {
			d := oci.Descriptor{Size: int64(number)}
			if words := append(strings.Split(offer, "/"), ""); offer != "" {
				d.Platform = &oci.Platform{OS: words[0], Architecture: words[1], Variant: words[2]}
			}
			index.Manifests = append(index.Manifests, d)
		}
		chosen, err := choose(index.Manifests, oci.Platform{OS: "linux", Architecture: "arm"})
		if test.fails != "" {
			if err == nil || !strings.HasPrefix(err.Error(), test.fails) || len(err.Error()) > 150 {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || chosen.Size != int64(test.want) {
			t.Errorf("%s: %d, %v", name, chosen.Size, err)
		}
	}
}

func TestPullFollowsIndexesOfIndexes(t *testing.T) {
	host := serve(t, nil)
	var l layout
	top := l.image(someConfig, zstandard, twoLayers...)
	s := open(t)
	for depth := range 5 {
		upload(t, host, "web", "latest", l, top)
		image, err := s.Pull(context.Background(), host+"/web", nil, false)
		if depth == 4 {
			if err == nil || !strings.Contains(err.Error(), "nested more than 4 levels deep") {
				t.Errorf("an index in four others: %v", err)
			}
			break
		}
		testkit.Must(t, err)
		expectTwoLayers(t, image)
		if image.Digest != string(top.Digest) {
			t.Errorf("the digest is %s, not that of the tag, %s", image.Digest, top.Digest)
		}
		top = l.document(oci.MediaTypeImageIndex, oci.Index{Manifests: []oci.Descriptor{top}})
	}
}

func TestRepeatedLayerIsFetchedOnce(t *testing.T) {
	var fetched atomic.Int32
	host := serve(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			fetched.Add(1)
		}
		next.ServeHTTP(w, r)
	})
	var l layout
	upload(t, host, "web", "latest", l, l.image(someConfig, plain, twoLayers[0], twoLayers[1], twoLayers[0],
		twoLayers[1]))
	var received count
	image, err := open(t).Pull(context.Background(), host+"/web", &received, false)
	testkit.Must(t, err)
	expectTwoLayers(t, image)
	if fetched.Load() != 3 {
		t.Errorf("%d blobs were fetched: a configuration and two layers are there", fetched.Load())
	}
}

// tampering answers the nth request whose path has a part with something else.
func tampering(part string, n int32, answer func(w http.ResponseWriter, original []byte)) func(http.ResponseWriter,
	*http.Request, http.Handler) {
	var seen atomic.Int32
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method != http.MethodGet || !strings.Contains(r.URL.Path, part) || seen.Add(1) != n {
			next.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		w.Header().Set("Content-Type", recorder.Header().Get("Content-Type"))
		answer(w, recorder.Body.Bytes())
	}
}

func TestPullTrustsNoRegistry(t *testing.T) {
	flipped := func(w http.ResponseWriter, original []byte) {
		original[len(original)/2] ^= 1
		w.Write(original)
	}
	for name, attack := range map[string]struct {
		part   string
		number int32
		answer func(http.ResponseWriter, []byte)
		want   string
	}{
		"tampered configuration": {"/blobs/", 1, flipped, "digest mismatch"},
		"tampered layer":         {"/blobs/", 2, flipped, "digest mismatch"},
		"short layer": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.(http.Flusher).Flush() // so that no header tells the length
			w.Write(original[:len(original)-1])
		}, "size mismatch"},
		"long layer": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.(http.Flusher).Flush()
			w.Write(append(original, 'x'))
		}, ""}, // no more than the size is read, and that is the layer
		"broken connection": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.Header().Set("Content-Length", strconv.Itoa(len(original)))
			w.Write(original[:len(original)/2])
		}, ""}, // what is missing is asked for
		"layer of another length": {"/blobs/", 2, func(w http.ResponseWriter, original []byte) {
			w.Write(append(original, 'x'))
		}, "size mismatch"},
		"manifest without digests": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			io.WriteString(w, `{"schemaVersion": 2, "layers": [{"digest": "sha256:../../../../canary", "size": 1}]}`)
		}, "sha256"},
		"configuration of endless size": {"/manifests/", 1, func(w http.ResponseWriter, original []byte) {
			fmt.Fprintf(w, `{"schemaVersion": 2, "config": {"digest": "sha256:%s", "size": -1}}`, sum(nil))
		}, "a size of -1 bytes"},
		"path in an index": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			w.Header().Set("Content-Type", oci.MediaTypeImageIndex)
			io.WriteString(w, `{"schemaVersion": 2, "manifests": [{"digest": "sha256:../../../../canary", "size": 1}]}`)
		}, "is not a digest"},
		"question in an index": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			w.Header().Set("Content-Type", oci.MediaTypeImageIndex)
			io.WriteString(w, `{"schemaVersion": 2, "manifests": [{"digest": "../../a/manifests/b?c#d", "size": 1}]}`)
		}, "is not a digest"},
		"index that says it is a manifest": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			io.WriteString(w, `{"schemaVersion": 2, "manifests": []}`)
		}, "it has manifests"},
		"no manifest": {"/manifests/", 1, func(w http.ResponseWriter, _ []byte) {
			io.WriteString(w, "<html>")
		}, "manifest"},
	} {
		t.Run(name, func(t *testing.T) {
			host := serve(t, tampering(attack.part, attack.number, attack.answer))
			var l layout
			upload(t, host, "web", "latest", l, l.image(someConfig, gzipped, twoLayers...))
			s := open(t)
			_, err := s.Pull(context.Background(), host+"/web", nil, false)
			if attack.want == "" {
				testkit.Must(t, err)
				return
			}
			if err == nil || !strings.Contains(err.Error(), attack.want) {
				t.Errorf("the error is %v; it should speak of %q", err, attack.want)
			}
			expectNames(t, s)
		})
	}
}

func TestHostileManifestsAreRefused(t *testing.T) {
	var l layout
	layer := l.add(twoLayers[0])
	config := l.document("", someConfig.oci(runtime.GOARCH, digest.FromBytes(twoLayers[0])))
	manifest := func(layers ...oci.Descriptor) oci.Descriptor {
		m := oci.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}, Config: config, Layers: layers}
		return l.document(oci.MediaTypeImageManifest, m)
	}
	sized := func(d oci.Descriptor, size int64) oci.Descriptor {
		d.Size = size
		return d
	}
	called := func(sum string) oci.Descriptor { return oci.Descriptor{Digest: digest.Digest(sum), Size: 1} }
	other := called("sha256:" + strings.Repeat("a", 64))
	many := make([]oci.Descriptor, maxLayers+1)
	for index := range many {
		many[index] = called(fmt.Sprintf("sha256:%064x", index))
	}
	foreign := layer
	foreign.URLs = []string{"https://example.org/\x1b[2J"}
	for name, attack := range map[string]struct {
		top  oci.Descriptor
		want string
	}{
		"negative size":    {manifest(sized(layer, -1)), "a size of -1 bytes"},
		"two sizes":        {manifest(layer, sized(layer, 1)), "a size of 1 bytes"},
		"size of another":  {manifest(sized(layer, layer.Size+1)), "size mismatch"},
		"size of part":     {manifest(sized(layer, layer.Size-1)), "size mismatch"},
		"size without end": {manifest(sized(layer, math.MaxInt64)), "larger than"},
		"sizes that overflow": {manifest(sized(layer, math.MaxInt64/2), sized(other, math.MaxInt64)),
			"larger than"},
		"too many layers":          {manifest(many...), "1001 layers"},
		"layers of nothing":        {manifest(), "0 layers, and digests of 1"},
		"layer that is not there":  {manifest(layer, other), "pull the parts of"},
		"more layers than digests": {manifest(layer, layer), "2 layers, and digests of 1"},
		"path for a digest":        {manifest(called("sha256:../../../../../canary")), "is not a digest"},
		"path after a digest":      {manifest(called(string(other.Digest[:60]) + "/../")), "is not a digest"},
		"capitals in a digest":     {manifest(called(strings.ToUpper(string(other.Digest)))), "is not a digest"},
		"another algorithm":        {manifest(called("sha512:" + strings.Repeat("a", 128))), "is not a digest"},
		"no algorithm":             {manifest(called(strings.Repeat("a", 64))), "is not a digest"},
		"foreign layer": {manifest(foreign),
			`not in the registry but elsewhere ("https://example.org/\x1b[2J")`},
		"index of nothing":       {l.document(oci.MediaTypeImageIndex, oci.Index{}), "nor for any other platform"},
		"configuration as layer": {manifest(config), "exists"},
		"no image": {l.document(oci.MediaTypeImageManifest, map[string]any{"schemaVersion": 2,
			"config": map[string]any{"digest": other.Digest, "size": 2}, "layers": []int{1}}), "manifest: json"},
	} {
		t.Run(name, func(t *testing.T) {
			host := serve(t, nil)
			upload(t, host, "web", "latest", l, attack.top)
			s := open(t)
			_, err := s.Pull(context.Background(), host+"/web", nil, false)
			if err == nil || !strings.Contains(err.Error(), attack.want) {
				t.Errorf("the error is %v; it should speak of %q", err, attack.want)
			}
			expectNames(t, s)
		})
	}
}

func TestPullKeepsToTheLimit(t *testing.T) {
	host := serve(t, nil)
	var l layout
	upload(t, host, "web", "latest", l, l.image(someConfig, plain, twoLayers...))
	s := open(t)
	s.Limits.Bytes = int64(len(twoLayers[0])+len(twoLayers[1])) - 1
	_, err := s.Pull(context.Background(), host+"/web", nil, false)
	if err == nil || !strings.Contains(err.Error(), "the layers are larger than") {
		t.Errorf("the error is %v", err)
	}
	huge := oci.Manifest{Layers: []oci.Descriptor{{Digest: "a", Size: math.MaxInt64},
		{Digest: "b", Size: math.MaxInt64}}}
	if _, _, err := download(huge.Layers, 0); err == nil {
		t.Error("sizes may overflow")
	}
	s.Limits.Bytes++
	_, err = s.Pull(context.Background(), host+"/web", nil, false)
	testkit.Must(t, err)
}

func TestUnknownNameOfARegistryIsNoSilentRegistry(t *testing.T) {
	before := leadsOutside
	defer func() { leadsOutside = before }()
	for _, c := range []struct {
		code     byte
		isOnline bool
		want     string
	}{
		{3, true, "registry.test, is unknown"}, {2, true, "registry.test, cannot be looked up"},
		{3, false, "registry.test, is unknown"}, {2, false, "there is no network"}, // a resolver of the machine's own
	} {
		resolver(t, c.code)
		leadsOutside = func() bool { return c.isOnline }
		_, err := open(t).Pull(context.Background(), "registry.test/web", nil, false)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "no registry at") ||
			errors.Is(err, ErrNoNetwork) != strings.Contains(c.want, "network") {
			t.Errorf("with response code %d, online %v: %v", c.code, c.isOnline, err)
		}
	}
}

func TestRegistryThatDoesNotAnswerIsToldFromNone(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	from := &registry.Repository{Host: "registry.test"}
	for err, want := range map[error]string{
		dial(os.ErrDeadlineExceeded): "the registry at registry.test does not answer",
		dial(syscall.ECONNREFUSED):   "no registry at registry.test",
		dial(syscall.EHOSTUNREACH):   "does not reach a registry at registry.test",
	} {
		before := leadsOutside
		leadsOutside = func() bool { return true }
		got := explain("pull", must(parseReference("registry.test/web")), from, err)
		leadsOutside = before
		if !strings.Contains(got.Error(), want) || !errors.Is(got, err) {
			t.Errorf("%v becomes %v, want %q", err, got, want)
		}
	}
}

// resolver answers each question about a name with a response code (RFC 1035, section 4.1.1), for the time of the test.
func resolver(t *testing.T, code byte) {
	server := must(net.ListenPacket("udp", "127.0.0.1:0"))
	go func() {
		for buffer := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			buffer[2], buffer[3] = buffer[2]|0x80, code // it is a response
			server.WriteTo(buffer[:n], from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		server.Close()
	})
}
