//go:build linux && !vm

package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// layout is an OCI layout in the making: names and contents by turns, as packed takes them.
type layout struct{ files []string }

// sum is the digest of a content, without the name of the algorithm.
func sum(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// add puts a blob into the layout.
func (l *layout) add(content []byte) oci.Descriptor {
	l.files = append(l.files, "blobs/sha256/"+sum(content), string(content))
	return oci.Descriptor{Digest: digest.FromBytes(content), Size: int64(len(content))}
}

// document puts a blob of JSON into the layout.
func (l *layout) document(mediaType string, value any) oci.Descriptor {
	d := l.add(encoded(value))
	d.MediaType = mediaType
	return d
}

func encoded(value any) []byte {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return content
}

// image puts an image into the layout. The layers are tar archives; pack compresses them.
func (l *layout) image(config Config, pack func([]byte) []byte, layers ...[]byte) oci.Descriptor {
	m := oci.Manifest{Versioned: specs.Versioned{SchemaVersion: 2}}
	var sums []digest.Digest
	for _, layer := range layers {
		sums = append(sums, digest.FromBytes(layer))
		m.Layers = append(m.Layers, l.add(pack(layer)))
	}
	m.Config = l.document("", config.oci(runtime.GOARCH, sums...))
	return l.document(oci.MediaTypeImageManifest, m)
}

// archive packs the layout with an index of images.
func (l *layout) archive(images ...oci.Descriptor) []byte {
	return packed(append(l.files, "index.json", string(encoded(oci.Index{Manifests: images})),
		"oci-layout", `{"imageLayoutVersion": "1.0.0"}`)...)
}

// saved packs images as `docker save` does, with its layers named by directories as before 2023.
func saved(tags []string, config Config, layers ...[]byte) []byte {
	var files []string
	var sums []digest.Digest
	image := dockerImage{RepoTags: tags}
	for index, layer := range layers {
		name := fmt.Sprintf("%064d/layer.tar", index)
		sums = append(sums, digest.FromBytes(layer))
		files = append(files, name, string(layer))
		image.Layers = append(image.Layers, name)
	}
	content := encoded(config.oci(runtime.GOARCH, sums...))
	image.Config = sum(content) + ".json"
	return packed(append(files, image.Config, string(content), "manifest.json",
		string(encoded([]dockerImage{image})))...)
}

func plain(content []byte) []byte { return content }

func gzipped(content []byte) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	writer.Write(content)
	writer.Close()
	return buffer.Bytes()
}

func zstandard(content []byte) []byte {
	writer, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return writer.EncodeAll(content, nil)
}

var someConfig = Config{
	Env:          []string{"PATH=/bin", "A=b"},
	Entrypoint:   []string{"/bin/entry"},
	Cmd:          []string{"argument"},
	WorkingDir:   "/srv",
	User:         "1000:1000",
	ExposedPorts: []string{"53/udp", "80/tcp"},
	Labels:       map[string]string{"maintainer": "nobody"},
}

// twoLayers are layers of which the second deletes and replaces.
var twoLayers = [][]byte{packed("a", "old", "b", "old", "c/d", "old"), packed(".wh.a", "", "b", "new",
	"c/.wh..wh..opq", "")}

// expectTwoLayers sees that an image is made of them.
func expectTwoLayers(t *testing.T, image Image) {
	t.Helper()
	var got []string
	testkit.Must(t, filepath.Walk(image.Rootfs, func(name string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			content, _ := os.ReadFile(name)
			got = append(got, strings.TrimPrefix(name, image.Rootfs)+": "+string(content))
		}
		return err
	}))
	if want := []string{"/b: new"}; !slices.Equal(got, want) {
		t.Errorf("the image has %q, not %q", got, want)
	}
	if !reflect.DeepEqual(image.Config, someConfig) {
		t.Errorf("the image is to be run as %+v", image.Config)
	}
	if image.Size != 3 {
		t.Errorf("the image has %d bytes", image.Size)
	}
}

