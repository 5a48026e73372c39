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
	ReasonDisk: {
		"The disk of this node is almost full, so it takes no transactions for now. Nothing is lost and what is FINAL stays readable here. Send the same request to another node, or here again later, and tell the operator.",
		"本节点磁盘空间不足，暂停受理交易。数据未丢失，已确定的数据仍可在此查询。请将同一请求提交至其他节点，或稍后重试，并通知运维人员。",
	},
	ReasonDamaged: {
		"Stored data of this node are damaged, and it answers nothing that is in doubt. The other nodes hold the whole ledger. Ask another node and tell the operator of this one.",
		"本节点存储的数据已损坏，不提供存疑的内容；其他节点保存完整账本。请改用其他节点，并通知本节点运维人员。",
	},
	ReasonRules: {
		"The program of this node does not know the rules that the members put in force for the next block, so it takes no transactions. What is FINAL stays readable here. Send the same request to another node, and tell the operator of this one.",
		"本节点的程序不支持成员决定自下一区块起启用的规则，已停止受理交易。已确定的数据仍可在此查询。请将同一请求提交至其他节点，并通知本节点运维人员。",
	},
	ReasonDraining: {
		"This node is about to end and takes no more transactions. This one was not taken; nothing was changed, and what is FINAL stays readable at every node. Send the same request to another node now, or here again after the time in Retry-After.",
		"本节点即将停止，不再受理交易；本次提交未被受理，账本未作任何变更，已确定的数据仍可向各节点查询。请立即将同一请求提交至其他节点，或按 Retry-After 所示时间后向本节点重试。",
	},
	ReasonCrossBorder: {
		"This is open to members and not public, and only public data leave the country: people of a foreign organisation are not shown it. Nothing was changed. Public records, and receipts by the id of their transaction, stay open; your agency in this country may ask for what concerns you.",
		"该信息仅向成员开放，不属公开信息；仅公开信息可以出境，境外机构人员不得查询。账本未作任何变更。公开记录及凭交易编号取得的回执仍可查询；与贵方有关的事项，请由贵方境内代理机构查询。",
	},
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
		"This node no longer holds what a proof at that height takes. Values at every height are still answered, without proof=true. For the proof ask an archive node, which runs with state_history = all.",
		"本节点已不再保存出具该高度证明所需的状态树；不带 proof=true 时，各高度的状态值仍可正常查询。如需证明，请向归档节点（配置 state_history = all）查询。",
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
	ReasonRestarted: {
		"The request was signed before this node started, so it cannot tell whether it was answered already. Nothing was changed. Sign the request again now.",
		"该请求签署于本节点启动之前，无法判断其是否已被处理，账本未作任何变更。请立即重新签名后发送。",
	},
	ReasonNonces: {
		"This key has signed more requests than the node can remember within the replay window. Nothing was changed. Send the same request again after the time in Retry-After.",
		"该密钥在防重放时限内的请求数已达上限，账本未作任何变更。请按 Retry-After 所示时间后重发同一请求。",
	},
	ReasonCursor: {
		"The cursor is not one that this list gave, or another parameter was changed. Nothing was changed. Begin the list again without a cursor.",
		"分页游标并非由本列表给出，或其他参数已被更改，账本未作任何变更。请不带游标重新查询。",
	},
	ReasonRoute: {
		"There is no such path. Nothing was changed. The paths are listed in /openapi.json.",
		"路径不存在，账本未作任何变更。可用路径见 /openapi.json。",
	},
	ReasonVerb: {
		"This path does not take this HTTP method. Nothing was changed. Use one of those in the Allow header.",
		"该路径不支持此 HTTP 方法，账本未作任何变更。请使用 Allow 头字段所列的方法。",
	},
	ReasonMedia: {
		"The body must be JSON in UTF-8. Nothing was changed. Send it with Content-Type: application/json.",
		"请求正文须为 UTF-8 编码的 JSON，账本未作任何变更。请以 Content-Type: application/json 发送。",
	},
	ReasonCoding: {
		"Compressed bodies are not taken. Nothing was changed. Send the body without Content-Encoding.",
		"不接受压缩的请求正文，账本未作任何变更。请去除 Content-Encoding 后原样发送。",
	},
	ReasonHeaders: {
		"The headers of the request are larger than 16 KiB. Nothing was changed. Leave out what the interface does not ask for, such as cookies.",
		"请求头超过 16 KiB，账本未作任何变更。请去除接口不需要的头字段（如 Cookie）。",
	},
	ReasonNoBody: {
		"A read has no body. Nothing was changed. Put what you ask for into the path and the query.",
		"查询请求不得带正文，账本未作任何变更。请将查询条件置于路径与查询参数中。",
	},
	ReasonCut: {
		"The body ended before its announced length, or came too slowly. Nothing was changed. Send the whole request again.",
		"请求正文在声明的长度之前中断，或传输过慢，账本未作任何变更。请完整重发。",
	},
	ReasonJSON: {
		"The body is not one well-formed JSON value; where reading stopped is named. Nothing was changed. Correct it and send it again.",
		"请求正文不是一个格式正确的 JSON 值，已标明读取中止的位置，账本未作任何变更。请更正后重发。",
	},
	ReasonDepth: {
		"The body is nested deeper than 16 levels. Nothing was changed. No method takes such arguments; correct it.",
		"请求正文嵌套超过 16 层，账本未作任何变更。任何方法均不需要如此深的参数，请更正。",
	},
	ReasonUnicode: {
		"A text is not valid Unicode: broken UTF-8, or half of a surrogate pair. Nothing was changed. Send texts in UTF-8.",
		"文本不是有效的 Unicode：UTF-8 编码损坏，或代理对不完整，账本未作任何变更。请以 UTF-8 编码发送文本。",
	},
	ReasonBase64: {
		"The field is not standard base64 with padding (RFC 4648, section 4); the form with - and _ is not taken. Nothing was changed. Encode it again.",
		"字段不是带填充的标准 base64（RFC 4648 第 4 节），不接受以 - 与 _ 表示的变体，账本未作任何变更。请重新编码。",
	},
	ReasonPercent: {
		"A query parameter is not well percent-encoded. Nothing was changed. Encode it as UTF-8 by RFC 3986, and join parameters with &.",
		"查询参数的百分号编码不正确，账本未作任何变更。请按 RFC 3986 以 UTF-8 编码，并以 & 连接各参数。",
	},
	ReasonRate: {
		"More requests came than one client may send. Nothing was changed. Send the same request again after the time in Retry-After.",
		"请求超过单一客户端的速率上限，账本未作任何变更。请按 Retry-After 所示时间后重发同一请求。",
	},
	ReasonFailures: {
		"Too many badly signed requests came from this address. Nothing was changed. Correct the signatures, and try again after the time in Retry-After.",
		"来自该地址的签名有误的请求过多，账本未作任何变更。请先纠正签名，再按 Retry-After 所示时间重试。",
	},
	ReasonWaiting: {
		"Too many submissions wait for their outcome. This one was not taken; nothing was changed. Send the same request again after the time in Retry-After.",
		"等待结果的提交过多，本次提交未被受理，账本未作任何变更。请按 Retry-After 所示时间后重发同一请求。",
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

// faultTexts say in Chinese what is wrong with bytes.
var faultTexts = map[ledger.Fault]string{
	ledger.FaultShort:      "数据提前结束（可能被截断）",
	ledger.FaultTrailing:   "数据之后尚有多余字节",
	ledger.FaultSize:       "字节数超过上限",
	ledger.FaultDepth:      "嵌套过深",
	ledger.FaultIndefinite: "使用了不定长或保留的长度",
	ledger.FaultShortest:   "整数或长度未采用最短形式",
	ledger.FaultUTF8:       "文本不是有效的 UTF-8",
	ledger.FaultNormal:     "文本未采用 Unicode 规范化形式 C（NFC）",
	ledger.FaultKey:        "映射的键不是无符号整数",
	ledger.FaultOrder:      "映射的键未按升序排列或重复",
	ledger.FaultKind:       "含有标签、浮点数、null 或 undefined",
	ledger.FaultForm:       "同一值采用了另一种编码形式",
}

// fieldTexts say what a field of a transaction's body may be.
var fieldTexts = map[string]text{
	"contract":     {"a name: lower-case letters, digits and underscores, at most 32", "名称：小写字母、数字与下划线，至多 32 个字符"},
	"method":       {"a name: lower-case letters, digits and underscores, at most 32", "名称：小写字母、数字与下划线，至多 32 个字符"},
	"role":         {"a name: lower-case letters, digits and underscores, at most 32", "名称：小写字母、数字与下划线，至多 32 个字符"},
	"version":      {"1 or more", "不小于 1"},
	"args":         {"a map", "一个映射"},
	"actor":        {"a party id", "机构编号"},
	"organisation": {"a party id", "机构编号"},
	"client_ref":   {"1 to 64 printable ASCII characters without blank and slash", "1 至 64 个可打印 ASCII 字符，不含空格与斜杠"},
	"valid_until":  {"ms since 1970 UTC", "自 1970 年（UTC）起的毫秒数"},
	"signers":      {"1 to 16", "1 至 16 项"},
	"signatures":   {"one for each signer", "每名签署人一份"},
	"commitments":  {"at most 16, of 32 bytes each", "至多 16 项，每项 32 字节"},
}
