package laws

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	maxLines   = 500
	maxColumns = 120 // with a tab of 4
	tab        = 4
)

// columns returns how wide a line is.
func columns(line string) int {
	width := 0
	for _, character := range line {
		if character == '\t' {
			width += tab - width%tab
		} else {
			width++
		}
	}
	return width
}

// misshapen returns a line for each thing in a Go file that breaks a law.
func misshapen(name string, content []byte) (found []string) {
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if len(lines) > maxLines {
		found = append(found, fmt.Sprintf("%s: it has %d lines: split it, %d are the most", name, len(lines), maxLines))
	}
	for index, line := range lines {
		if width := columns(line); width > maxColumns {
			found = append(found, fmt.Sprintf("%s:%d: it is %d columns wide: break the line, %d are the most",
				name, index+1, width, maxColumns))
		}
	}
	if strings.HasSuffix(name, "_test.go") {
		found = append(found, leftovers(name, content)...)
	}
	return found
}

// leftovers returns the places where a test makes something in the folder of temporary files that testing.T.TempDir
// would take away.
func leftovers(name string, content []byte) (found []string) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, content, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"MkdirTemp", "CreateTemp"}, selector.Sel.Name) {
			return true
		}
		if where, ok := call.Args[0].(*ast.BasicLit); ok && where.Value == `""` {
			found = append(found, fmt.Sprintf("%s: what os.%s makes stays: use t.TempDir",
				files.Position(call.Pos()), selector.Sel.Name))
		}
		return true
	})
	return found
}

// sharedImages is the one file whose temporary folder outlives a test: its package takes it away at the end of all.
const sharedImages = "container/main_test.go"

func TestFilesAndLinesAreShort(t *testing.T) {
	root := filepath.Join("..", "..")
	seen := 0
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		name, relative := filepath.Rel(root, file)
		if err := errors.Join(err, relative); err != nil || entry.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		if strings.HasPrefix(filepath.ToSlash(name), "steps/") {
			return nil // the pages that show them say how wide they may be
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		seen++
		for _, problem := range misshapen(filepath.ToSlash(name), content) {
			if !strings.HasPrefix(problem, sharedImages) || !strings.Contains(problem, "TempDir") {
				t.Error(problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 200 {
		t.Fatalf("only %d files were found in %s", seen, root)
	}
}

func TestEachShapeCanBeWrong(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{strings.Repeat("\n", maxLines-1), ""},
		{strings.Repeat("\n", maxLines), "a_test.go: it has 501 lines"},
		{"// " + strings.Repeat("é", maxColumns-3) + "\n", ""},
		{"\t// " + strings.Repeat("e", maxColumns-6) + "\n", "a_test.go:2: it is 121 columns wide"},
		{`var _, _ = os.MkdirTemp("", "images")`, "a_test.go:2:12: what os.MkdirTemp"},
		{`var _, _ = os.CreateTemp("/sys/fs/cgroup", "")`, ""},
		{`func f() { if true { f, _ := os.CreateTemp("", ""); _ = f } }`, "a_test.go:2:30: what os.CreateTemp"},
	} {
		found := misshapen("a_test.go", []byte("package a\n"+c.content))
		if c.want == "" && len(found) == 0 || len(found) == 1 && c.want != "" && strings.HasPrefix(found[0], c.want) {
			continue
		}
		t.Errorf("%.40q: %q, want %q", c.content, found, c.want)
	}
}