func TestImportTakesWhatDockerSaves(t *testing.T) {
	s := open(t)
	archive := saved([]string{"web:latest"}, someConfig, twoLayers...)
	for name, archive := range map[string][]byte{"plain": archive, "gzip": gzipped(archive),
		"zstd": zstandard(archive)} {
		image, err := s.Import(context.Background(), bytes.NewReader(archive), name, nil)
		testkit.Must(t, err)
		expectTwoLayers(t, image)
		// Docker shows the same id.
		want := sum(encoded(someConfig.oci(runtime.GOARCH, digest.FromBytes(twoLayers[0]),
			digest.FromBytes(twoLayers[1]))))
		if image.ID != want[:12] {
			t.Errorf("the id is %s, not %s", image.ID, want[:12])
		}
	}
	expectNames(t, s, "gzip:latest", "plain:latest", "zstd:latest")
	entries, err := os.ReadDir(filepath.Dir(must(s.Find("plain")).Rootfs))
	testkit.Must(t, err)
	if len(entries) != 2 {
		t.Errorf("beside manifest and rootfs there are %v", entries)
	}
}

// must is the value of a call that cannot fail here. It panics, as Go hands the results of a call to another function
// only if they are all of its arguments: there is no room for t.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func TestImportFollowsLinksBetweenSavedLayers(t *testing.T) {
	s := open(t)
	// Old versions of Docker save a layer that occurs twice once, with a link to it.
	layer := packed("a", "b")
	config := encoded(oci.Image{RootFS: oci.RootFS{DiffIDs: []digest.Digest{digest.FromBytes(layer),
		digest.FromBytes(layer)}}})
	var buffer bytes.Buffer
	writer := tar.NewWriter(&buffer)
	writer.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: "2/layer.tar", Linkname: "../1/layer.tar"})
	manifest := encoded([]dockerImage{{Config: "config.json", Layers: []string{"1/layer.tar", "2/layer.tar"}}})
	for name, content := range map[string][]byte{"1/layer.tar": layer, "config.json": config,
		"manifest.json": manifest} {
		writer.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644})
		writer.Write(content)
	}
	writer.Close()
	_, err := s.Import(context.Background(), &buffer, "web", nil)
	testkit.Must(t, err)
}

func TestImportTakesOCILayouts(t *testing.T) {
	s := open(t)
	for name, pack := range map[string]func([]byte) []byte{"plain": plain, "gzip": gzipped, "zstd": zstandard} {
		var l layout
		d := l.image(someConfig, pack, twoLayers...)
		image, err := s.Import(context.Background(), bytes.NewReader(l.archive(d)), name, nil)
		testkit.Must(t, err)
		expectTwoLayers(t, image)
		if image.Digest != string(d.Digest) {
			t.Errorf("the digest is %q, not %s", image.Digest, d.Digest)
		}
	}
}

func TestImportPicksThePlatform(t *testing.T) {
	s := open(t)
	var l layout
	right, wrong := l.image(someConfig, plain, twoLayers...), l.image(Config{}, plain, packed("wrong", ""))
	right.Platform = &oci.Platform{OS: "linux", Architecture: runtime.GOARCH}
	wrong.Platform = &oci.Platform{OS: "linux", Architecture: "s390x"}
	nested := l.document(oci.MediaTypeImageIndex, oci.Index{Manifests: []oci.Descriptor{wrong, right}})
	image, err := s.Import(context.Background(), bytes.NewReader(l.archive(nested)), "web", nil)
	testkit.Must(t, err)
	expectTwoLayers(t, image)
	_, err = s.Import(context.Background(), bytes.NewReader(l.archive(wrong)), "web", nil)
	if err == nil || !strings.Contains(err.Error(), "linux/"+runtime.GOARCH) ||
		!strings.Contains(err.Error(), "linux/s390x") {
		t.Errorf("an image for another machine: %v", err)
	}
}

func TestImportPicksTheImageOfThatName(t *testing.T) {
	s := open(t)
	var l layout
	one, two := l.image(Config{}, plain, packed("one", "")), l.image(Config{}, plain, packed("two", ""))
	one.Annotations = map[string]string{"io.containerd.image.name": "docker.io/library/one:v1"}
	two.Annotations = map[string]string{"org.opencontainers.image.ref.name": "two:latest"}
	for ref, want := range map[string]string{"one:v1": "one", "two": "two"} {
		image, err := s.Import(context.Background(), bytes.NewReader(l.archive(one, two)), ref, nil)
		testkit.Must(t, err)
		if _, err := os.Stat(filepath.Join(image.Rootfs, want)); err != nil {
			t.Errorf("import as %s took another image: %v", ref, err)
		}
	}
	_, err := s.Import(context.Background(), bytes.NewReader(l.archive(one, two)), "three", nil)
	if err == nil || !strings.Contains(err.Error(), `library/one:v1", "two:latest"`) {
		t.Errorf("a name that no image in the archive has: %v", err)
	}
}

