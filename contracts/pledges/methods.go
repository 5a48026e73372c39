// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import "github.com/ipledger/ipledger/contracts"

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		return contracts.Spec{Contract: "pledges", Name: name, Version: 1, Doc: en, DocZH: zh, Sealed: name == "submit"}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("submit",
			"Applies for a pledge; every pledgor, co-owner and further pledgee countersigns. Reserves the rights for some days.",
			"申请质押登记；全体出质人、共有人及其他质权人须会签。申请后在若干日内预约标的权利。"), submit),
		contracts.NewMethod(spec("accept",
			"Accepts an application for review; the due date is counted in working days.",
			"受理质押登记申请，审查期限按工作日计算。"), accept),
		contracts.NewMethod(spec("refuse",
			"Refuses an accepted application on the registrar's grounds; the reservation ends.",
			"对已受理的申请不予登记并列明理由；预约随之解除。"), refuse),
		contracts.NewMethod(spec("withdraw",
			"Withdraws an application by both sides; the reservation ends.",
			"双方撤回申请；预约随之解除。"), withdraw),
		contracts.NewMethod(spec("register",
			"Relays the statutory registration, which makes the pledge effective.",
			"转录法定登记结果，质权自法定登记时设立。"), register),
		contracts.NewMethod(spec("consent_release",
			"The pledgees agree to the release of an effective pledge.",
			"质权人同意解除质押。"), consentRelease),
		contracts.NewMethod(spec("cancel",
			"Relays the statutory cancellation, after the pledgees' consent or on a court's paper.",
			"转录法定注销结果；须有质权人同意或法院文书。"), cancel),
	}
}
