// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"strings"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// Text explains a refusal to a person: what happened, what is still safe, what
// to do. Ground and reason may be empty. Outcomes store only the codes, so that
// better words need no new execution version.
func Text(code, ground, reason string) (en, zh string) {
	t, ok := codeTexts[code]
	if !ok {
		t = text{"The request was refused. Nothing was changed.", "请求被拒绝，账本未作任何变更。"}
	}
	en, zh = t.en, t.zh
	for _, finer := range []text{groundTexts[ground], reasonText(code, reason)} {
		if finer.en != "" {
			en, zh = en+" "+finer.en, zh+finer.zh
		}
	}
	return en, zh
}

type text struct{ en, zh string }

// reasonText finds the words of a reason. The reason of E_STATE is the state that
// was met, of the record named or of a pledge that a loan rests on.
func reasonText(code, reason string) text {
	if name, ok := strings.CutPrefix(reason, ConsentReason); ok && consentTexts[name].en != "" {
		state := consentTexts[name]
		return text{"The consent is " + state.en + ".", "该同意" + state.zh + "。"}
	}
	if code == EState {
		if name, ok := strings.CutPrefix(reason, ProposalReason); ok && proposalTexts[name].en != "" {
			state := proposalTexts[name]
			return text{"The proposal is " + state.en + ".", "该提案" + state.zh + "。"}
		}
		if name, ok := strings.CutPrefix(reason, DisposalReason); ok && disposalTexts[name].en != "" {
			state := disposalTexts[name]
			return text{"The disposal is " + state.en + ".", "该处分" + state.zh + "。"}
		}
		name, ofPledge := strings.CutPrefix(reason, "PLEDGE_")
		if state, ok := stateTexts[name]; ok && ofPledge {
			return text{"The pledge named is " + state.en + ".", "所示质押" + state.zh + "。"}
		} else if ok {
			return text{"It is " + state.en + ".", "该记录" + state.zh + "。"}
		}
	}
	return reasonTexts[reason]
}

var stateTexts = map[string]text{
	// of rights and their claims
	"CLAIMED":       {"claimed and waits for an IP office", "已申报，待知识产权局确认"},
	"CONFIRMED":     {"confirmed already", "已确认"},
	"REJECTED":      {"rejected; a new claim may follow", "已被驳回，可重新申报"},
	"EXPIRED_CLAIM": {"a claim that nobody answered in time; claim the right again", "已逾期未获答复，请重新申报"},
	"UNCONFIRMED":   {"not confirmed by an IP office yet", "尚未经知识产权局确认"},
	"LAPSED":        {"lapsed; only the register's restoration revives it", "已终止，须以登记簿恢复记载为准"},
	"EXPIRED":       {"expired", "已届满"},
	"INVALIDATED":   {"invalidated", "已被宣告无效"},
	"ABANDONED":     {"abandoned", "已被放弃"},
	// of pledges
	"SUBMITTED":       {"submitted and not accepted yet", "已提交，尚未受理"},
	"ACCEPTED":        {"accepted and not registered yet", "已受理，尚未登记"},
	"CORRECTION":      {"to be corrected by its parties", "待当事人补正"},
	"REFUSED":         {"refused by the registrar", "已不予登记"},
	"WITHDRAWN":       {"withdrawn", "已撤回"},
	"EFFECTIVE":       {"effective, and its release needs the pledgees' consent or a court's paper", "已生效，解除须有质权人同意或法院文书"},
	"ENFORCING":       {"being enforced", "正在实现质权"},
	"RELEASE_PENDING": {"agreed to be released", "已同意解除，待注销"},
	"RELEASED":        {"released", "已解除"},
	"REALISED":        {"realised: its rights were sold and the registration cancelled", "已通过处分标的实现并注销"},
	"REVOKED":         {"revoked by the registrar, void from the start", "已被登记机构撤销，自始无效"},
	"ENDED_BY_TIME":   {"over, with the last day of its registration", "登记期限届满，已失效"},
	"ORDINARY":        {"a pledge for one claim, not for a maximum amount", "一般质押，并非最高额质押"},
	"EXTINGUISHED":    {"extinguished, since all of its rights have ended", "因标的权利均已终止而消灭"},
	// of loans
	"SIGNED":  {"signed and not paid out", "已签约，尚未放款"},
	"ACTIVE":  {"paid out and not paid off", "已放款，尚未结清"},
	"SETTLED": {"paid off", "已结清"},
}