func TestImportTakesTheNameFromTheArchive(t *testing.T) {
	s := open(t)
	var l, nameless layout
	d := l.image(Config{}, plain, packed("a", ""))
	d.Annotations = map[string]string{"io.containerd.image.name": "docker.io/library/one:v1"}
	tag := nameless.image(Config{}, plain, packed("a", ""))
	tag.Annotations = map[string]string{"org.opencontainers.image.ref.name": "v1"}
	for want, archive := range map[string][]byte{
		"one:v1":             l.archive(d),
		"example.org/web:v2": saved([]string{"example.org/web:v2", "web:v3"}, Config{}, packed("a", "")),
		"":                   packed("a", "b"),
		"  ":                 nameless.archive(tag),
	} {
		image, err := s.Import(context.Background(), bytes.NewReader(archive), "", nil)
		switch {
		case strings.TrimSpace(want) == "" && (err == nil || !strings.Contains(err.Error(), "give it a name")):
			t.Errorf("an archive without a name: %+v, %v", image, err)
		case strings.TrimSpace(want) != "" && (err != nil || image.Ref() != want):
			t.Errorf("the name is %s, not %s (%v)", image.Ref(), want, err)
		}
	}
	expectNames(t, s, "example.org/web:v2", "one:v1")
}

func TestRootFilesystemMayHaveAManifestOfItsOwn(t *testing.T) {
	s := open(t)
	for _, content := range []string{`{"name": "app"}`, `[]`, `[{"src": "a.js"}]`, `no JSON`} {
		image := importFiles(t, s, "app", "manifest.json", content, "bin/app", "program")
		if _, err := os.Stat(filepath.Join(image.Rootfs, "bin/app")); err != nil {
			t.Errorf("manifest.json with %s: %v", content, err)
		}
	}
}

