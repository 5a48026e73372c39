// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package disposals

import "github.com/ipledger/ipledger/contracts"

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		return contracts.Spec{Contract: "disposals", Name: name, Version: 1, Doc: en, DocZH: zh, Sealed: name == "bid"}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("list",
			"Offers rights of a pledge that is being enforced: at an auction or sell-off, or for an agreed price.",
			"就实现中的质权挂牌处分标的：拍卖、变卖或协议折价。"), list),
		contracts.NewMethod(spec("bid",
			"Relays that a bid of the reserve price or more has arrived; bidder and amount are sealed.",
			"转报已有达到保留价的出价；竞买人与金额密封。"), bid),
		contracts.NewMethod(spec("close",
			"Sells the rights: to the bidder after the round, or to whom both sides agreed on.",
			"成交：轮次结束后售予竞买人，或售予双方约定的买受人。"), closeSale),
		contracts.NewMethod(spec("fail",
			"Ends a round in which nobody bid the reserve price.",
			"本轮无人出价达到保留价，流拍。"), fail),
		contracts.NewMethod(spec("relist",
			"Offers the rights anew after a failed round.",
			"流拍后再次挂牌。"), relist),
		contracts.NewMethod(spec("set_off",
			"Gives the rights to pledgees in place of the debt after a failed round, as all agree.",
			"流拍后经各方同意，以标的抵偿质权人的债权。"), setOff),
		contracts.NewMethod(spec("stop",
			"Ends a disposal without a sale, or one whose buyer has not paid.",
			"终止处分：未成交，或买受人未付款。"), stop),
		contracts.NewMethod(spec("settle",
			"Confirms with the pledgees that the price was paid; the register may enter the buyers.",
			"会同质权人确认价款已结清；登记簿可据以变更权利人。"), settle),
	}
}
