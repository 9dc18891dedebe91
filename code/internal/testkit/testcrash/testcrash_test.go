package testcrash

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes a package of one file, and returns its directory.
func write(t *testing.T, body string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file.go"), []byte("package p\n"+body), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPointsAreFoundHoweverTheyAreNamed(t *testing.T) {
	one := write(t, `
		const ( a = "made/a"; b = "made/b"; other = "no point" )
		func point(name string) { crash.Point(name) }
		func f() { point(b); go func() { point(a); crash.Point("literal") }(); println("no point either") }`)
	two := write(t, `func g() { crash.Point("literal"); crash.Point("second") }`)
	if got := Points(t, one, two); !slices.Equal(got, []string{"literal", "made/a", "made/b", "second"}) {
		t.Errorf("the points are %q", got)
	}
}

func TestPointWithoutAFixedNameIsRefused(t *testing.T) {
	for want, body := range map[string]string{
		"neither": `func f(i int) { crash.Point("point" + fmt.Sprint(i)) }`,
		"none":    `func f() {}`,
	} {
		if names, err := pointsIn(write(t, body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v", body, names, err)
		}
	}
}