// ProposalReason begins the reason of E_STATE where a proposal is no longer open; its
// state follows.
const ProposalReason = "PROPOSAL_"

var proposalTexts = map[string]text{
	"PASSED":    {"passed, and what it proposes is done", "已通过并已执行"},
	"FAILED":    {"passed, and what it proposes was refused; its record says why", "已通过，但所提事项被拒绝，原因见提案记录"},
	"REJECTED":  {"rejected", "已被否决"},
	"VETOED":    {"vetoed by a regulator", "已被监管机构否决"},
	"WITHDRAWN": {"withdrawn", "已撤回"},
	"EXPIRED":   {"over: it was not decided in time; propose it again", "已逾期未决，请重新提案"},
}

// ConsentReason begins the reason of a refusal for the state of a consent, which follows.
const ConsentReason = "CONSENT_"

var consentTexts = map[string]text{
	"REQUESTED": {"requested, and not granted by all who hold a pledge", "已申请，尚未取得全体质权人同意"},
	"GRANTED":   {"granted already", "已作出"},
	"REFUSED":   {"refused", "已被拒绝"},
	"LAPSED":    {"over: it was not granted in time, or the last day for the deal has passed; ask again", "已逾期失效，请重新申请"},
	"BREACH":    {"the record of a deal that was made without one", "记录系未经同意的交易"},
}

// DisposalReason begins the reason of E_STATE where a disposal is in another state; its
// state follows.
const DisposalReason = "DISPOSAL_"

var disposalTexts = map[string]text{
	"LISTED":  {"listed: its round has not ended", "已挂牌，本轮尚未结束"},
	"FAILED":  {"failed in its last round; list it anew, set it off by agreement, or stop it", "本轮流拍；可再次挂牌、协议以物抵债或终止"},
	"SOLD":    {"sold, and waits for the payment", "已成交，待付款"},
	"SETTLED": {"settled: the price was paid", "已结清价款"},
	"STOPPED": {"stopped", "已终止"},
}

