// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A Result names the organisation that a method was about.
type Result struct {
	PartyID string `cbor:"1,keyasint" json:"party_id"`
}

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		return contracts.Spec{Contract: "parties", Name: name, Version: 1, Doc: en, DocZH: zh}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("register",
			"Registers an organisation with its first administrator, whose key signs too in the role admin.",
			"登记机构及其首位管理员；新管理员密钥须以 admin 角色同时签署。"), register),
		contracts.WithCheck(contracts.NewMethod(spec("admit",
			"Admits an organisation that decides with others or runs nodes, with its first administrator, who has signed that the key is held.",
			"接纳参与表决或运行节点的机构及其首位管理员；该管理员已签署证明持有密钥。"), admit), checkAdmit),
		contracts.NewMethod(spec("update",
			"Changes what an organisation says of itself. Its Chinese name changes by parties.succeed alone.",
			"变更本机构自行申报的信息；中文名称仅可经 parties.succeed 变更。"), update),
		contracts.NewMethod(spec("delegate",
			"Lets the people of an agent sign for the organisation, calls of the methods named, until a day.",
			"委托代理机构的人员在期限内就所列方法代本机构签署。"), delegate),
		contracts.NewMethod(spec("end_delegation",
			"Ends a delegation to an agent, effective in this block.",
			"终止对代理机构的委托，自本区块起生效。"), endDelegation),
		contracts.NewMethod(spec("succeed",
			"Notes by vote what the business register decided: a renaming, a merger, or a split, in which another organisation takes over the records named.",
			"经表决记载市场主体登记机关的变更：更名、合并，或由他机构承继所列记录的分立。"), succeed),
		contracts.NewMethod(spec("suspend",
			"Suspends an organisation by vote, or freezes its account on a regulator's order, until a time or until it is reinstated.",
			"经表决暂停机构，或依监管机构命令冻结其账户，至期满或恢复为止。"), suspend),
		contracts.NewMethod(spec("reinstate",
			"Reinstates a suspended organisation by vote; one whose account is frozen, on a regulator's proposal.",
			"经表决恢复被暂停的机构；账户被冻结的，须由监管机构提案。"), reinstate),
	}
}

// existing finds an organisation that has not merged into another; what is wrong is
// added to r. It gives the zero Party then.
func existing(v *contracts.View, typed, field string, r *contracts.Refusal) contracts.Party {
	party := contracts.FindParty(v, typed, field, r)
	if party.Status == contracts.PartyMerged {
		r.Add(ledger.Failure{Code: contracts.EState, Field: field, Subject: party.PartyID, Reason: contracts.ReasonMerged})
		return contracts.Party{}
	}
	return party
}
