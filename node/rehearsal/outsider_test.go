// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/node/rehearsal"
)

func TestARefusalThatCameAsWrittenHasNothingToSave(t *testing.T) {
	story := parse(t, people+strings.Replace(claimAt("2026-01-05"), `as = "BC"`, `as = "IPO"`, 1)+"expect = \"E_ROLE\"\nsave = { right = \"right_id\" }\n")
	_, err := rehearsal.Play(t.Context(), story, rehearsal.Options{})
	var fault *rehearsal.Fault
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), "story.toml:4: step 1: save: a step that is refused has no result, only transaction and height") {
		t.Errorf("it ended with %v", err)
	}
}

// outsider writes as somebody does who knows the law and not the methods.
const outsider = `
[cast]
SJ  = { kind = "BANK", uscc = "91510100MA6L1D0E2L", organisation = "蜀锦银行" }
RX  = { kind = "BORROWER", uscc = "91510100MA6CA1R24N", organisation = "成都蓉芯微电子有限公司" }
IPO = { role = "IPO", uscc = "12510100MB0A1K3L09", name = "成都知识产权服务中心(示例)" }
[[step]]
at = "2026-02-24T09:00"
as = "RX"
call = "rights.claim"
args = { type = "PAT_INV", number = "ZL201810234567.3", owners = "RX" }
save = { right = "right_id" }
[[step]]
at = "2026-02-24T10:00"
as = ["IPO.maker", "IPO.checker"]
call = "rights.confirm"
args = { right_id = "$right", owners = [{ party_id = "RX" }], grant_date = "2020-05-05T00:00" }
[[step]]
at = "2026-02-25T10:00"
as = ["IPO.maker", "IPO.checker"]
call = "rights.refresh"
args = { right_id = "$right", evidence = "extract" }
[[step]]
at = "2026-02-26T10:00"
as = ["RX", "SJ.maker", "SJ.checker"]
call = "pledges.submit"
args = { rights = [{ right_id = "$right" }], pledgors = "RX", pledgees = "SJ", debtor = "RX", secured_amount = 5000000.00 }
sealed = { currency = "CNY" }
[[step]]
at = "2026-02-26T11:00"
as = ["SJ.maker", "SJ.checker", "RX"]
call = "pledges.submit"
args = { rights = "$right", pledgors = "RX", pledgees = "SJ" }
expect = "E_PLEDGED(reservation)"
[[step]]
at = "2026-02-26T12:00"
as = ["RX", "IPO.maker"]
call = "pledges.submit"
args = { rights = "$right", pledgors = "RX", pledgees = "SJ" }
expect = "E_ROLE"
[[check]]
at = "2026-02-27"
query = "/v1/rights/$right?as_of=2026-02-24T09:30"
want = { base_state = "CLAIMED", number = "201810234567.3" }
[[check]]
at = "2026-02-27"
query = "/v1/rights/$right?at_time=2026-02-24T10:30:00+08:00"
want = { base_state = "CONFIRMED", confirmed_at = "2026-02-24" }
`

func TestAnOutsidersStoryIsPlayed(t *testing.T) {
	if report, transcript := play(t, parse(t, outsider)); report.Difference() != nil {
		t.Error(transcript)
	}
}

func TestClerksReadAStoryInChinese(t *testing.T) {
	story := parse(t, people+claimAt("2026-01-05")+"save = { right = \"right_id\" }\n"+strings.Replace(claimAt("2026-01-06"), `as = "BC"`, `as = "IPO"`, 1)+
		"expect = { code = \"E_ROLE\" }\n"+statusAt("2026-01-07")+strings.Replace(claimAt("2026-01-08"), "owners", "owner", 1)+"expect = \"E_STATE\"\n")
	var transcript strings.Builder
	_, err := rehearsal.Play(t.Context(), story, rehearsal.Options{Chinese: true, Tell: func(line string) error {
		transcript.WriteString(line + "\n")
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"2026-01-05 00:00:00  步骤 1  BC.maker  rights.claim：成功，$right = IPR-510100-20260105-0000001-P\n    type = PATENT, number = 201810234567.3, owners = [BC]\n",
		"2026-01-06 00:00:00  步骤 2  IPO.maker  rights.claim：拒绝，代码 E_ROLE，原因 PARTY_ROLE\n",
		"2026-01-07 00:00:00  核对 1  GET /v1/status：成功，network = rehearsal\n",
		"    代码 E_FORMAT，原因 UNKNOWN，字段 owner：", "    rights.claim 的字段：type, number, owners, title, ",
		"    办理结果\n      应为  代码 E_STATE\n      实为  代码 E_FORMAT，原因 UNKNOWN\n", "步骤 3 与剧本不符\n",
	} {
		if !strings.Contains(transcript.String(), line) {
			t.Errorf("it does not say %q:\n%s", line, transcript.String())
		}
	}
}
