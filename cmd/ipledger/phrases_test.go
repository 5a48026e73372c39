// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

var (
	phrase   = regexp.MustCompile(`(?:^|[^\w/.-])ipledger ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?(?: (--[a-z][a-z-]*))?`)
	fence    = regexp.MustCompile("(?s)```.*?```")
	codeSpan = regexp.MustCompile("`[^`\n]+`")
)

// phrasesOf gives what a file tells people: of Go the string literals, of other
// files what is set as code.
func phrasesOf(t *testing.T, path string) (texts []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(path) != ".go" {
		rest := fence.ReplaceAllStringFunc(string(content), func(s string) string {
			texts = append(texts, s)
			return ""
		})
		return append(texts, codeSpan.FindAllString(rest, -1)...)
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, content, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && !strings.Contains(s, "\x00") { // which marks a database
				texts = append(texts, s)
			}
		}
		return true
	})
	return texts
}

func child(cmd *cobra.Command, name string) *cobra.Command {
	for _, c := range cmd.Commands() {
		if c.Name() == name || c.HasAlias(name) {
			return c
		}
	}
	return nil
}

// unknownIn gives what a phrase names that the program does not have, or "".
func unknownIn(root *cobra.Command, noun, verb, flag string) string {
	if noun == "help" || noun == "completion" {
		return ""
	}
	cmd := child(root, noun)
	if cmd == nil {
		return noun
	}
	if verb != "" && cmd.HasSubCommands() {
		if cmd = child(cmd, verb); cmd == nil {
			return noun + " " + verb
		}
	}
	name := strings.TrimPrefix(flag, "--")
	if name != "" && name != "help" && cmd.Flags().Lookup(name) == nil && cmd.InheritedFlags().Lookup(name) == nil {
		return cmd.CommandPath() + " " + flag
	}
	return ""
}

// TestEveryCommandThatPeopleAreToldOfExists holds errors, helps and documents
// against the commands of the program.
func TestEveryCommandThatPeopleAreToldOfExists(t *testing.T) {
	root, seen := rootCommand(&env{Getenv: func(string) string { return "" }}), 0
	top := filepath.Join("..", "..")
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir(), strings.HasSuffix(path, "_test.go"), filepath.Base(path) == "CHANGELOG.md": // which tells of former ones
			return nil
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".md" && ext != ".html" {
			return nil
		}
		for _, text := range phrasesOf(t, path) {
			for _, m := range phrase.FindAllStringSubmatch(text, -1) {
				seen++
				if unknown := unknownIn(root, m[1], m[2], m[3]); unknown != "" {
					t.Errorf("%s: %q: there is no %s", path, strings.TrimSpace(m[0]), unknown)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 30 {
		t.Errorf("only %d commands were found", seen)
	}
	for _, wrong := range [][3]string{{"no-such"}, {"node", "no-such"}, {"node", "start", "--no-such"}} {
		if unknownIn(root, wrong[0], wrong[1], wrong[2]) == "" {
			t.Errorf("%v is taken for a command", wrong)
		}
	}
}
