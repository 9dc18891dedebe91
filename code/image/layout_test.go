//go:build linux && !vm

package image

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// An image may come for several variants of a processor (image-spec, image-index.md): for amd64 and amd64/v3.
func TestImportPicksTheVariantThatAsksLeast(t *testing.T) {
	s := open(t)
	var l layout
	offer := func(file, variant, name string) oci.Descriptor {
		d := l.image(Config{}, plain, packed(file, ""))
		d.Platform = &oci.Platform{OS: "linux", Architecture: runtime.GOARCH, Variant: variant}
		if name != "" {
			d.Annotations = map[string]string{oci.AnnotationRefName: name}
		}
		return d
	}
	v3, base := offer("v3", "v3", "web:latest"), offer("base", "", "web:latest")
	other := offer("other", "", "other:latest")
	bare3, bare := offer("v3", "v3", ""), offer("base", "", "")
	nested := l.document(oci.MediaTypeImageIndex, oci.Index{Manifests: []oci.Descriptor{bare3, bare}})
	for name, archive := range map[string][]byte{
		"in one index": l.archive(v3, base), "beside another": l.archive(v3, other, base), "nested": l.archive(nested),
		"without names": l.archive(bare3, bare),
	} {
		image, err := s.Import(context.Background(), bytes.NewReader(archive), "web", nil)
		testkit.Must(t, err)
		if _, err := os.Stat(filepath.Join(image.Rootfs, "base")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	image, err := s.Import(context.Background(), bytes.NewReader(l.archive(v3, base)), "", nil)
	if err != nil || image.Ref() != "web:latest" {
		t.Errorf("the name is %s (%v)", image.Ref(), err)
	}
	again := offer("again", "", "")
	_, err = s.Import(context.Background(), bytes.NewReader(l.archive(bare, again)), "web", nil)
	if err == nil || !strings.Contains(err.Error(), "several images") {
		t.Errorf("two images without names: %v", err)
	}
}

// What an image says is not for Sheep to drop: inspect shows it and push hands it on. The deprecated ArgsEscaped is for
// Windows alone (image-spec, config.md).
func TestEveryFieldOfAConfigurationIsKept(t *testing.T) {
	want := oci.ImageConfig{
		User: "lamb", ExposedPorts: map[string]struct{}{"80/tcp": {}}, Env: []string{"A=1"}, Entrypoint: []string{"e"},
		Cmd: []string{"c"}, Volumes: map[string]struct{}{"/data": {}}, WorkingDir: "/srv",
		Labels: map[string]string{"wool": "white"}, StopSignal: "SIGQUIT",
	}
	fields := reflect.ValueOf(want)
	for i := range fields.NumField() {
		if name := fields.Type().Field(i).Name; fields.Field(i).IsZero() && name != "ArgsEscaped" {
			t.Errorf("this test does not look at %s", name)
		}
	}
	if got := configOf(oci.Image{Config: want}).oci("amd64").Config; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v became %+v", want, got)
	}
}
