// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ipledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// impureImportErrors finds pure rooms that reach for the world outside.
func impureImportErrors(files []file) (errs []string) {
	for _, f := range files {
		if !pure(f.room) || f.test {
			continue
		}
		f.imports(func(at, p string) {
			if slices.ContainsFunc(impure, func(lib string) bool { return within(lib, p) }) {
				errs = append(errs, fmt.Sprintf("%s: %s is pure and must not import %s", at, f.room, p))
			}
		})
	}
	return errs
}

// unordered are the functions whose results come in the order of a map walk,
// which differs from run to run.
var unordered = []string{
	"maps.Keys", "maps.Values", "maps.All",
	"(reflect.Value).MapKeys", "(reflect.Value).MapRange", "(reflect.Value).Seq", "(reflect.Value).Seq2",
}

// sorts says which sort makes up for which unordered function: keys are
// distinct, so any order of them is total; values that compare equal under a
// function of one's own may still differ.
var sorts = map[string][]string{
	"slices.Sorted":     {"maps.Keys", "maps.Values"},
	"slices.SortedFunc": {"maps.Keys"},
}

// reproducibleErrors finds what may come out differently on another machine or
// in another run: goroutines, select, floating point, and map walks whose
// order is not made good by a sort around them.
func reproducibleErrors(files []file, info *types.Info) (errs []string) {
	for _, f := range files {
		found := func(n ast.Node, what string) { errs = append(errs, f.at(n)+": "+what) }
		sorted := map[*ast.Ident]bool{}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found(n, "go statement: a pure room has no goroutines")
			case *ast.SelectStmt:
				found(n, "select: its choice is random")
			case *ast.RangeStmt:
				if isMap(info.TypeOf(n.X)) {
					found(n, "range over a map: walk slices.Sorted(maps.Keys(m))")
				}
			case *ast.CallExpr:
				if len(n.Args) == 0 {
					break
				}
				if inner, ok := ast.Unparen(n.Args[0]).(*ast.CallExpr); ok {
					id := callee(inner)
					sorted[id] = slices.Contains(sorts[called(info, callee(n))], called(info, id))
				}
			case *ast.Ident:
				if name := called(info, n); slices.Contains(unordered, name) && !sorted[n] {
					found(n, name+" without a sort around it")
				}
				if obj := info.ObjectOf(n); obj != nil && isFloat(obj.Type()) {
					found(n, "floating point")
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT || n.Kind == token.IMAG {
					found(n, "floating point")
				}
			}
			if e, ok := n.(ast.Expr); ok && isFloat(info.TypeOf(e)) {
				found(n, "floating point")
			}
			return true
		})
	}
	return errs
}

// callee returns the name that a call calls, or nil.
func callee(call *ast.CallExpr) *ast.Ident {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) { // f[int](…) calls f
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}

// called returns the full name of the function id refers to, or "".
func called(info *types.Info, id *ast.Ident) string {
	if id == nil {
		return ""
	}
	if fn, ok := info.Uses[id].(*types.Func); ok {
		return fn.FullName()
	}
	return ""
}

// isMap tells whether t is a map, or a type parameter that may be one.
func isMap(t types.Type) bool {
	switch u := t.(type) {
	case nil:
		return false
	case *types.TypeParam:
		return isMap(u.Constraint())
	case *types.Union:
		for i := range u.Len() {
			if isMap(u.Term(i).Type()) {
				return true
			}
		}
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Map:
		return true
	case *types.Interface:
		for i := range u.NumEmbeddeds() {
			if isMap(u.EmbeddedType(i)) {
				return true
			}
		}
	}
	return false
}

func isFloat(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsFloat|types.IsComplex) != 0
}

// exports holds what the compiler knows of the packages that pure rooms
// import, so that a room is type-checked without its dependencies' sources.
type exports struct {
	compiled map[string]string   // import path → file of export data
	ignored  map[string][]string // room → files this platform does not build
}

// loadExports asks the go command to compile the rooms, and what the bad
// examples import, into its build cache.
func loadExports(t *testing.T, byRoom map[string][]file) exports {
	t.Helper()
	args := []string{"list", "-e", "-deps", "-export", "-json=ImportPath,Export,IgnoredGoFiles", "maps", "math", "reflect", "slices"}
	for _, name := range slices.Sorted(maps.Keys(byRoom)) {
		args = append(args, module+"/"+name)
	}
	var stderr strings.Builder
	cmd := exec.Command("go", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	x := exports{compiled: map[string]string{}, ignored: map[string][]string{}}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath, Export string
			IgnoredGoFiles     []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return x
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		x.compiled[p.ImportPath] = p.Export
		if name, ours := strings.CutPrefix(p.ImportPath, module+"/"); ours {
			x.ignored[name] = p.IgnoredGoFiles
		}
	}
}

// unbuilt finds files that only some platforms build: a pure room is the same
// program everywhere.
func (x exports) unbuilt(files []file) (errs []string) {
	for _, f := range files {
		if slices.Contains(x.ignored[f.room], path.Base(f.path)) {
			errs = append(errs, fmt.Sprintf("%s: a pure room has no build constraints", f.path))
		}
	}
	return errs
}

// check type-checks the files of one room.
func (x exports) check(room string, files []file) (*types.Info, error) {
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Defs:  map[*ast.Ident]types.Object{},
		Uses:  map[*ast.Ident]types.Object{},
	}
	var trees []*ast.File
	for _, f := range files {
		if !slices.Contains(x.ignored[f.room], path.Base(f.path)) {
			trees = append(trees, f.tree)
		}
	}
	set := files[0].set
	conf := types.Config{Importer: importer.ForCompiler(set, "gc", func(p string) (io.ReadCloser, error) {
		if x.compiled[p] == "" {
			return nil, fmt.Errorf("%s does not compile", p)
		}
		return os.Open(x.compiled[p])
	})}
	_, err := conf.Check(module+"/"+room, set, trees, info)
	return info, err
}
