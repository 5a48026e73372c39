// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"
	"strings"
)

// A transcript tells people what happens, a line at a time.
type transcript struct {
	tell    func(line string) error
	chinese bool
	err     error // the first of tell
}

func (t *transcript) line(format string, args ...any) {
	if t.tell != nil && t.err == nil {
		t.err = t.tell(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

func (t *transcript) word(en, zh string) string {
	if t.chinese {
		return zh
	}
	return en
}

// note explains the line of a part.
func (t *transcript) note(format string, args ...any) {
	t.line("    "+format, args...)
}

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
	ended := p.end()
	if p.Code != "" {
		ended = t.word("refused ", "拒绝 ") + ended
		if p.Part.Step != nil && !p.Certified() {
			ended += t.word(" at intake", "（未入块）")
		}
	}
	if s := p.Part.Step; s != nil {
		var who []string
		for _, person := range s.As {
			who = append(who, person.String())
		}
		for _, name := range sorted(p.Saved) {
			ended += fmt.Sprintf(", $%s = %s", name, brief(p.Saved[name]))
		}
		t.line("%s  %s  %s  %s: %s", clockText(p.Time), p.Part.Name(), strings.Join(who, " + "), s.Method.FullName(), ended)
	} else {
		for _, key := range sorted(p.Part.Check.Want) {
			if len(p.Differences) == 0 {
				ended += fmt.Sprintf(", %s = %s", key, brief(p.Part.Check.Want[key]))
			}
		}
		by := ""
		if p.Part.Check.As != nil {
			by = p.Part.Check.As.String() + "  "
		}
		t.line("%s  %s  %sGET %s: %s", clockText(p.Time), p.Part.Name(), by, p.Asked, ended)
	}
	for _, f := range p.Details {
		t.note("%s: %s", words(f.Code, f.Ground, f.Reason, f.Field, f.Subject), t.word(f.Message, f.ZH))
	}
	for _, d := range p.Differences {
		t.note("%s", d.What)
		t.note(t.word("  wanted  %s", "  应为  %s"), d.Wanted)
		t.note(t.word("  got     %s", "  实为  %s"), d.Got)
	}
	if len(p.Differences) > 0 && p.Answer != nil {
		t.note("%s", brief(p.Answer))
	}
}

func (t *transcript) end(r *Report) {
	steps, checks := r.Count()
	if d := r.Difference(); d != nil {
		place := r.Story.File
		if d.Part.Line > 0 {
			place += fmt.Sprintf(":%d", d.Part.Line)
		}
		t.line(t.word("rehearsed: %s: %s is not as written", "演练中止：%s：%s 与剧本不符"), place, d.Part.Name())
		return
	}
	if t.chinese {
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
