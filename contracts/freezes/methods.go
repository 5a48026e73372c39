// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package freezes

import "github.com/ipledger/ipledger/contracts"

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	return []contracts.Method{
		contracts.NewMethod(contracts.Spec{
			Contract: "freezes", Name: "record", Version: 1,
			Doc:   "Records a court's freeze of a right from the registrar's receipt of the notice; a later one waits in the queue.",
			DocZH: "记录法院对权利的保全或查封，自登记机关收到协助执行通知之日起算；在后的轮候。",
		}, record),
		contracts.NewMethod(contracts.Spec{
			Contract: "freezes", Name: "renew", Version: 1,
			Doc:   "Renews a freeze on a notice that the registrar received before its end; the chain of orders is kept.",
			DocZH: "依在期限届满前收到的续行保全通知延长冻结，原次序保留。",
		}, renew),
		contracts.NewMethod(contracts.Spec{
			Contract: "freezes", Name: "lift", Version: 1,
			Doc:   "Lifts a freeze on the court's notice; the next in the queue is in force from then.",
			DocZH: "依法院通知解除冻结，轮候在先者随之生效。",
		}, lift),
	}
}
