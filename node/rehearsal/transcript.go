// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ipledger/ipledger/contracts"
)

// A transcript tells people what happens, a line at a time.
type transcript struct {
	tell func(line string) error
	language
	err error // the first of tell
}

func (t *transcript) line(format string, args ...any) {
	if t.tell != nil && t.err == nil {
		t.err = t.tell(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// note explains the line of a part.
func (t *transcript) note(format string, args ...any) {
	t.line("    "+format, args...)
}

// longHash finds ids that nobody reads to their end.
var longHash = regexp.MustCompile(`\b([0-9a-f]{12})[0-9a-f]{52}\b`)

// short cuts the ids in a text. Those of a difference stay whole.
func short(text string) string { return longHash.ReplaceAllString(text, "$1…") }

func (t *transcript) begin(s *Story) {
	t.line("%s", s.Title)
	for text := range strings.Lines(s.Description) {
		t.line("%s", strings.TrimSpace(text))
	}
	for _, m := range s.cast.order {
		t.note("%s", words(m.name, string(m.party.Role), m.party.PartyID, m.party.NameZH, m.party.NameEN))
	}
}

func (t *transcript) part(p Played) {
	if p.Part.Step != nil {
		t.step(p)
	} else {
		t.check(p)
	}
	for _, f := range p.Details {
		t.note("%s%s%s", short(t.labelled("code", "代码", f.Code, "ground", "理由", f.Ground, "reason", "原因", f.Reason,
			"field", "字段", f.Field, "subject", "对象", f.Subject)), t.word(": ", "："), t.word(f.Message, f.ZH))
		if step := p.Part.Step; step != nil && f.Reason == contracts.ReasonUnknown {
			t.fields(step.Method, f.Field)
		}
	}
	for _, d := range p.Differences {
		if d.What == ending {
			d.Wanted, d.Got = p.Part.expectation().in(t.language), p.end(t.language)
		}
		t.note("%s", t.said(d.What))
		t.note(t.word("  wanted  %s", "  应为  %s"), d.Wanted)
		t.note(t.word("  got     %s", "  实为  %s"), t.said(d.Got))
	}
	if len(p.Differences) > 0 && p.Answer != nil {
		t.note("%s", short(brief(p.Answer)))
	}
}

func (t *transcript) ended(p Played) string {
	text := p.end(t.language)
	if p.Code == "" {
		return text
	}
	text = t.word("refused, ", "拒绝，") + text
	if p.Part.Step != nil && !p.Certified() {
		text += t.word(", at intake", "（未入块）")
	}
	return text
}

func (t *transcript) step(p Played) {
	var who []string
	for _, person := range p.Part.Step.As {
		who = append(who, person.String())
	}
	ended := t.ended(p)
	for _, name := range sorted(p.Saved) {
		ended += fmt.Sprintf(t.word(", $%s = %s", "，$%s = %s"), name, short(brief(p.Saved[name])))
	}
	t.line(t.word("%s  %s  %s  %s: %s", "%s  %s  %s  %s：%s"),
		clockText(p.Time), t.language.part(p.Part), strings.Join(who, " + "), p.Part.Step.Method.FullName(), ended)
	if p.told != "" {
		t.note("%s", short(p.told))
	}
}

func (t *transcript) check(p Played) {
	ended := t.ended(p)
	for _, key := range sorted(p.Part.Check.Want) {
		if len(p.Differences) == 0 {
			ended += fmt.Sprintf(t.word(", %s = %s", "，%s = %s"), key, short(brief(p.Part.Check.Want[key])))
		}
	}
	by := ""
	if p.Part.Check.As != nil {
		by = p.Part.Check.As.String() + "  "
	}
	t.line(t.word("%s  %s  %sGET %s: %s", "%s  %s  %sGET %s：%s"), clockText(p.Time), t.language.part(p.Part), by, short(p.Asked), ended)
}

// fields says what the method has where the story has something that it has not.
func (t *transcript) fields(m contracts.Method, path string) {
	s, err := schemaOf(m)
	if err != nil {
		return
	}
	if names := s.around(path).names(); names != "" {
		of := m.FullName()
		if at := strings.LastIndex(path, "."); at >= 0 {
			of = path[:at]
		}
		t.note(t.word("%s has %s", "%s 的字段：%s"), of, names)
	}
}

func (t *transcript) end(r *Report) {
	steps, checks := r.Count()
	if d := r.Difference(); d != nil {
		place := r.Story.File
		if d.Part.Line > 0 {
			place += fmt.Sprintf(":%d", d.Part.Line)
		}
		t.line(t.word("rehearsed: %s: %s is not as written", "演练中止：%s：%s 与剧本不符"), place, t.language.part(d.Part))
		return
	}
	if t.language == chinese {
		t.line("演练完成：%d 个步骤，%d 项核对，%d 个区块，全部与剧本相符", steps, checks, r.Blocks)
		return
	}
	t.line("rehearsed: %s, %s, %s, all as written", counted(steps, "step"), counted(checks, "check"), counted(int(r.Blocks), "block"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
