// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package corrections

import "github.com/ipledger/ipledger/contracts"

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		return contracts.Spec{Contract: "corrections", Name: name, Version: 1, Doc: en, DocZH: zh}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("annotate",
			"Adds a remark to an entry of a pledge, right or freeze; who made the entry does, and the other side countersigns. Nothing else changes.",
			"对质押、权利或冻结的某一条目加注；由作出该条目的机构办理，相对方会签。其他内容不变。"), annotate),
		contracts.NewMethod(spec("correct_error",
			"Says what an entry should have said; who made it does, and the other side countersigns. The entry stays, and points to its correction.",
			"更正某一条目的错误；由作出该条目的机构办理，相对方会签。原条目保留，并指向更正条目。"), correctError),
		contracts.NewMethod(spec("review",
			"Marks entries UNDER_REVIEW, as after the theft of a key. Nothing about the entries changes.",
			"将条目标记为复核中（UNDER_REVIEW），如密钥被盗后所作条目。条目内容不变。"), review),
		contracts.NewMethod(spec("end_review",
			"Ends the review of entries with what was found: they hold, or were corrected.",
			"结束对条目的复核并记载结论：确认有效，或已经更正。"), endReview),
	}
}