var codeTexts = map[string]text{
	EFormat:     {"A field is not well formed. Nothing was changed. Correct the field named and submit again.", "字段格式不正确，账本未作任何变更。请更正所示字段后重新提交。"},
	ECheckDigit: {"A number's check character does not fit, so it was mistyped. Nothing was changed. Compare it with the document and submit again.", "编号校验位不符，应为录入错误，账本未作任何变更。请与原件核对后重新提交。"},
	EState:      {"The record is not in a state that allows this. Nothing was changed. Look at its present state before the next step.", "记录当前状态不允许此操作，账本未作任何变更。请先查看记录的现状。"},
	ERole:       {"Someone who signed may not do this, or a needed signature is absent. Nothing was changed. Let the right persons sign.", "签署人无权办理此事项，或缺少必要的签署，账本未作任何变更。请由有权人员签署。"},
	ESignature:  {"A signature is absent or does not hold. Nothing was changed. Sign again or collect what is missing, and submit again.", "签名缺失或无效，账本未作任何变更。请重新签署或补齐签名后再提交。"},
	EDuplicate:  {"It exists already. What was recorded first holds unchanged. Look at the record named instead of submitting again.", "该事项已存在，先前的记录保持有效。请查看所示记录，无需重复提交。"},
	EStale:      {"The right was last compared with the statutory register too long ago. Nothing was changed. Ask the IP office to refresh it.", "权利的登记簿核验信息已过时，账本未作任何变更。请知识产权局重新核验。"},
	EOwner:      {"The owners do not agree with those in the statutory register. Nothing was changed. Check who owns the right.", "权利人与登记簿记载不一致，账本未作任何变更。请核对权利人。"},
	ECoowner:    {"A co-owner has not signed. Nothing was changed. Collect every co-owner's signature.", "尚有共有人未签署，账本未作任何变更。请取得全体共有人的签署。"},
	EFrozen:     {"The right is frozen or suspended. Existing pledges keep their rank. A new pledge is possible when the freeze ends.", "权利处于查封冻结或中止状态，已有质押的顺位不受影响。待冻结解除后方可办理新的质押。"},
	EDispute:    {"The ownership of the right is disputed. Existing records hold. Wait for the decision.", "权利存在权属纠纷，已有记录保持有效。请待纠纷解决后办理。"},
	EFee:        {"A fee that keeps the right alive, the annual one or that of a mark's renewal, is not paid as required. Nothing was changed. Pay it with the surcharge and let the IP office refresh the right.", "维持权利的年费或商标续展费用未按规定缴纳，账本未作任何变更。请补缴费用及滞纳金并由知识产权局重新核验。"},
	EExpired:    {"The right has ended. Nothing was changed. Offer another right.", "权利已终止，账本未作任何变更。请更换质押标的。"},
	EPledged:    {"The right is already encumbered or reserved. The earlier pledge keeps its priority; its public record is open to you. Look at it before the next step.", "权利上已有质押或预约，先登记者优先，其公开记录可供查询。请先行查询。"},
	ETerm:       {"A term does not fit. Nothing was changed. Check the dates.", "期限不符合要求，账本未作任何变更。请核对日期。"},
	ECap:        {"The amount is above the cap. Nothing was changed. Lower the amount or add rights.", "金额超过上限，账本未作任何变更。请降低金额或补充质押标的。"},
	EContract:   {"The contract or its sealed part is incomplete, or the rights do not go together. Nothing was changed. Complete the application.", "合同要素或密封内容不完整，或质押标的不能合并办理，账本未作任何变更。请补正申请。"},
	EValuation:  {"The valuation is absent, not accepted or expired. Nothing was changed. Provide a current one.", "评估缺失、未被接受或已过期，账本未作任何变更。请提供有效评估。"},
	EConsent:    {"A needed consent is absent. Nothing was changed. Obtain it first.", "缺少必要的同意，账本未作任何变更。请先取得同意。"},
	ERank:       {"The rank does not follow from the registration times. Nothing was changed.", "顺位与登记时间不符，账本未作任何变更。"},
	EAmount:     {"An amount is not well formed or out of range. Nothing was changed. Correct it.", "金额格式不正确或超出范围，账本未作任何变更。请更正。"},
	EPrivacy:    {"A text holds a resident identity number, which must never be written to the ledger. Nothing of it was stored as a record. Remove it and submit again.", "文本中含有居民身份证号码，不得写入账本，该内容未形成记录。请删除后重新提交。"},
	EParam:      {"A parameter is out of its bounds. Nothing was changed.", "参数超出允许范围，账本未作任何变更。"},
	EQuorum:     {"Too few of those who must sign have signed. Nothing was changed. Collect the remaining signatures.", "签署人数不足，账本未作任何变更。请补齐签署。"},
	EClock:      {"A time lies in the future or outside of what is allowed. Nothing was changed. Check the time and submit again.", "时间晚于当前区块时间或超出允许范围，账本未作任何变更。请核对时间后重新提交。"},
	ENotFound:   {"There is no such record, or it is not open to you. Nothing was changed. Check the number.", "记录不存在或您无权查看，账本未作任何变更。请核对编号。"},
	EForbidden:  {"This is not allowed. Nothing was changed.", "不允许此操作，账本未作任何变更。"},
	EEvidence:   {"What was reported is no evidence. Nothing was recorded and nobody is accused. Verify it before it is reported again: ipledger evidence verify.", "所报内容不构成证据，未作任何记录，也不指控任何一方。请先核验（ipledger evidence verify）再行报告。"},
	ERateLimit:  {"Too many requests. Nothing was lost. Try again later.", "请求过于频繁，数据未丢失。请稍后重试。"},
}

