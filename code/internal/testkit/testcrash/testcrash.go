// Package testcrash tells tests which points there are at which a command can be killed (package crash), so that none
// is forgotten: it reads the source.
package testcrash

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Points returns the names that the packages in some directories give to crash.Point, sorted. They are named by
// literals, or by constants of the package.
func Points(t testing.TB, dirs ...string) []string {
	t.Helper()
	var names []string
	for _, dir := range dirs {
		found, err := pointsIn(dir)
		if err != nil {
			t.Fatalf("look for points in %s: %v", dir, err)
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func pointsIn(dir string) (names []string, err error) {
	files, err := parse(dir)
	if err != nil {
		return nil, err
	}
	constants := map[string]string{}
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, is := node.(*ast.ValueSpec); is && len(spec.Names) == len(spec.Values) {
				for index, name := range spec.Names {
					if value, is := text(spec.Values[index]); is {
						constants[name.Name] = value
					}
				}
			}
			return true
		})
	}
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			call, is := node.(*ast.CallExpr)
			if !is || len(call.Args) != 1 || !isPoint(call.Fun) {
				return true
			}
			name, known := text(call.Args[0])
			if constant, is := call.Args[0].(*ast.Ident); is {
				name, known = constants[constant.Name]
				if constant.Obj != nil && constant.Obj.Kind == ast.Var {
					return true // the function that passes it on
				}
			}
			if !known {
				err = fmt.Errorf("a point is named neither by a literal nor by a constant of the package")
			}
			names = append(names, name)
			return true
		})
	}
	if len(names) == 0 && err == nil {
		err = fmt.Errorf("there is none")
	}
	return names, err
}

// parse reads the files of a package, without its tests.
func parse(dir string) (files []*ast.File, err error) {
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err == nil && len(sources) == 0 {
		err = os.ErrNotExist
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") || err != nil {
			continue
		}
		var file *ast.File
		if file, err = parser.ParseFile(token.NewFileSet(), source, nil, 0); err == nil {
			files = append(files, file)
		}
	}
	return files, err
}

// isPoint reports whether a function is crash.Point, or a package's own short form of it, point.
func isPoint(function ast.Expr) bool {
	switch function := function.(type) {
	case *ast.Ident:
		return function.Name == "point"
	case *ast.SelectorExpr:
		of, is := function.X.(*ast.Ident)
		return is && of.Name == "crash" && function.Sel.Name == "Point"
	}
	return false
}

// text is the value of a literal.
func text(expression ast.Expr) (string, bool) {
	literal, is := expression.(*ast.BasicLit)
	if !is || literal.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(literal.Value)
	return value, err == nil
}
