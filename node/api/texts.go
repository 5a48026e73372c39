// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// textOf explains a failure: the contracts' texts, and those for what only the
// API refuses.
func textOf(f ledger.Failure) (en, zh string) {
	if t, ok := reasonTexts[f.Reason]; ok {
		return t.en, t.zh
	}
	if t, ok := codeTexts[f.Code]; ok {
		return t.en, t.zh
	}
	return contracts.Text(f.Code, f.Ground, f.Reason)
}

type text struct{ en, zh string }

var codeTexts = map[string]text{
	codeUnavailable: {
		"The network cannot take this now: too few validators agree, or this node is catching up. What is FINAL stays readable. Send the same request again later, here or to another node.",
		"网络暂时无法受理：参与共识的节点不足，或本节点正在追赶。已确定的数据仍可查询。请稍后向本节点或其他节点重发同一请求。",
	},
	codeInternal: {
		"This node failed to answer. Certified data are not affected. Ask another node and tell the operator of this one.",
		"本节点处理失败，已确定的数据不受影响。请改用其他节点并通知本节点运维人员。",
	},
}

var reasonTexts = map[string]text{
	ReasonUnsigned: {
		"This needs a request signed by the key of an enrolled, active person. Nothing was changed. Sign the request and send it again.",
		"此操作须由已登记且有效人员的密钥对请求签名，账本未作任何变更。请签名后重发。",
	},
	ReasonHeader: {
		"A header of the request's signature is missing or malformed. Nothing was changed. Correct the header named and sign again.",
		"请求签名的头字段缺失或格式错误，账本未作任何变更。请更正所示字段后重新签名。",
	},
	ReasonClock: {
		"The request's time differs too much from this node's clock. Nothing was changed. Set your clock and sign again.",
		"请求时间与本节点时钟相差过大，账本未作任何变更。请校准时钟后重新签名。",
	},
	ReasonReplay: {
		"This nonce was used before. Nothing was done twice. Sign the request again with a new nonce.",
		"该随机数已被使用，未重复处理。请使用新的随机数重新签名。",
	},
	ReasonDigest: {
		"The body is not the one that was signed. Nothing was changed. Look for what alters requests on the way, then sign again.",
		"请求正文与签名摘要不符，账本未作任何变更。请检查传输途中是否被改动，然后重新签名。",
	},
	ReasonSignature: {
		"The request's signature does not verify, or its key is not enrolled and active. Nothing was changed. Check the key and the canonical string.",
		"请求签名验证失败，或密钥未登记、已失效，账本未作任何变更。请检查密钥与待签名串。",
	},
	ReasonPruned: {
		"This node no longer holds the state of that height. Newer data are not affected. Ask a node that keeps the whole history.",
		"本节点不再保存该高度的状态，较新的数据不受影响。请向保存完整历史的节点查询。",
	},
	ReasonHeight: {
		"There is no FINAL block of that height or time yet. Nothing was changed. Ask again later, or for the newest block.",
		"该高度或时间尚无已确定的区块，账本未作任何变更。请稍后再试，或查询最新区块。",
	},
	ReasonBefore: {
		"This network did not exist at that time. Nothing was changed. Ask for a time after its genesis.",
		"该时间早于本网络的创世时间，账本未作任何变更。请查询创世之后的时间。",
	},
	ReasonGenesis: {
		"The genesis block has no certificate, so nothing is proven by it. Nothing was changed. Ask for a proof at height 1 or later.",
		"创世区块没有签名证书，无法据以出具证明，账本未作任何变更。请查询高度 1 及以后的证明。",
	},
	ReasonRoute: {
		"There is no such path or method. Nothing was changed. The paths are listed in /openapi.json.",
		"路径或方法不存在，账本未作任何变更。可用路径见 /openapi.json。",
	},
	ReasonTooLarge: {
		"The request is larger than 256 KiB. Nothing was changed. Split it.",
		"请求超过 256 KiB，账本未作任何变更。请拆分后提交。",
	},
	ReasonBusy: {
		"The node takes no more work at this moment. Nothing was lost. Send the same request again after the time in Retry-After.",
		"节点繁忙，数据未丢失。请按 Retry-After 所示时间后重发同一请求。",
	},
}
