// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// testCast is BC, a bank, and RX, a firm.
func testCast(t *testing.T) *cast {
	t.Helper()
	c, err := newCast("story.toml", map[string]memberFile{
		"BC":  {Role: "BANK", USCC: "91510100MA6L1D0E2L", Name: "蜀锦银行"},
		"RX":  {Role: "BORROWER", USCC: "91510100MA6CA1R24N", Name: "成都蓉芯微电子有限公司"},
		"IPO": {Role: "IPO", USCC: "12510100MB0A1K3L09", Name: "成都知识产权服务中心(示例)"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatIsWantedIsAPartOfTheAnswer(t *testing.T) {
	const answer = `{
		"height": 7, "status": "FREE", "paid": true, "amount": "500000000", "rate": 0.25,
		"block_time": "2026-02-24T09:00:00.001+08:00", "block_time_ms": 1771894800001, "day": "2026-02-24",
		"owners": ["91510100MA6CA1R24N", "91510100MA6L1D0E2L"], "role": "IPO",
		"record": {"number": "2018102345673", "owner": "91510100MA6CA1R24N", "flags": ["STALE"], "inner": {"deep": 1}},
		"detail": {"number": "other", "pledges": [{"no": "A", "rank": 1}, {"no": "B", "rank": 2}]},
		"spelt": "2018102345673", "holder": {"party_id": "91510100MA6CA1R24N", "note": "x"},
		"pledged": [{"right_id": "IPR-1", "number": "2018102345673", "remark": "note", "more": {"deep": 1}}, {"right_id": "IPR-2", "more": {"deep": 2}}],
		"items": [{"key": "k", "record": {"right_id": "IPR-3", "number": "1"}}, {"key": "l", "record": {"disposal_no": "DSP-1"}}],
		"none": null, "empty": []
	}`
	got, err := decodeJSON([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	cast := testCast(t)
	c := comparison{names{cast: cast, saved: map[string]any{"no": "A", "n": json.Number("7"), "owners": []any{"x"}, "later": json.Number("1771894800001")}}}
	for want, differs := range map[string]string{
		`status = "FREE"`:            "",
		`status = "PLEDGED"`:         "status: wanted PLEDGED, got FREE",
		`height = 7`:                 "",
		`height = "$n"`:              "",
		`height = 8`:                 "height: wanted 8, got 7",
		`paid = true`:                "",
		`paid = false`:               "paid: wanted false, got true",
		`rate = 0.25`:                "",
		`amount = 500000000`:         "", // money is a text
		`amount = 5`:                 "amount: wanted 5, got 500000000",
		`none = "x"`:                 "none: wanted x, got null",
		`status = { value = "FREE"}`: `status: wanted {"value":"FREE"}, got FREE`,
		`status = ["FREE"]`:          `status: wanted ["FREE"], got FREE`,
		`items = ["DSP-1", "IPR-3"]`: "",
		`items = ["DSP-1", "IPR-1"]`: `items: wanted ["DSP-1","IPR-1"], got `,
		`record = "x"`:               `record: wanted x, got `,

		// Times: in ms or in a text; without a fraction the second is meant.
		`block_time = 2026-02-24T09:00:00`:          "",
		`block_time = 2026-02-24T01:00:00Z`:         "",
		`block_time = "2026-02-24T09:00"`:           "",
		`block_time_ms = 2026-02-24T09:00:00`:       "",
		`block_time_ms = "2026-02-24T09:00:00.001"`: "",
		`block_time_ms = "2026-02-24T09:00:00.002"`: "block_time_ms: wanted 2026-02-24T09:00:00.002, got 1771894800001",
		`block_time_ms = 2026-02-24T09:00:01`:       "block_time_ms: wanted 2026-02-24T09:00:01, got 1771894800001",
		`block_time_ms = "$later"`:                  "",
		`day = 2026-02-24`:                          "",
		`day = "2026-02-24"`:                        "",
		`day = 2026-02-25`:                          "day: wanted 2026-02-25, got 2026-02-24",
		`day = "2026-02-24T00:00"`:                  "day: wanted 2026-02-24T00:00, got 2026-02-24",
		`block_time = 2026-02-24`:                   "", // any time of the day
		`block_time = "2026-02-24"`:                 "",
		`block_time_ms = "2026-02-24"`:              "",
		`block_time_ms = 2026-02-23`:                "block_time_ms: wanted 2026-02-23, got 1771894800001",
		`block_time_ms = "2026-02-24T00:00"`:        "block_time_ms: wanted 2026-02-24T00:00, got 1771894800001",
		`height = 2026-02-24T09:00:00`:              "height: wanted 2026-02-24T09:00:00, got 7",

		// Names of the cast stand for ids, unless the answer has the name itself.
		`owners = ["BC", "RX"]`: "", // in any order
		`owners = ["RX", "RX"]`: `owners: wanted ["RX","RX"], got ["91510100MA6CA1R24N","91510100MA6L1D0E2L"]`,
		`owners = ["RX"]`:       `owners: wanted ["RX"], got [`,
		`role = "IPO"`:          "",
		`role = "BC"`:           "role: wanted BC, got IPO",

		// Keys that are not at the top are looked for below.
		`owner = "RX"`:                      "",
		`deep = 1`:                          "",
		`number = "2018102345673"`:          "",
		`number = "other"`:                  "", // one of those on one level
		`number = "third"`:                  "number: wanted third, got other",
		`record = { inner = { deep = 1 } }`: "",
		`"record.inner.deep" = 2`:           "record.inner.deep: wanted 2, got 1",
		`"inner.deep" = 1`:                  "",
		`"pledges.1.no" = "B"`:              "",
		`pledges = [{ no = "$no" }, { no = "B", rank = 2 }]`: "",
		`pledges = [{ no = "B" }, { no = "A" }]`:             "pledges[0].no: wanted B, got A",
		`pledges = [{ no = "A" }]`:                           "pledges: wanted [{\"no\":\"A\"}], got [",
		`colour = "red"`:                                     "colour: wanted red, got nothing of this name",
		`record = { colour = "red" }`:                        "record.colour: wanted red, got nothing of this name",

		// A number of a right has many spellings.
		`number = "ZL201810234567.3"`:              "",
		`number = "ZL 2018 1 0234567.3"`:           "",
		`number = "201810234567.4"`:                "number: wanted 201810234567.4, got other",
		`"record.number" = "201810234567.3"`:       "",
		`record = { number = "CN201810234567.3" }`: "",
		`spelt = "201810234567.3"`:                 "spelt: wanted 201810234567.3, got 2018102345673",
		`pledged = ["IPR-1", "IPR-2"]`:             "", // by the id of the tables
		`pledged = ["201810234567.3", "IPR-2"]`:    "",
		`pledged = ["IPR-1", "IPR-3"]`:             `pledged: wanted ["IPR-1","IPR-3"], got [`,
		`pledged = ["IPR-1"]`:                      `pledged: wanted ["IPR-1"], got [`,
		`pledged = ["note", "IPR-2"]`:              `pledged: wanted ["note","IPR-2"], got [`,
		`holder = "RX"`:                            "",
		`owners = [{ party_id = "RX" }, "BC"]`:     "",
		`owners = [{ party_id = "BC" }, "RX"]`:     "owners[0]: wanted BC, got 91510100MA6CA1R24N",
		`owners = [{ colour = "RX" }, "BC"]`:       `owners[0]: wanted {"colour":"RX"}, got 91510100MA6CA1R24N`,
		`pledged = [{ deep = 1 }, { deep = 2 }]`:   "", // deeper there, too
		`pledged = [{ deep = 1 }, { deep = 1 }]`:   "pledged[1].deep: wanted 1, got 2",

		// What is empty may be left out.
		`colour = ""`:                    "",
		`record = { encumbrances = [] }`: "",
		`flags = []`:                     `flags: wanted [], got ["STALE"]`,
		`empty = []`:                     "",
	} {
		var table map[string]any
		if err := toml.Unmarshal([]byte(want), &table); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
		found, err := c.differences(table, got)
		text := ""
		for _, d := range found {
			text += d.What + ": wanted " + d.Wanted + ", got " + d.Got
		}
		if err != nil || differs == "" && text != "" || !strings.HasPrefix(text, differs) {
			t.Errorf("%s: %q, %v; want %q", want, text, err, differs)
		}
	}
	if _, err := c.differences(map[string]any{"status": "$nobody"}, got); err == nil {
		t.Error("a name that nobody saved was taken")
	}
}