// hostileBundles are archives of images that must be refused, and what the error must say.
func hostileBundles() map[string]hostileBundle {
	hostile := make(map[string]hostileBundle)
	docker := func(name, config string, layers []string, want string, files ...string) {
		manifest := encoded([]dockerImage{{Config: config, Layers: layers}})
		hostile[name] = hostileBundle{packed(append(files, "manifest.json", string(manifest))...), want}
	}
	layer := string(packed("a", "b"))
	config := string(encoded(oci.Image{RootFS: oci.RootFS{DiffIDs: []digest.Digest{digest.FromBytes([]byte(layer))}}}))
	docker("config outside", "../../../../../../../etc/passwd", nil, "etc/passwd")
	docker("absolute config", "/etc/passwd", nil, "/etc/passwd")
	docker("missing config", "config.json", nil, "config.json")
	docker("layer outside", "config.json", []string{"../canary"}, "../canary", "config.json", config)
	docker("missing layer", "config.json", []string{"layer.tar"}, "layer.tar", "config.json", config)
	docker("layer is a directory", "config.json", []string{"dir"}, "dir", "config.json", config, "dir/a", "")
	docker("layer name with a zero byte", "config.json", []string{"a\x00b"}, `a\x00b`, "config.json", config)
	docker("config is no JSON", "config.json", []string{"layer.tar"}, "config.json", "config.json", "{",
		"layer.tar", layer)
	docker("config is deep", "config.json", []string{"layer.tar"}, "config.json", "config.json",
		strings.Repeat("[", 1<<20), "layer.tar", layer)
	docker("config is huge", "config.json", []string{"layer.tar"}, "larger than", "config.json",
		strings.Repeat(" ", maxDocument+1), "layer.tar", layer)
	docker("config for Windows", "config.json", nil, "windows", "config.json", `{"os": "windows"}`)
	docker("more layers than digests", "config.json", []string{"layer.tar", "layer.tar"}, "2 layers",
		"config.json", config, "layer.tar", layer)
	docker("no digests at all", "config.json", []string{"layer.tar"}, "1 layers", "config.json", "{}",
		"layer.tar", layer)
	docker("layer with another content", "config.json", []string{"layer.tar"}, "digest mismatch", "config.json", config,
		"layer.tar", string(packed("a", "c")))
	docker("time that is long", "config.json", nil, "parsing time", "config.json",
		string(encoded(map[string]string{"created": "\x1b[2J" + strings.Repeat("x", maxDocument/2)})))
	escape := packed("../../canary", "x")
	docker("hostile layer", "config.json", []string{"layer.tar"}, "../../canary", "config.json",
		string(encoded(oci.Image{RootFS: oci.RootFS{DiffIDs: []digest.Digest{digest.FromBytes(escape)}}})), "layer.tar",
		string(escape))
	docker("layer is an image", "config.json", []string{"layer.tar"}, "digest mismatch", "config.json", config,
		"layer.tar", string(saved(nil, Config{}, []byte(layer))))

	layouts := func(name, want string, build func(l *layout) []oci.Descriptor) {
		var l layout
		images := build(&l)
		hostile[name] = hostileBundle{l.archive(images...), want}
	}
	const manifestType, indexType = oci.MediaTypeImageManifest, oci.MediaTypeImageIndex
	layouts("tampered layer", "digest mismatch", func(l *layout) []oci.Descriptor {
		d := l.image(Config{}, gzipped, packed("a", "b"))
		l.files[1] = string(gzipped(packed("a", "c")))
		return []oci.Descriptor{d}
	})
	layouts("tampered layer that does not unpack", "digest mismatch", func(l *layout) []oci.Descriptor {
		d := l.image(Config{}, gzipped, packed("a", "b"))
		l.files[1] = l.files[1][:20] + "tampered" + l.files[1][28:]
		return []oci.Descriptor{d}
	})
	layouts("layer packed again", "digest mismatch", func(l *layout) []oci.Descriptor {
		d := l.image(Config{}, gzipped, packed("a", "b"))
		l.files[1] = string(zstandard(packed("a", "b"))) // the same inside
		return []oci.Descriptor{d}
	})
	layouts("tampered config", "digest mismatch", func(l *layout) []oci.Descriptor {
		d := l.image(Config{}, plain, packed("a", "b"))
		l.files[3] = strings.Replace(l.files[3], "linux", "lynux", 1)
		return []oci.Descriptor{d}
	})
	layouts("tampered manifest", "digest mismatch", func(l *layout) []oci.Descriptor {
		d := l.image(Config{}, plain, packed("a", "b"))
		l.files[5] += " "
		return []oci.Descriptor{d}
	})
	layouts("digest that is a path", "not a digest", func(*layout) []oci.Descriptor {
		return []oci.Descriptor{{MediaType: manifestType, Digest: "sha256:../../../canary"}}
	})
	layouts("digest of an unknown kind", "not a digest", func(*layout) []oci.Descriptor {
		return []oci.Descriptor{{MediaType: manifestType, Digest: "md5:d41d8cd98f00b204e9800998ecf8427e"}}
	})
	layouts("missing blob", "blobs/sha256/"+sum(nil), func(*layout) []oci.Descriptor {
		return []oci.Descriptor{{MediaType: manifestType, Digest: digest.FromBytes(nil)}}
	})
	// Names that clear the screen, and have no end.
	endless := "\x1b[2J" + strings.Repeat("x", 1000)
	cut := `"\x1b[2J` + strings.Repeat("x", 96) + `"`
	layouts("digest that is long", cut+" is not a digest", func(*layout) []oci.Descriptor {
		return []oci.Descriptor{{MediaType: manifestType, Digest: digest.Digest(endless)}}
	})
	layouts("platform that is long", "only for "+`"\x1b[2J`+strings.Repeat("x", 96)+`"`,
		func(*layout) []oci.Descriptor {
			return []oci.Descriptor{{MediaType: manifestType, Platform: &oci.Platform{OS: endless, Architecture: "a"}}}
		})
	layouts("many platforms", `"moon/9", …`, func(*layout) (all []oci.Descriptor) {
		for number := range 40 {
			all = append(all, oci.Descriptor{Platform: &oci.Platform{OS: "moon", Architecture: fmt.Sprint(number / 2)}})
		}
		return append(all, oci.Descriptor{Platform: &oci.Platform{OS: "moon", Architecture: "x"}})
	})
	configured := func(name, want string, config oci.Image) {
		layouts(name, want, func(l *layout) []oci.Descriptor {
			content := packed("a", "b")
			m := oci.Manifest{Layers: []oci.Descriptor{l.add(content)}, Config: l.document("", config)}
			return []oci.Descriptor{l.document(manifestType, m)}
		})
	}
	configured("system that is long", "made for "+cut+",", oci.Image{Platform: oci.Platform{OS: endless}})
	configured("sum that is long", "must be "+cut,
		oci.Image{RootFS: oci.RootFS{DiffIDs: []digest.Digest{digest.Digest(endless)}}})
	layouts("nothing at all", "no image", func(*layout) []oci.Descriptor { return nil })
	layouts("index in a circle", "digest mismatch", func(l *layout) []oci.Descriptor {
		// A circle needs a digest that is wrong somewhere.
		name := "sha256:" + strings.Repeat("0", 64)
		circle := encoded(oci.Index{Manifests: []oci.Descriptor{{MediaType: indexType, Digest: digest.Digest(name)}}})
		l.files = append(l.files, "blobs/sha256/"+strings.Repeat("0", 64), string(circle))
		return []oci.Descriptor{{MediaType: indexType, Digest: digest.Digest(name)}}
	})
	layouts("index of indexes of indexes", "no image", func(l *layout) []oci.Descriptor {
		// A hundred times each: walked through one by one, 100 to the power of 20.
		var d oci.Descriptor
		for level := range 20 {
			wide := oci.Index{Manifests: slices.Repeat([]oci.Descriptor{d}, 100)}
			if level == 0 {
				wide = oci.Index{}
			}
			d = l.document(indexType, wide)
		}
		return []oci.Descriptor{d}
	})
	layouts("more indexes than anybody needs", "documents", func(l *layout) []oci.Descriptor {
		var all []oci.Descriptor
		for number := range maxLayers + 1 {
			all = append(all, l.document(indexType, map[string]int{"number": number}))
		}
		return all
	})
	return hostile
}

