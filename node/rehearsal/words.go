// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// The words of a transcript, in the two languages.
type language bool

const (
	english language = false
	chinese language = true
)

func (l language) word(en, zh string) string {
	if l == chinese {
		return zh
	}
	return en
}

// What a difference may say besides values. Programs read the English.
const (
	ending      = "expect" // how a part ended
	noSuchField = "nothing of this name"
	noReceipt   = "no receipt"
)

// said gives a word of a difference in the language.
func (l language) said(text string) string {
	zh := map[string]string{ending: "办理结果", noSuchField: "没有此字段", noReceipt: "没有回执", "status": "HTTP 状态"}[text]
	if l == chinese && zh != "" {
		return zh
	}
	return text
}

// part is "step 3", "check 1".
func (l language) part(p Part) string {
	if p.Step != nil {
		return fmt.Sprintf(l.word("step %d", "步骤 %d"), p.Number)
	}
	return fmt.Sprintf(l.word("check %d", "核对 %d"), p.Number)
}

// refusal labels what a refusal has.
func (l language) refusal(code, ground, reason string) string {
	return l.labelled("code", "代码", code, "ground", "理由", ground, "reason", "原因", reason)
}

// labelled joins what is not empty, each of three in turn: its name in both languages
// and its value.
func (l language) labelled(texts ...string) string {
	var all []string
	for three := range slices.Chunk(texts, 3) {
		if three[2] != "" {
			all = append(all, l.word(three[0], three[1])+" "+three[2])
		}
	}
	return strings.Join(all, l.word(", ", "，"))
}

// in is what is expected, in the language.
func (e Expectation) in(l language) string {
	if e.OK() {
		return l.word(okWord, "成功")
	}
	return l.refusal(e.Code, e.Ground, e.Reason)
}

// end is how a part ended, in the words of an expectation.
func (p *Played) end(l language) string {
	if p.Code == "" {
		return Expectation{}.in(l)
	}
	reason := ""
	if len(p.Details) > 0 && p.Details[0].Code == p.Code {
		reason = p.Details[0].Reason
	}
	return l.refusal(p.Code, p.Ground, reason)
}

// The arguments that a clerk looks at, in this order. The others are in the story.
var telling = []string{
	"type", "number", "right_id", "right", "rights", "pledge_no", "loan_no", "freeze_no", "freeze_id", "consent_no", "proposal_id", "contract", "method",
	"event", "kind", "owners", "pledgors", "pledgees", "borrower", "party_id", "uscc", "lei", "name_zh", "role", "person_id", "roles",
	"statutory_no", "statutory_time", "fact_time", "doc_no", "court", "received_at", "until", "expiry_date", "fee_status", "fee_due",
	"legal_status", "flags", "acknowledgements", "ground", "grounds", "reason", "ballot",
}

// tell shows what matters of a step's arguments in one line: as the story has them,
// with what was saved for its name.
func tell(n names, args map[string]any) string {
	var all []string
	for _, name := range telling {
		if value, given := args[name]; given {
			if text, ok := tellValue(n, value); ok {
				all = append(all, name+" = "+text)
			}
		}
	}
	return strings.Join(all, ", ")
}

func tellValue(n names, v any) (string, bool) {
	switch v := v.(type) {
	case map[string]any:
		id, ok := soleID(v)
		if !ok {
			return "", false
		}
		return tellValue(n, id)
	case []any:
		var all []string
		for _, one := range v {
			text, ok := tellValue(n, one)
			if !ok {
				return "", false
			}
			all = append(all, text)
		}
		return "[" + strings.Join(all, ", ") + "]", true
	case string:
		value, err := n.value(v)
		if err != nil {
			return "", false
		}
		return brief(value), true
	case toml.LocalDate, toml.LocalDateTime:
		return fmt.Sprint(v), true
	}
	return brief(v), true
}