var groundTexts = map[string]text{
	R01: {"Ground: the pledgor is not the patentee in the register.", "理由：出质人与专利登记簿记载的专利权人不一致。"},
	R02: {"Ground: the right has ended or was declared invalid.", "理由：专利权已终止或者已被宣告无效。"},
	R03: {"Ground: the right is not granted or not confirmed yet.", "理由：专利申请尚未被授予专利权或权利尚未确认。"},
	R04: {"Ground: the annual fee is unpaid.", "理由：专利权没有按照规定缴纳年费。"},
	R05: {"Ground: the right is suspended, disputed or preserved by a court.", "理由：专利权因权属纠纷被中止或者被采取保全措施。"},
	R06: {"Ground: the debt lasts longer than the right.", "理由：债务人履行债务的期限超过专利权有效期。"},
	R07: {"Ground: the contract lacks required content.", "理由：质押合同不符合规定。"},
	R08: {"Ground: not all co-owners agree.", "理由：未取得全体共有人同意。"},
	R09: {"Ground: the right is already pledged.", "理由：专利权已被申请质押登记且处于质押期间。"},
	R10: {"Ground: an invention application for the same design exists and was not acknowledged.", "理由：同日申请的发明专利未经当事人确认知悉。"},
	R11: {"Ground: invalidation proceedings are pending and were not acknowledged.", "理由：无效宣告程序已启动，未经当事人确认知悉。"},
	T01: {"Ground: the pledgor's name differs from the file of the mark.", "理由：出质人名称与商标档案不一致。"},
	T02: {"Ground: the contract breaks mandatory law.", "理由：合同违反法律强制性规定。"},
	T03: {"Ground: the mark was revoked, cancelled or has expired.", "理由：商标专用权已被撤销、注销或者有效期满未续展。"},
	T04: {"Ground: a court has frozen the mark.", "理由：商标专用权已被人民法院查封、冻结。"},
	T05: {"Ground: another ground of the registrar.", "理由：其他不符合出质条件的情形。"},
	C01: {"Ground: the pledgor is not the owner of the copyright.", "理由：出质人不是著作权人。"},
	C02: {"Ground: the contract breaks mandatory law.", "理由：合同违反法律强制性规定。"},
	C03: {"Ground: the protection has expired.", "理由：著作权的保护期已届满。"},
	C04: {"Ground: the debt lasts longer than the protection.", "理由：债务履行期限超过著作权保护期。"},
	C05: {"Ground: the ownership is disputed.", "理由：出质著作权存在权属争议。"},
	C06: {"Ground: another ground of the registrar.", "理由：其他不符合出质条件的情形。"},
	R12: {"Ground: another ground of the registrar.", "理由：其他不符合出质条件的情形。"},
}