type hostileBundle struct {
	archive []byte
	want    string
}

func TestHostileBundlesAreRefused(t *testing.T) {
	for name, hostile := range hostileBundles() {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			canary := filepath.Join(s.dir, "..", "canary")
			testkit.Must(t, os.WriteFile(canary, []byte("sings"), 0o600))
			_, err := s.Import(context.Background(), bytes.NewReader(hostile.archive), "web", nil)
			if err == nil || !strings.Contains(err.Error(), hostile.want) {
				t.Errorf("the error is %q; it should speak of %q", err, hostile.want)
			}
			if text := fmt.Sprint(err); len(text) > 3000 || strings.Contains(text, "\x1b") {
				t.Errorf("the error does not fit a terminal: %.3000q", text)
			}
			if content, err := os.ReadFile(canary); string(content) != "sings" {
				t.Errorf("outside the canary %q (%v)", content, err)
			}
			expectNames(t, s)
		})
	}
}

func TestPartsThatAreNoFilesAreRefused(t *testing.T) {
	s := open(t)
	config := encoded(oci.Image{RootFS: oci.RootFS{DiffIDs: []digest.Digest{digest.FromBytes(nil)}}})
	manifest := encoded([]dockerImage{{Config: "config.json", Layers: []string{"layer.tar"}}})
	for name, part := range map[string]tar.Header{
		"pipe":           {Typeflag: tar.TypeFifo}, // opened, it would wait for a writer forever
		"link outside":   {Typeflag: tar.TypeSymlink, Linkname: "../../../canary"},
		"absolute link":  {Typeflag: tar.TypeSymlink, Linkname: "/dev/zero"},
		"link to itself": {Typeflag: tar.TypeSymlink, Linkname: "layer.tar"},
		"link to a pipe": {Typeflag: tar.TypeSymlink, Linkname: "pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			var buffer bytes.Buffer
			writer := tar.NewWriter(&buffer)
			part.Name = "layer.tar"
			testkit.Must(t, writer.WriteHeader(&tar.Header{Typeflag: tar.TypeFifo, Name: "pipe"}))
			testkit.Must(t, writer.WriteHeader(&part))
			for name, content := range map[string][]byte{"config.json": config, "manifest.json": manifest} {
				testkit.Must(t, writer.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644}))
				writer.Write(content)
			}
			testkit.Must(t, writer.Close())
			_, err := s.Import(context.Background(), &buffer, "web", nil)
			var refused *EntryError
			if !errors.As(err, &refused) || refused.Entry != "layer.tar" {
				t.Errorf("the error is %v", err)
			}
			expectNames(t, s)
		})
	}
}
