// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// decode reads TOML into the shape of a story, and says what else it found in the
// words of a story.
func decode(file string, text []byte, f *storyFile) error {
	switch {
	case len(text) > MaxStory:
		return &Fault{File: file, Text: fmt.Sprintf("more than %d bytes", MaxStory)}
	case !utf8.Valid(text):
		return &Fault{File: file, Text: "its text is not UTF-8"}
	}
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(f)
	var strict *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		first := strict.Errors[0]
		row, _ := first.Position()
		return &Fault{File: file, Line: row, Text: unknownKey(first.Key())}
	case errors.As(err, &wrong):
		row, _ := wrong.Position()
		return &Fault{File: file, Line: row, Text: plainWords(wrong.Key(), wrong.Error())}
	case err != nil:
		return &Fault{File: file, Text: plainWords(nil, err.Error())}
	}
	return nil
}

// unknownKey names a key that a story does not have, and those that it may have there.
func unknownKey(key toml.Key) string {
	text := fmt.Sprintf("a story has no key %q", strings.Join(key, "."))
	what, shape := "a story", reflect.TypeFor[storyFile]()
	if len(key) > 1 {
		switch key[0] {
		case "cast":
			what, shape = "one of the cast", reflect.TypeFor[memberFile]()
		case "step":
			what, shape = "a step", reflect.TypeFor[stepFile]()
		case "check":
			what, shape = "a check", reflect.TypeFor[checkFile]()
		}
	}
	return text + "; " + what + " has " + strings.Join(keysOf(shape), ", ")
}

func keysOf(shape reflect.Type) []string {
	var keys []string
	for i := range shape.NumField() {
		keys = append(keys, shape.Field(i).Tag.Get("toml"))
	}
	return keys
}

// What the keys of a story are, where TOML has something else.
var kinds = map[string]string{
	"title": "a text", "description": "a text", "parameters": "a table", "cast": "a table", "step": "a list of tables: [[step]]",
	"check": "a list of tables: [[check]]", "role": "a text", "kind": "a text", "uscc": "a text", "lei": "a text", "name": "a text",
	"organisation": "a text", "name_en": "a text", "area": "a text", "joins": "true or false", "call": "a text", "args": "a table",
	"sealed": "a table", "same_block": "true or false", "save": "a table of texts", "query": "a text", "status": "a whole number", "want": "a table",
}

// plainWords says what is wrong without the types of this program.
func plainWords(key toml.Key, text string) string {
	text = cmp.Or(strings.TrimPrefix(text, "toml: "), "it cannot be read")
	found, rest, ofType := strings.Cut(text, " into ")
	if !ofType {
		if found, rest, ofType = strings.Cut(text, " in a "); !ofType || !strings.HasPrefix(found, "cannot store") {
			return "toml: " + text
		}
	}
	name, place := "", strings.Join(key, ".")
	if len(key) > 0 {
		name = key[len(key)-1]
	}
	// The library names the field of this program: memberFile.NameEN.
	if _, field, ok := strings.Cut(rest, "File."); ok {
		field, _, _ = strings.Cut(strings.ToLower(field), " ")
		if field == "nameen" {
			field = "name_en"
		}
		if field != name {
			name, place = field, strings.TrimPrefix(place+"."+field, ".")
		}
	}
	place = cmp.Or(place, "a key")
	if kinds[name] == "" && len(key) > 1 {
		name = key[len(key)-2] // within a table of texts
	}
	found = strings.TrimPrefix(strings.TrimPrefix(found, "cannot decode TOML "), "cannot store ")
	return fmt.Sprintf("toml: %s is %s, and not what stands here (%s)", place, cmp.Or(kinds[name], "of another kind"), found)
}
