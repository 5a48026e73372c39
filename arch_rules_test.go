// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ipledger_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A file is one parsed Go file of the module, whatever its build constraints.
type file struct {
	path string // slash-separated, from the module root
	room string // its folder; "." is the root
	test bool
	set  *token.FileSet
	tree *ast.File
}

// at names a place in the file, for messages.
func (f file) at(n ast.Node) string {
	return f.path + ":" + strconv.Itoa(f.set.Position(n.Pos()).Line)
}

// imports calls visit with each import path of the file.
func (f file) imports(visit func(at, path string)) {
	for _, spec := range f.tree.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			visit(f.at(spec), p)
		}
	}
}

func parse(set *token.FileSet, name string, src []byte) (file, error) {
	tree, err := parser.ParseFile(set, name, src, parser.ParseComments|parser.SkipObjectResolution)
	return file{
		path: name,
		room: path.Dir(name),
		test: strings.HasSuffix(name, "_test.go"),
		set:  set,
		tree: tree,
	}, err
}

// loadTree parses every Go file of the module. Folders the go command passes
// over, and modules within the module, are left out.
func loadTree(t *testing.T) []file {
	t.Helper()
	var files []file
	set := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == "." {
				return nil
			}
			base := d.Name()
			_, err := os.Stat(filepath.Join(name, "go.mod"))
			if err == nil || base[0] == '.' || base[0] == '_' || base == "testdata" || base == "vendor" || base == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		f, err := parse(set, filepath.ToSlash(name), src)
		files = append(files, f)
		return err
	})
	if err != nil {
		t.Fatalf("read the module: %v", err)
	}
	return files
}

func lookup(name string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return r.name == name })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// importErrors finds rooms that are not in the table and imports that the
// table does not grant. Test files may also import their own room, whatever
// lies below it at any depth, and rooms that are there for tests.
func importErrors(files []file) (errs []string) {
	for _, f := range files {
		r, known := lookup(f.room)
		if !known {
			errs = append(errs, fmt.Sprintf("%s: room %s is not in the table of arch_test.go", f.path, f.room))
			continue
		}
		may := r.may
		if f.test {
			may = append(deep(r), r.tests...)
			may = append(may, r.name)
		}
		f.imports(func(at, p string) {
			dep, ours := strings.CutPrefix(p, module+"/")
			if !ours && p != module {
				return
			}
			if !ours {
				dep = "."
			}
			if d, ok := lookup(dep); ok && d.testsOnly && (f.test || r.testsOnly) {
				return
			}
			if !slices.Contains(may, dep) {
				errs = append(errs, fmt.Sprintf("%s: %s must not import %s", at, f.room, dep))
			}
		})
	}
	return errs
}

// deep returns all rooms below r.
func deep(r room) []string {
	all := slices.Clone(r.may)
	for _, name := range r.may {
		if d, ok := lookup(name); ok {
			all = append(all, deep(d)...)
		}
	}
	return all
}

// within tells whether an import path is library or lies below it.
func within(library, p string) bool {
	return p == library || strings.HasPrefix(p, library+"/")
}

// libraryErrors finds libraries outside the rooms they are kept in.
func libraryErrors(files []file) (errs []string) {
	for _, f := range files {
		r, _ := lookup(f.room)
		f.imports(func(at, p string) {
			for _, lib := range libraries {
				kept := slices.ContainsFunc(lib.rooms, func(pattern string) bool { return inRoom(pattern, f.room) })
				if within(lib.path, p) && !kept {
					errs = append(errs, fmt.Sprintf("%s: %s must not import %s", at, f.room, p))
				}
			}
			for _, lib := range testLibraries {
				if within(lib, p) && !f.test && !r.testsOnly {
					errs = append(errs, fmt.Sprintf("%s: %s is for tests", at, p))
				}
			}
		})
	}
	return errs
}

// commentErrors finds packages without one, and only one, comment that opens
// "Package x" or, for a program, "Command x".
func commentErrors(files []file) (errs []string) {
	comments := map[string][]string{}
	for _, f := range files {
		if f.test {
			continue
		}
		if comments[f.room] == nil {
			comments[f.room] = []string{}
		}
		if f.tree.Doc == nil {
			continue
		}
		comments[f.room] = append(comments[f.room], f.path)
		want := "Package " + f.tree.Name.Name + " "
		if f.tree.Name.Name == "main" {
			want = "Command " + path.Base(f.room) + " "
		}
		if !strings.HasPrefix(f.tree.Doc.Text(), want) {
			errs = append(errs, fmt.Sprintf("%s: the package comment does not begin with %q", f.path, want))
		}
	}
	for name, in := range comments {
		switch len(in) {
		case 0:
			errs = append(errs, fmt.Sprintf("%s has no package comment", name))
		case 1:
		default:
			errs = append(errs, fmt.Sprintf("%s has a package comment in each of %s", name, strings.Join(in, ", ")))
		}
	}
	return errs
}

// nameErrors finds packages and types with a vague name, and packages not
// named like their folder.
func nameErrors(files []file) (errs []string) {
	for _, f := range files {
		name := strings.TrimSuffix(f.tree.Name.Name, "_test")
		folder := path.Base(f.room)
		if f.room == "." {
			folder = path.Base(module)
		}
		if slices.Contains(vagueRoom, name) || slices.Contains(vagueRoom, folder) {
			errs = append(errs, fmt.Sprintf("%s: a package named %s says nothing", f.path, name))
		}
		if name != folder && name != "main" {
			errs = append(errs, fmt.Sprintf("%s: package %s lies in folder %s", f.path, name, folder))
		}
		for _, decl := range f.tree.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, spec := range gen.Specs {
				typ := spec.(*ast.TypeSpec).Name.Name
				ends := slices.ContainsFunc(vagueEndings, func(end string) bool { return strings.HasSuffix(typ, end) })
				if ends || slices.Contains(vague, strings.ToLower(typ)) {
					errs = append(errs, fmt.Sprintf("%s: a type named %s says nothing", f.at(spec), typ))
				}
			}
		}
	}
	return errs
}

var licence = []string{"// Copyright 2026 The ipledger Authors", "// SPDX-License-Identifier: Apache-2.0"}

// licenceErrors finds files that do not open with the two licence lines and a
// blank one.
func licenceErrors(files []file) (errs []string) {
	for _, f := range files {
		ok := false
		if len(f.tree.Comments) > 0 {
			var got []string
			first := f.tree.Comments[0]
			for _, c := range first.List {
				got = append(got, c.Text)
			}
			ok = first != f.tree.Doc && f.set.Position(first.Pos()).Line == 1 && slices.Equal(got, licence)
		}
		if !ok {
			errs = append(errs, fmt.Sprintf("%s does not open with the licence lines", f.path))
		}
	}
	return errs
}

var unfinished = regexp.MustCompile(`\b(TODO|FIXME|HACK)\b`)

// leftoverErrors finds init functions, which act before main can choose, and
// comments that put work off.
func leftoverErrors(files []file) (errs []string) {
	for _, f := range files {
		for _, decl := range f.tree.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				errs = append(errs, fmt.Sprintf("%s: init runs before main can choose", f.at(fn)))
			}
		}
		for _, group := range f.tree.Comments {
			for _, c := range group.List {
				if word := unfinished.FindString(c.Text); word != "" {
					errs = append(errs, fmt.Sprintf("%s: %s; do it or drop it", f.at(c), word))
				}
			}
		}
	}
	return errs
}
