// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import "github.com/ipledger/ipledger/contracts"

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	return []contracts.Method{
		contracts.NewMethod(spec("propose",
			"Proposes to the members a call of a method that nobody calls alone. The id of the proposal is that of the transaction. An organisation that has a vote agrees by proposing.",
			"向成员提议调用须经表决的方法。提案编号即本交易编号。有表决权的机构提议即视为同意。"), propose),
		contracts.NewMethod(spec("vote",
			"Casts the ballot of an organisation, once: YES or NO of a member, VETO of a regulator. The ballot that reaches the threshold runs the method in the same block.",
			"机构对提案表决，每一机构仅一次：成员投 YES 或 NO，监管机构可投 VETO 否决。达到通过比例的一票在同一区块内执行所提方法。"), vote),
		contracts.NewMethod(spec("withdraw",
			"Withdraws a proposal that is open; only who proposed it may.",
			"撤回尚在表决中的提案，仅提案机构可撤回。"), withdraw),
		contracts.NewMethod(spec("set_parameters",
			"Changes figures of the law or of the consortium's rules, within their bounds, and keeps why. What comes later in the same block is judged by the new ones.",
			"在允许范围内变更法定或联盟规则参数，并记载依据。同一区块内其后的交易即按新参数办理。"), setParameters),
		contracts.NewMethod(spec("load_calendar",
			"Loads the working days of a year, or replaces those that were provisional. A day of an announced calendar that has begun stays what it was.",
			"载入某一年度的工作日历，或替换暂定的日历。已公布日历中已到来的日期不作变更。"), loadCalendar),
		contracts.NewMethod(spec("upgrade",
			"Decides from which height on the next execution version is in force, or moves the height of one that is decided and not in force. Every node needs a program that knows the version by then.",
			"决定下一执行版本自哪一高度起生效，或变更已决定而尚未生效版本的高度。届时各节点须已安装支持该版本的程序。"), upgrade),
		contracts.NewMethod(spec("report_evidence",
			"Records evidence that a validator has signed what no honest one signs. It proves itself, so one signature is enough: a maker's, or that of a node with its validator key in the role validator. No right is affected.",
			"记录验证者签署了诚实验证者不会签署内容的证据。证据可自行验证，故一方签署即可：经办人，或节点以验证者密钥按 validator 角色签署。不影响任何权利。"), report),
	}
}

func spec(name, doc, docZH string) contracts.Spec {
	return contracts.Spec{Contract: "consortium", Name: name, Version: 1, Doc: doc, DocZH: docZH}
}
