// Package laws has no code but tests, which hold the laws of the whole module: which package may import which, and how
// long files and lines are. Since imports run one way, a learner who opens the room of one chapter finds that chapter
// alone, and an agent or a test can use a mechanism without the rest.
package laws

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sheep-and-shepherd/sheep-and-shepherd/code/"

// mechanisms are the rooms of the chapters below the container, with their annexes.
var mechanisms = []string{"namespace", "reexec", "rootfs", "cgroup", "overlay", "bridge", "nat", "image", "confine",
	"terminal"}

// in reports whether a package lies in one of the folders.
func in(pkg string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return pkg == folder || strings.HasPrefix(pkg, folder+"/")
	})
}

// room returns the chapter's folder that a package lies in: image for image/archive.
func room(pkg string) string {
	first, _, _ := strings.Cut(pkg, "/")
	return first
}

// laws say what an import breaks. from and to are folders below code/.
var laws = []struct {
	text   string
	broken func(from, to string) bool
}{
	{"a mechanism imports no other mechanism", func(from, to string) bool {
		return in(from, mechanisms...) && in(to, mechanisms...) && room(from) != room(to)
	}},
	{"only cmd and its internal/cli, agent, tests and the steps of chapters 9, 10 and 14 import container",
		func(from, to string) bool {
			return in(to, "container") && !in(from, "container", "cmd", "internal/cli", "agent", "tests") &&
				!slices.ContainsFunc([]string{"steps/09-", "steps/10-", "steps/14-"}, func(steps string) bool {
					return strings.HasPrefix(from, steps)
				})
		}},
	{"the steps of chapters 1 to 7 import nothing of the module", func(from, _ string) bool {
		return strings.HasPrefix(from, "steps/0") && from < "steps/08"
	}},
	{"object imports nothing of the module, and store only object and what is internal", func(from, to string) bool {
		return in(from, "object") || in(from, "store") && !in(to, "object", "internal")
	}},
	{"only commands import internal/cli", func(from, to string) bool {
		return in(to, "internal/cli") && !in(from, "cmd", "internal/cli")
	}},
	{"only tests import internal/testkit", func(from, to string) bool {
		return in(to, "internal/testkit") && !in(from, "internal/testkit")
	}},
	{"nothing imports a command, a step or a folder of tests", func(_, to string) bool {
		return in(to, "cmd", "steps", "tests")
	}},
}

// breaches returns a line for each law that an import breaks.
func breaches(from, to string) (found []string) {
	for _, law := range laws {
		if law.broken(from, to) {
			found = append(found, from+" imports "+to+": "+law.text)
		}
	}
	return found
}

func TestImportsFollowTheLaws(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		from := path.Dir(filepath.ToSlash(relative))
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if to, ours := strings.CutPrefix(name, module); ours {
				seen++
				for _, breach := range breaches(from, to) {
					t.Errorf("%s: %s", file, breach)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Fatalf("only %d imports of the module's own packages were found in %s", seen, root)
	}
}

func TestEachLawCanBeBroken(t *testing.T) {
	for _, example := range [][2]string{
		{"overlay", "bridge"},
		{"image/archive", "rootfs"},
		{"nat", "container"},
		{"steps/08-images/1-tar", "container"},
		{"steps/01-namespaces/2-pid", "namespace"},
		{"container", "internal/cli/flags"},
		{"container", "internal/testkit/testns"},
		{"agent", "cmd/sheep"},
		{"object", "internal/durable"},
		{"store", "api"},
		{"store", "container"},
	} {
		if len(breaches(example[0], example[1])) == 0 {
			t.Errorf("%s may import %s", example[0], example[1])
		}
	}
	for _, example := range [][2]string{
		{"image", "image/archive"},
		{"container", "overlay"},
		{"container/inside", "rootfs"},
		{"agent", "container"},
		{"steps/09-lifecycle/1-state", "container"},
		{"cmd/sheep", "internal/cli/flags"},
		{"store", "object"},
		{"store", "internal/crash"},
	} {
		if found := breaches(example[0], example[1]); len(found) > 0 {
			t.Error(found)
		}
	}
}
