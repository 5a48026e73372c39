// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consents

import "github.com/ipledger/ipledger/contracts"

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		sealed := name == "request" || name == "grant" || name == "report_proceeds"
		return contracts.Spec{Contract: "consents", Name: name, Version: 1, Doc: en, DocZH: zh, Sealed: sealed}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("request",
			"Asks the pledgees of a right to agree to one deal about it; the terms are sealed.",
			"就已质押权利的一项交易请求质权人同意；条款密封。"), request),
		contracts.NewMethod(spec("grant",
			"The pledgees of a pledge agree to the deal, on the same or narrower sealed terms; further pledgees countersign.",
			"质权人同意该交易，密封条款与申请一致或更严；其他质权人须会签。"), grant),
		contracts.NewMethod(spec("refuse",
			"A pledgee does not agree to the deal, with a reason.",
			"质权人不同意该交易并说明理由。"), refuse),
		contracts.NewMethod(spec("report_proceeds",
			"Certifies that what the deal brought was divided as agreed; the pledgees, who add up the sealed amounts, countersign.",
			"存证交易价款已按约定提前清偿或提存；金额密封，由质权人核对并会签。"), reportProceeds),
		contracts.NewMethod(spec("report_breach",
			"Records a deal about a pledged right that was made without its pledgees' consent, and tells them.",
			"记录未经质权人同意处分已质押权利的交易，并通知质权人。"), reportBreach),
	}
}

// Result names the consent a method was about, and its state after it.
type Result struct {
	ConsentNo string   `cbor:"1,keyasint" json:"consent_no"`
	State     string   `cbor:"2,keyasint" json:"state"`
	Asked     []string `cbor:"3,keyasint,omitempty" json:"asked,omitempty"`   // pledge numbers that a request lists, by rank
	Granted   []string `cbor:"4,keyasint,omitempty" json:"granted,omitempty"` // pledge numbers that a grant is of
	Until     string   `cbor:"5,keyasint,omitempty" json:"until,omitempty"`   // last day to grant it
	Wanting   []string `cbor:"6,keyasint,omitempty" json:"wanting,omitempty"` // pledge numbers that have not granted it
}
