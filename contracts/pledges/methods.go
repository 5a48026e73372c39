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
		// The application.
		contracts.NewMethod(spec("submit",
			"Applies for a pledge; every pledgor, co-owner and further pledgee countersigns. Reserves the rights for some days.",
			"申请质押登记；全体出质人、共有人及其他质权人须会签。申请后在若干日内预约标的权利。"), submit),
		contracts.NewMethod(spec("accept",
			"Accepts an application for review; the due date follows from the registrar.",
			"受理质押登记申请，审查期限依登记机构而定。"), accept),
		contracts.NewMethod(spec("correct",
			"Asks the parties to mend an application; without an answer in time it is withdrawn.",
			"通知当事人补正申请；逾期未补正视为撤回。"), correct),
		contracts.NewMethod(spec("resubmit",
			"Brings the corrected application, signed anew by both sides.",
			"提交补正后的申请，双方须重新签署。"), resubmit),
		contracts.NewMethod(spec("refuse",
			"Refuses an accepted application on the registrar's grounds; the reservation ends.",
			"对已受理的申请不予登记并列明理由；预约随之解除。"), refuse),
		contracts.NewMethod(spec("withdraw",
			"Withdraws an application by both sides; the reservation ends.",
			"双方撤回申请；预约随之解除。"), withdraw),
		contracts.NewMethod(spec("register",
			"Relays the statutory registration, which makes the pledge effective.",
			"转录法定登记结果，质权自法定登记时设立。"), register),

		// The registration.
		contracts.NewMethod(spec("change",
			"Relays a change of the registration to which both sides and an office agree by signature.",
			"转录质押登记的变更；双方及登记窗口均须签署。"), change),
		contracts.NewMethod(spec("partial_release",
			"Relays that some of the rights were released, with the pledgees' signatures.",
			"转录部分标的的解除；须有质权人签署。"), partialRelease),
		contracts.NewMethod(spec("extend",
			"Relays that the registration, or the sealed term of the debt, was extended.",
			"转录登记期限或（密封的）债务履行期限的延展。"), extend),
		contracts.NewMethod(spec("transfer",
			"Moves a pledge with its debt to other pledgees; its rank stays.",
			"质权随债权转让给其他质权人；顺位不变。"), transfer),
		contracts.NewMethod(spec("change_rank",
			"Lets the pledges of a right take each other's ranks; whoever ranks worse signs.",
			"同一权利上的质权变更顺位；顺位劣后者均须签署。"), changeRank),
		contracts.NewMethod(spec("fix_claim",
			"Fixes the claims of a maximum-amount pledge on a ground of the law.",
			"依法定事由确定最高额质权所担保的债权。"), fixClaim),

		// Default.
		contracts.NewMethod(spec("demand",
			"Records a pledgee's demand for payment or a pledgor's for enforcement; clocks run from it.",
			"记录质权人的催收或出质人请求及时行使质权的通知；相关期限自此起算。"), demand),
		contracts.NewMethod(spec("start_enforcement",
			"Begins to enforce a pledge and tells the pledgors and the other pledgees.",
			"开始实现质权，并通知出质人与其他质权人。"), startEnforcement),
		contracts.NewMethod(spec("end_enforcement",
			"Ends an enforcement without a sale; the pledge stands as before.",
			"未经处分而终止实现质权；质权继续有效。"), endEnforcement),

		// The end.
		contracts.NewMethod(spec("consent_release",
			"The pledgees agree to the release of an effective pledge.",
			"质权人同意解除质押。"), consentRelease),
		contracts.NewMethod(spec("withdraw_release",
			"The pledgees take their consent back before the cancellation; the pledgors agree.",
			"注销前质权人经出质人同意撤回解除质押的同意。"), withdrawRelease),
		contracts.NewMethod(spec("cancel",
			"Relays the statutory cancellation, after the pledgees' consent or on a court's paper.",
			"转录法定注销结果；须有质权人同意或法院文书。"), cancel),
		contracts.NewMethod(spec("revoke",
			"Relays that the registrar revoked the registration: the pledge is void from the start.",
			"转录登记机构撤销登记的决定；质权自始无效。"), revoke),
	}
}