var reasonTexts = map[string]text{
	ReasonExpired:       {"The transaction's time is over.", "交易已超过有效期。"},
	ReasonEarly:         {"The transaction's validity reaches too far ahead.", "交易有效期设置过长。"},
	ReasonReference:     {"The client reference is taken by the transaction named.", "客户端流水号已被所示交易使用。"},
	ReasonMethod:        {"There is no such method.", "方法不存在。"},
	ReasonMissing:       {"It is missing.", "缺少该字段。"},
	ReasonUnknown:       {"It is unknown here.", "此处没有该字段。"},
	ReasonType:          {"The field is of another type, or names a type that does not exist.", "字段类型不符，或所称类型不存在。"},
	ReasonEmpty:         {"It is empty.", "字段为空。"},
	ReasonLength:        {"Its length or the number of its entries is out of bounds.", "长度或条目数超出允许范围。"},
	ReasonValue:         {"The value is not allowed.", "取值不在允许范围内。"},
	ReasonEncoding:      {"The bytes are not the deterministic encoding (CBOR, RFC 8949, section 4.2.1).", "字节不符合确定性编码（CBOR，RFC 8949 第 4.2.1 节）。"},
	ReasonRepeated:      {"It comes twice.", "重复出现。"},
	ReasonParty:         {"The organisation is unknown or not active.", "机构不存在或未处于有效状态。"},
	ReasonPartyRole:     {"An organisation of this kind may not do this.", "该类机构无此权限。"},
	ReasonKey:           {"The key is not enrolled, or not for this organisation.", "密钥未登记，或不属于该机构。"},
	ReasonRevoked:       {"The key is revoked.", "密钥已被吊销。"},
	ReasonOther:         {"The key belongs to another organisation.", "密钥属于其他机构。"},
	ReasonPersonRole:    {"The person does not hold this role.", "人员不具备该角色。"},
	ReasonUnexpected:    {"A signature has no place in this transaction.", "交易中含有无需的签署。"},
	ReasonMissingRole:   {"A signature in the role named is needed.", "缺少所示角色的签署。"},
	ReasonSamePerson:    {"One person or key may not sign twice: maker and checker must differ.", "同一人员或密钥不得重复签署：经办与复核必须分离。"},
	ReasonReservation:   {"An earlier application holds a reservation, which has no legal force and ends by itself.", "在先申请的意向锁尚未到期（意向锁不具法律效力，到期自动失效）。"},
	ReasonEncumbered:    {"The statutory register shows an encumbrance.", "法定登记簿显示存在权利负担。"},
	ReasonKeyUsed:       {"The key is or was enrolled, or is a validator's, and is never used again.", "密钥已被或曾被登记，或为验证节点密钥，不得重复使用。"},
	ReasonPossession:    {"The new key must sign too.", "新密钥须同时签署以证明持有。"},
	ReasonNotPledgee:    {"The acting bank is not a pledgee of it.", "办理机构不是该质押的质权人。"},
	ReasonOtherOffice:   {"Another office received it and decides.", "该事项由其他知识产权局受理。"},
	ReasonRegistrars:    {"The rights have different statutory registrars; apply for each registrar apart.", "标的权利的登记机构不同，请分别申请。"},
	ReasonInvalid:       {"The signature named does not verify: it was made with another key, over another body, or for another network.", "所示签名验证失败：签名所用密钥、所签正文或所属网络不符。"},
	ReasonAlgorithm:     {"The key or signature is of another algorithm than this network's.", "密钥或签名的算法与本网络不一致。"},
	ReasonNormal:        {"The text is not in Unicode normal form C.", "文本未采用 Unicode 规范化形式 C（NFC）。"},
	ReasonNode:          {"The key is not that of a validator of the organisation in the newest validator set.", "该密钥不是所示机构在最新验证者集合中的验证者密钥。"},
	ReasonNoProof:       {"It proves nothing against anybody: a signature in it does not hold, an honest validator may have signed all of it, or it is not in its one form.", "其不能证明任何验证者违规：其中签名无效、所签内容诚实的验证者也可能签署，或未采用唯一规范形式。"},
	ReasonRecorded:      {"This offence is recorded already; one record for each place is enough.", "该违规行为已有记录，同一位置只记录一次。"},
	ReasonEnough:        {"As many offences of this kind by this validator are recorded as the ledger keeps; they prove it, and more would prove nothing else.", "该验证者此类违规的记录已达账本保存上限；现有记录足以证明，无需更多。"},
	ReasonOtherRegister: {"It belongs to another statutory register than the right's: who reports for the right's own register decides, on a ground of that register's list.", "所示机构或理由不属于该权利的登记簿；应由该权利登记簿的报送单位依该登记簿的理由办理。"},
	ReasonNoSuchEvent:   {"Rights of the type named have no such event.", "所示类型的权利没有此类事件。"},
	ReasonNotFlagged:    {"What this ends or follows has not begun, or is over.", "其所终结或承接的程序尚未开始或已经结束。"},
	ReasonRanks:         {"The right carries as many pledges as can have a rank.", "该权利上的质押已达顺位数量上限。"},
	ReasonWorseOff:      {"Another pledge of the same right would rank worse: its pledgees must sign.", "同一权利上的其他质权顺位将受不利影响，须经其质权人签署。"},
	ReasonOrder:         {"The order names every live pledge of the right once; there must be two at least.", "顺位清单须逐一列明该权利上全部有效质押，且不少于两项。"},
	ReasonAtomic:        {"The application was made for all of its rights together: register all or refuse it.", "该申请为整批申请，须整批登记或整批不予登记。"},
	ReasonLastRight:     {"A pledge keeps one right at least; to end it, release it.", "质押标的不得为空；如需终止，请办理解除。"},
	ReasonOutlives:      {"It would last longer than the right, whose last day is named.", "期限超过权利届满日（见所示日期）。"},
	ReasonNotFixed:      {"The claims of this maximum-amount pledge are not fixed: it moves only if the pledgors sign, too.", "最高额质权的债权尚未确定，转让须经出质人签署同意。"},
	ReasonFixed:         {"Its claims are fixed already.", "其债权已经确定。"},
	ReasonNotPledgor:    {"The acting organisation is no pledgor of it.", "操作机构并非该质押的出质人。"},
	ReasonNoOffice:      {"An office that reports for the register must act or countersign.", "须由该登记簿的登记窗口办理或会签。"},
	ReasonNoPeriod:      {"Registrations of pledges of this type of right do not end by themselves. A longer term of the debt is sealed.", "该类权利的质押登记不会自动届满；债务履行期限的延展应密封提交。"},
	ReasonFuture:        {"It lies after the ledger's own time, which is named: enter it once it has happened.", "该时间晚于所示的账本时间：请待事项发生后再录入。"},
	ReasonTooEarly:      {"It lies before the time named, which is the earliest that it can have after what came before it.", "该时间早于所示时间：在先事项之后，最早为该时间。"},
	ReasonNoEnd:         {"The registration has no last day that could be put off. If one was left out when it was entered, correct that entry.", "该质押登记未载明届满日，无从延期；如系登记时漏录，请办理更正。"},
	ReasonEndsEarly:     {"It would end before the day named, on which it begins.", "届满日早于所示的起始日。"},
	ReasonNotManager:    {"Another organisation manages the pool.", "该知识产权池由其他机构管理。"},
	ReasonNotSold:       {"Nothing was sold in the enforcement of this pledge.", "该质权的实现程序中尚无已完成的处分。"},
	ReasonNotPledged:    {"No pledge of this ledger lives on the right: nobody here need agree.", "该权利上没有本账本登记的有效质押，无需同意。"},
	ReasonNotOwner:      {"The acting organisation does not own the right.", "办理机构不是该权利的权利人。"},
	ReasonOtherDeal:     {"The consent named is to another deal: of another right, of another kind or with somebody else.", "所示同意针对其他交易：权利、类型或相对人不符。"},
	ReasonConsentUsed:   {"The consent named has served once; ask for another.", "所示同意已被使用，请另行申请。"},
	ReasonAgreed:        {"The pledgees agreed to that deal, or the register has entered it with their consent.", "质权人已同意该交易，或登记簿已凭其同意予以记载。"},
	ReasonTooLong:       {"One order freezes the right until the day named at the latest, and from its receipt.", "单次冻结自收到之日起，最迟至所示日期。"},
	ReasonNoLonger:      {"A renewal or extension ends later than the day named, which is the last one now.", "续行冻结或延期登记的届满日须晚于所示的现届满日。"},
	ReasonNoQueue:       {"A freeze is in force, and freezes of such a right do not wait in a queue.", "已有冻结生效，且该类权利不适用轮候。"},
	ReasonOver:          {"The freeze is over: lifted, or ended by itself with its last day. A new order is a new freeze.", "该冻结已解除或期限届满自动失效；如需继续，须另行冻结。"},
	ReasonOtherCourt:    {"Another court ordered it; that court or the office that received its notice reports on it.", "该冻结由其他法院作出，应由该法院或收到其通知的单位办理。"},
	ReasonForfeiture:    {"Who held a pledge of the right does not become its owner by that: it takes a disposal, or a court's paper.", "质权人不得因质押直接取得权利（流质条款不发生效力）：须经处置程序或凭法院文书。"},
	ReasonDeadline:      {"The last day for it, which is named, was before.", "已超过所示的最后期限。"},
	ReasonGrace:         {"The grace has not ended; its last day is named.", "滞纳期尚未届满，所示日期为最后一日。"},
	ReasonDueDate:       {"For an unpaid fee the right ends from the fee's due date, which is named; give that day as the fact's.", "因未缴年费终止的，自所示应缴日起终止，请以该日为事实时间。"},
	ReasonVote:          {"The members decide this together: propose it and collect their ballots.", "该事项须由成员表决：请发起提案并征集表决。"},
	ReasonCalendar:      {"The ledger holds no calendar of working days for the year named, and nothing is counted beyond those it holds. The members load the calendar once it is announced.", "账本未载入所示年份的工作日历，不作超出范围的期限计算。日历公布后由成员表决载入。"},
	ReasonSet:           {"The ledger knows no validator set of that number.", "账本中没有该编号的验证者集合。"},

	// Flags that stand already.
	"SUSPENDED":            {"The procedure of the right is suspended.", "该权利的相关程序已中止。"},
	"DISPUTED":             {"A suit about the ownership is under way already.", "权属纠纷已在进行中。"},
	"IN_GRACE":             {"The fee is in its grace already.", "年费已处于滞纳期。"},
	"INVALIDATION_PENDING": {"Invalidation proceedings are under way already.", "无效宣告程序已在进行中。"},
	"TWIN_APPLICATION":     {"The invention of the same day is known already.", "同日申请的发明已有记载。"},
	"LICENSED":             {"A licence is recorded already.", "许可备案已有记载。"},
	"LICENSED_EXCLUSIVE":   {"An exclusive licence is recorded already.", "独占或排他许可备案已有记载。"},
	"OPEN_LICENCE":         {"An open licence is declared already.", "开放许可声明已有记载。"},
	ReasonNoVote:           {"The members do not decide about this method; call it in a transaction.", "该方法无须表决，请直接以交易调用。"},
	ReasonVoted:            {"The organisation has cast its ballot on this, and a ballot stays.", "该机构已就此提案表决，表决后不得变更。"},
	ReasonProposer:         {"Only the organisation that proposed it may.", "仅提案机构可以办理。"},
	ReasonNotNext:          {"The version to decide on is the one named: versions follow each other.", "应表决的是所示版本：各版本须依次启用。"},
	ReasonLead:             {"The height is too near: the first that may be chosen is named.", "高度过近：可选的最低高度如所示。"},
	ReasonFar:              {"The height is too far ahead: the last that may be chosen is named.", "高度过远：可选的最高高度如所示。"},
	ReasonAnnounced:        {"The calendar held is announced and does not become a provisional one again.", "账本所载日历已公布，不得改回暂定日历。"},
	ReasonContradiction:    {"This figure and another would contradict each other: a least one above its greatest, or a later step before an earlier one.", "该参数将与另一参数相矛盾：下限高于上限，或后一阶段早于前一阶段。"},
	ReasonPastDay:          {"A day of it that has begun would become another, and periods were counted with it.", "该日历将变更已到来的日期，而有关期限已据以计算。"},

	ReasonRoute:        {"The enforcement of this pledge goes another way, see its record; what is named here belongs to another.", "该质权的实现途径与此不符，详见质押记录。"},
	ReasonOtherVenue:   {"Another exchange or court keeps this disposal and reports on it.", "该处分由其他交易所或法院办理并报送。"},
	ReasonNoEnforcing:  {"The enforcement that it belongs to has ended.", "其所属的质权实现程序已终止。"},
	ReasonNotInPledge:  {"The pledge does not have this right, or no more.", "该质押标的中没有该权利，或已不再包含。"},
	ReasonReserve:      {"The price is less than the reserve price, which is named.", "价格低于所示的保留价。"},
	ReasonReserveFloor: {"The reserve price is less than the least one allowed, which is named.", "保留价低于所示的最低限额。"},
	ReasonNotice:       {"A private sale opens after its notice at the earliest, on the day named.", "自行变卖须经公告期，最早于所示日期开始。"},
	ReasonNotYet:       {"The round has not come so far: it may be done from the time named on.", "本轮尚未到该阶段，自所示时间起可以办理。"},
	ReasonRoundOver:    {"The round closed at the time named and takes no more bids.", "本轮已于所示时间截止，不再接受出价。"},
	ReasonNoBid:        {"Nobody has bid the reserve price; the round has failed.", "无人出价达到保留价，本轮流拍。"},
	ReasonBidPlaced:    {"Somebody has bid the reserve price; close the sale.", "已有达到保留价的出价，请办理成交。"},
	ReasonRounds:       {"There are two auctions, then one sell-off. What is left is a set-off by agreement, or a stop.", "拍卖以两次为限，其后变卖一次；此后仅可协议以物抵债或终止处分。"},
	ReasonByAgreement:  {"An agreement on a price has no times, bids and rounds; an auction or sell-off has.", "协议折价没有起止时间、出价和轮次；拍卖、变卖须有。"},
	ReasonRegistered:   {"An organisation of this ledger has the name given: name it by its party id, which is shown.", "所示名称为本账本已登记机构，请以其机构编号（见所示）列明。"},

	ReasonSuspended:    {"The organisation is suspended, or its account frozen; its public record says on which ground and until when.", "机构已被暂停或账户已被冻结，事由及期限见其公开记录。"},
	ReasonMerged:       {"The organisation has merged into another, which acts in its place.", "该机构已并入其他机构，由承继机构办理。"},
	ReasonDelegation:   {"The organisation has not delegated this to the signer's, or the delegation has ended. Administration is never delegated.", "该机构未就此事项委托签署人所在机构，或委托已终止。管理事项不得委托。"},
	ReasonSelfDealing:  {"Its people sign here as agents of another organisation, and an agent does not deal with itself (Civil Code, article 168).", "其人员在此交易中代理他机构签署，代理人不得与自己实施民事法律行为（民法典第一百六十八条）。"},
	ReasonNoDelegate:   {"This is not delegated: the business is, by and to organisations that do business for themselves, and administration never is.", "该事项不得委托：仅业务事项可在自营业务的机构之间委托，管理事项不得委托。"},
	ReasonKeyReplaced:  {"The person signs with another key now.", "该人员已更换密钥。"},
	ReasonKeyWaiting:   {"The key holds once the lock window is over; until then the old key may stop it.", "新密钥在锁定期满后生效，此前原密钥可否决。"},
	ReasonRotating:     {"A rotation of the person's key waits already.", "该人员已有待生效的密钥更换。"},
	ReasonNoRotation:   {"No rotation of the person's key waits.", "该人员没有待生效的密钥更换。"},
	ReasonHolder:       {"The holder signs with the old key, or administrators of the organisation as many as are needed.", "须由持有人以原密钥签署，或由规定人数的机构管理员签署。"},
	ReasonLastAdmin:    {"It is the organisation's last administrator, without whom nobody could enrol another. Enrol another one first.", "其为机构最后一名管理员，失去后将无人可以登记人员。请先登记其他管理员。"},
	ReasonAbsent:       {"The absent person does not hold the role, or is revoked.", "被替岗人员不具备该角色或已被吊销。"},
	ReasonSucceeded:    {"Another organisation has taken this over already; see the public record.", "已由其他机构承继，详见公开记录。"},
	ReasonLastVoter:    {"Nobody would be left who votes, and nobody could undo it.", "此举将使再无机构可以表决，且无法恢复。"},
	ReasonNotNamed:     {"The record does not name the organisation, nor one that it has succeeded.", "该记录未载明该机构或其所承继的机构。"},
	ReasonNotSuspended: {"The organisation is not suspended.", "机构未处于暂停状态。"},
	ReasonRegulator:    {"A regulator orders this: a regulator must have proposed it.", "该事项依监管机构命令办理，须由监管机构提案。"},

	ReasonForeign:     {"An organisation without a unified social credit code is foreign: it decides nothing for the consortium, runs no node, is nobody's agent, and is of a kind that does business for itself.", "无统一社会信用代码的机构为境外机构：不参与联盟表决，不运行节点，不得充任代理机构，且须为自营业务的机构。"},
	ReasonNeedsAgent:  {"A foreign organisation acts in this country through an agency: delegate this to a domestic organisation, whose people sign for it (Announcement 461 of CNIPA, article 5).", "境外机构须委托境内代理机构办理：请就该方法委托境内机构，由其人员代为签署（国家知识产权局公告第 461 号第五条）。"},
	ReasonNotActor:    {"Another organisation made the entry; it, or who stands in its place now, annotates and corrects it.", "该条记录由其他机构作出，应由该机构或其承继机构批注或更正。"},
	ReasonNotEntry:    {"The record has no entry of the transaction named.", "该记录中没有所示交易形成的条目。"},
	ReasonAnnulled:    {"The entry was annulled; tell what is true in an entry of its own.", "该条目已被撤销；如有新的事实，请另行记载。"},
	ReasonUnchanged:   {"The entry says so already.", "该条目已如此记载。"},
	ReasonMovedSince:  {"A later entry, or a later look at the register, has changed the field named; correct that first.", "所示字段其后已被其他条目或登记簿核验变更，请先更正在后者。"},
	ReasonOverBy:      {"What the event began was over by the time named, and it must lie before that. If the end was told wrongly, correct the event that told it first; if it is another that began then, annul this event and tell that one.", "该事件所起始的事项至所示时间已经终止，更正后的时间须早于该时间。终止时间有误的，请先更正终止条目；实为另一事项的，请撤销本条目后另行记载。"},
	ReasonFollowed:    {"A later entry rests on what is named; correct that first.", "其后有条目以所示事项为基础，请先更正在后者。"},
	ReasonNotShown:    {"The register was read after the cancellation was told, and did not show the pledge for the right named. If it does show it, refresh the right from the register first.", "注销录入后对所示权利查阅登记簿，未见该质押。如登记簿确有记载，请先依登记簿核验更新该权利。"},
	ReasonNotUndone:   {"What the record said before the entry named is not known any more; refresh the right from the register, or tell what is true in an entry of its own.", "所示条目之前的记载已无从恢复；请依登记簿核验更新，或另行记载。"},
	ReasonUncorrected: {"Entries of this kind are annotated and not corrected.", "此类条目可以批注，不作更正。"},
	ReasonUnderReview: {"The entry is under review already.", "该条目已处于复核中。"},

	// CHECK needs no words beside those of E_CHECKDIGIT.
	string(identifier.Format):   {"The number does not have the form of its kind.", "编号格式不符。"},
	string(identifier.Kind):     {"The kind digit does not exist or contradicts the type.", "种类号不存在或与所称类型不符。"},
	string(identifier.Year):     {"The year is one in which no such number was given.", "年份不在该类编号的启用范围内。"},
	string(identifier.NoDate):   {"The date does not exist or contradicts another.", "日期不存在或前后矛盾。"},
	string(identifier.Currency): {"It is no currency of the ledger; RMB and CNH are written CNY.", "不支持的币种；人民币请写作 CNY。"},
	string(identifier.Scale):    {"Minor units have no decimals.", "最小货币单位不带小数。"},
	string(identifier.Range):    {"It is more than the ledger holds.", "金额超出账本上限。"},
	string(identifier.OrgCheck): {"The check character of the organisation code (17th) does not fit.", "组织机构代码校验码（第 17 位）错误。"},
}
