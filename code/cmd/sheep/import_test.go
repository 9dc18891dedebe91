//go:build linux

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// pack packs files, names and contents by turns.
func pack(t *testing.T, files ...string) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for at := 0; at < len(files); at += 2 {
		testkit.Must(t, w.WriteHeader(&tar.Header{Name: files[at], Typeflag: tar.TypeReg, Mode: 0o644,
			Size: int64(len(files[at+1]))}))
		_, err := w.Write([]byte(files[at+1]))
		testkit.Must(t, err)
	}
	testkit.Must(t, w.Close())
	return archive.Bytes()
}

func encoded(t *testing.T, value any) string {
	t.Helper()
	content, err := json.Marshal(value)
	testkit.Must(t, err)
	return string(content)
}

func digest(content string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(content))) }

// object is one of JSON.
type object = map[string]any

// configuration is that of an image of two layers.
func configuration(t *testing.T, layers ...string) string {
	var sums []string
	for _, layer := range layers {
		sums = append(sums, "sha256:"+digest(layer))
	}
	return encoded(t, object{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": object{
			"Env": []string{"FLOCK=white"}, "Entrypoint": []string{"sh", "-c",
				`echo $FLOCK $(pwd) $(id -u) $(cat /wool) "$@"`, "sh"},
			"Cmd": []string{"from", "the", "image"}, "WorkingDir": "/tmp", "User": "ewe",
		},
		"rootfs": object{"type": "layers", "diff_ids": sums},
	})
}

func TestImportedImagesRunAsTheirConfigurationSays(t *testing.T) {
	testns.RequireUsers(t)
	u := newUser(t)
	below, above := string(busybox(t)), string(pack(t, "wool", "soft\n", "etc/.wh.not-a-program", ""))
	config := configuration(t, below, above)

	// As docker save wrote it before 2023, and as it and others write it since: image-spec, "OCI Image Layout".
	saved := pack(t, "1/layer.tar", below, "2/layer.tar", above, "config.json", config, "manifest.json",
		encoded(t, []object{{"Config": "config.json", "RepoTags": []string{"saved:1"}, "Layers": []string{"1/layer.tar",
			"2/layer.tar"}}}))
	blob := func(content string) object {
		return object{"digest": "sha256:" + digest(content), "size": len(content)}
	}
	manifest := encoded(t, object{"schemaVersion": 2, "config": blob(config), "layers": []object{blob(below),
		blob(above)}})
	entry := blob(manifest)
	entry["mediaType"] = "application/vnd.oci.image.manifest.v1+json"
	blobs := []string{}
	for _, content := range []string{below, above, config, manifest} {
		blobs = append(blobs, "blobs/sha256/"+digest(content), content)
	}
	layout := pack(t, append(blobs, "index.json", encoded(t, object{"schemaVersion": 2, "manifests": []object{entry}}),
		"oci-layout", `{"imageLayoutVersion": "1.0.0"}`)...)

	for name, archive := range map[string][]byte{"saved:1": saved, "layout:1": layout} {
		file := filepath.Join(t.TempDir(), "image.tar")
		testkit.Must(t, os.WriteFile(file, archive, 0o600))
		if got := u.ok("import", file, name); got != name+"\n" {
			t.Errorf("import prints %q", got)
		}
		u.run("--rm", name).check(t, "run of "+name, "white /tmp 7 soft from the image\n", "", 0)
		u.run("--rm", "-e", "FLOCK=black", "-w", "/var", "-u", "root", name, "mine").check(t, "run, otherwise",
			"black /var 0 soft mine\n", "", 0)
		u.run("--rm", "--entrypoint", "ls", name, "/etc").check(t, "what a layer took away",
			"group\nhostname\nhosts\npasswd\nresolv.conf\n", "", 0)
	}
}

func TestImportUnpacksWhatIsCompressed(t *testing.T) {
	u := newUser(t)
	plain := busybox(t)
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, err := w.Write(plain)
	testkit.Must(t, err)
	testkit.Must(t, w.Close())
	encoder, err := zstd.NewWriter(nil)
	testkit.Must(t, err)
	for name, archive := range map[string][]byte{"tar": plain, "gzip": gz.Bytes(),
		"zstd": encoder.EncodeAll(plain, nil)} {
		r := u.sheepWith(string(archive), "import", "-", name)
		if r.code != 0 || r.out != name+":latest\n" {
			t.Errorf("import of %s prints %q and %q and ends with %d", name, r.out, r.err, r.code)
		}
		u.run("--rm", name, "echo", "baa").check(t, "run of "+name, "baa\n", "", 0)
	}
	u.sheepWith(gz.String()[:gz.Len()/2], "import", "-", "half").check(t, "import of half an archive", "",
		"ends here, too early", 1)
	var images []struct{ Name string }
	if u.parse(&images, "images", "--json"); len(images) == 0 {
		t.Error("there are no images")
	}
	for _, image := range images {
		if image.Name == "half" {
			t.Error("half an image is there")
		}
	}
}
