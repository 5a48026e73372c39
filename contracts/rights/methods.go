// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import "github.com/ipledger/ipledger/contracts"

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	return []contracts.Method{
		contracts.NewMethod(contracts.Spec{
			Contract: "rights", Name: "claim", Version: 1,
			Doc:   "Claims a right for its owners; it has no legal effect until an IP office confirms it.",
			DocZH: "为权利人申报知识产权；经知识产权局确认前不产生效力。",
		}, claim),
		contracts.NewMethod(contracts.Spec{
			Contract: "rights", Name: "confirm", Version: 1,
			Doc:   "Confirms a claim from the statutory register; other claims of the number are rejected.",
			DocZH: "依法定登记簿确认申报；同一号码的其他申报随之驳回。",
		}, confirm),
		contracts.NewMethod(contracts.Spec{
			Contract: "rights", Name: "reject", Version: 1,
			Doc:   "Rejects a claim with a reason; a new claim may follow.",
			DocZH: "驳回申报并说明理由；可重新申报。",
		}, reject),
		contracts.NewMethod(contracts.Spec{
			Contract: "rights", Name: "refresh", Version: 1,
			Doc:   "Replaces the facts of a confirmed right by newer ones of the statutory register.",
			DocZH: "以法定登记簿的最新信息更新已确认的权利。",
		}, refresh),
		contracts.NewMethod(contracts.Spec{
			Contract: "rights", Name: "status_event", Version: 1,
			Doc:   "Records what happened to a confirmed right at the statutory register, with the time of the fact; pledgees countersign what takes the right from under their pledges.",
			DocZH: "记录已确认权利在法定登记簿上发生的事件及其事实时间；影响质押标的的事件须由质权人会签。",
		}, statusEvent),
	}
}
