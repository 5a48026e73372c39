// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import "github.com/ipledger/ipledger/contracts/identifier"

// A Figure names one number of the law, of the consortium's rules or of a product.
// The table below holds them all; a vote changes a value, and a new figure comes at
// the end with a new execution version, see figuresOf. A line that a version has had
// stays what it is: its default and its bounds are in block 0 and in what old blocks
// were judged by.
type Figure int

// The figures, in the order of the table.
const (
	MaxValidity Figure = iota
	AdminThreshold
	VoteThreshold
	ProposalDays
	LockHours
	DelegationMonths
	SubstituteDays
	MaxValidators

	ClaimExpiryDays
	StaleDays
	EvidenceMaxDays
	FeeGraceMonths
	FeeSurcharge
	RenewalWindow
	RenewalGrace
	SuspensionMonths
	FreezeMonthsPat
	FreezeMonthsTM
	FreezeMonthsOther
	FreezeQueuePat
	FreezeQueueTM
	FreezeQueueOther

	ReviewOnline
	ReviewPaper
	MarkCertificateDays
	CopyrightReviewDays
	CorrectionDays
	ReservationDays
	MaxPledgeRights
	MaxLivePat
	MaxLiveTM
	MaxLiveOther
	ReleaseDutyDays

	ValuationMonths
	InternalValuationMax
	CapPatInv
	CapPatUM
	CapPatDes
	CapTM
	CapCopyright
	CapLayout
	CapVariety

	LimitationMonths
	LimitationAlertMonths
	ApprovalDays
	SubstandardDays
	DoubtfulDays
	LossDays
	UpgradeMonths
	UpgradeRestructuredMonths
	NPLTolerance
	ExtensionShort
	ExtensionMedium
	ExtensionLongMonths
	PenaltyMin
	PenaltyMax
	DiversionMin
	DiversionMax
	ProductCap
	ProductMonths
	FundOverdueDays
	FundStopLoss
	DisposalNoticeDays
	ReserveFirst
	ReserveSecond
	ObjectionDays
	RetentionMonths
	LogMonths

	AlertFeeFirst
	AlertFeeSecond
	AlertFeeLast
	AlertExpiryFirst
	AlertExpirySecond
	AlertExpiryLast
	AlertFreezeEnd

	FixRequestMonths
	EnforcementDays
	AlertReservation
	AlertPeriodFirst
	AlertPeriodSecond
	AlertPeriodLast
	ConsentDays

	figures // how many there are
)

// figuresOf says how many figures of the table, from the first on, each execution
// version has, from FirstVersion on. What an older version knows does not grow with the
// program: it refuses the key of a later figure, and no genesis names one.
var figuresOf = []Figure{
	ConsentDays + 1,
}

// Figures lists those that an execution version has, in the order of the table; of a
// version that the program does not know, all.
func Figures(version uint64) []Figure {
	last := uint64(len(figuresOf)) - 1
	list := make([]Figure, figuresOf[min(max(version, FirstVersion)-FirstVersion, last)])
	for i := range list {
		list[i] = Figure(i)
	}
	return list
}

// A Unit is what a figure counts.
type Unit string

// The units.
const (
	Milliseconds Unit = "ms"
	Hours        Unit = "hours"
	CalendarDays Unit = "days" // of 24 hours, or dates where a date is meant
	WorkingDays  Unit = "working days"
	Months       Unit = "months"
	BasisPoints  Unit = "bp" // hundredths of a percent
	Count        Unit = "count"
	Fen          Unit = "fen" // hundredths of a yuan
	Switch       Unit = "switch"
)

// A Definition is one line of the table: what a figure means, what it is unless a
// vote says otherwise, within which bounds a vote may set it, and where it comes
// from. The mark tells how far the source is known: K, its text was read; k, known
// from it but not read; A, decided here.
type Definition struct {
	Key            string
	Unit           Unit
	Default        int64
	Min, Max       int64
	Mark, Source   string
	Title, TitleZH string
}

// Definition is the line of a figure.
func (f Figure) Definition() Definition { return definitions[f] }

// FigureOf finds a figure of an execution version by its key.
func FigureOf(key string, version uint64) (Figure, bool) {
	for _, f := range Figures(version) {
		if definitions[f].Key == key {
			return f, true
		}
	}
	return 0, false
}

// definitions is the table. It is never written to.
var definitions = [figures]Definition{
	// The network.
	MaxValidity:      {"tx.max_validity", Milliseconds, 7 * day, 60_000, 366 * day, "A", "consortium rule", "how far ahead a transaction's validity may reach", "交易有效期上限"},
	AdminThreshold:   {"admin.threshold", Count, 1, 1, 15, "A", "consortium rule", "administrators who sign an organisation's administration", "机构管理事项所需管理员签署人数"},
	VoteThreshold:    {"consortium.threshold", BasisPoints, 6667, 5001, 10_000, "A", "consortium rule", "share of the voting members that carries a proposal", "提案通过所需成员比例"},
	ProposalDays:     {"consortium.proposal", CalendarDays, 14, 1, 366, "A", "consortium rule", "how long a proposal is open", "提案表决期限"},
	LockHours:        {"key.lock_window", Hours, 72, 1, 720, "A", "JR/T 0184-2020, key loss: reset with a lock window", "wait before a key reset by administrators holds; the old key may veto", "管理员重置密钥的锁定期"},
	DelegationMonths: {"delegation.max", Months, 36, 1, 120, "A", "consortium rule", "longest delegation to an agent", "委托代理最长期限"},
	SubstituteDays:   {"substitute.max", CalendarDays, 92, 1, 366, "A", "consortium rule", "longest time a person stands in for another", "替岗最长期限"},
	MaxValidators:    {"validators.max", Count, 31, 1, 31, "A", "sizing of the consortium", "validators of one set", "验证节点数上限"},

	// Rights.
	ClaimExpiryDays:   {"claim.expiry", CalendarDays, 90, 1, 3660, "A", "consortium rule", "an unanswered claim ends", "权利申报未获答复的失效期限"},
	StaleDays:         {"right.stale", CalendarDays, 90, 1, 3660, "A", "consortium rule", "age at which what is known of the register is stale", "登记簿核验信息的过时期限"},
	EvidenceMaxDays:   {"right.evidence", CalendarDays, 7, 1, 3660, "A", "consortium rule", "oldest evidence for a confirmation or an application", "确权与质押申请所用核验信息的最长期限"},
	FeeGraceMonths:    {"pat.fee.grace", Months, 6, 1, 60, "K", "Implementing Rules of the Patent Law (2023), article 115", "grace after the due date of a patent's annual fee", "专利年费滞纳期"},
	FeeSurcharge:      {"pat.fee.surcharge", BasisPoints, 500, 0, 10_000, "K", "Implementing Rules of the Patent Law (2023), article 115", "surcharge for each month of grace, of the year's fee", "专利年费每月滞纳金比例"},
	RenewalWindow:     {"tm.renew.window", Months, 12, 1, 60, "K", "Trademark Law (2019), article 40", "a mark may be renewed this long before its end", "商标期满前可续展期限"},
	RenewalGrace:      {"tm.renew.grace", Months, 6, 1, 60, "K", "Trademark Law (2019), article 40", "grace for the renewal of a mark after its end", "商标续展宽展期"},
	SuspensionMonths:  {"suspension.max", Months, 12, 1, 60, "K", "Implementing Rules of the Patent Law (2023), articles 103 to 105", "longest suspension on an ownership suit, extendable", "权属纠纷中止程序最长期限，可延长"},
	FreezeMonthsPat:   {"freeze.max.pat", Months, 6, 1, 60, "K", "Supreme Court, patent dispute provisions (2015 text), article 13", "longest freeze of a patent by one order", "专利保全每次最长期限"},
	FreezeMonthsTM:    {"freeze.max.tm", Months, 12, 1, 60, "K", "Supreme Court, interpretation on the preservation of trademarks (2020)", "longest freeze of a mark by one order", "商标保全每次最长期限"},
	FreezeMonthsOther: {"freeze.max.other", Months, 36, 1, 120, "k", "Supreme Court, interpretation of the Civil Procedure Law, article 485", "longest freeze of another right by one order", "其他财产权保全每次最长期限"},
	FreezeQueuePat:    {"freeze.queue.pat", Switch, 1, 0, 1, "A", "contested for patents; Supreme Court, seizure provisions (2020), article 26", "later freezes of a patent wait in a queue", "专利轮候冻结"},
	FreezeQueueTM:     {"freeze.queue.tm", Switch, 1, 0, 1, "A", "Supreme Court, seizure provisions (2020), article 26", "later freezes of a mark wait in a queue", "商标轮候冻结"},
	FreezeQueueOther:  {"freeze.queue.other", Switch, 1, 0, 1, "K", "Supreme Court, seizure provisions (2020), article 26", "later freezes of another right wait in a queue", "其他权利轮候冻结"},

	// Pledges.
	ReviewOnline:        {"pat.review.online", WorkingDays, 2, 1, 250, "k", "CNIPA Announcement 461 (2021)", "review of a patent pledge applied for online", "专利质押线上申请审查期限"},
	ReviewPaper:         {"pat.review.paper", WorkingDays, 5, 1, 250, "k", "CNIPA Announcement 461 (2021)", "review of a patent pledge applied for on paper", "专利质押纸件申请审查期限"},
	MarkCertificateDays: {"tm.cert", WorkingDays, 2, 1, 250, "k", "CNIPA Announcement 358 (2020)", "certificate of a mark's pledge after its registration", "商标质权登记证发放期限"},
	CopyrightReviewDays: {"cr.review", CalendarDays, 10, 1, 366, "K", "National Copyright Administration, Order 8 (2010)", "review of a copyright pledge", "著作权质权登记审查期限"},
	CorrectionDays:      {"correction.window", CalendarDays, 30, 1, 366, "A", "consortium rule", "an application not corrected in time is withdrawn", "补正期限，逾期视为撤回"},
	ReservationDays:     {"pledge.reservation", CalendarDays, 14, 1, 366, "A", "consortium rule; without legal force", "an application keeps others out", "意向锁期限（不具法律效力）"},
	MaxPledgeRights:     {"pledge.max_rights", Count, 200, 1, 200, "A", "consortium rule", "rights in one application", "单笔申请标的数量上限"},
	MaxLivePat:          {"pledge.max_live.pat", Count, 1, 1, 16, "K", "CNIPA Announcement 461 (2021), ground 9", "live pledges of one patent", "单件专利有效质押数上限"},
	MaxLiveTM:           {"pledge.max_live.tm", Count, 16, 1, 16, "k", "CNIPA Announcement 358 (2020): a prior pledge is no ground of refusal", "live pledges of one mark", "单件商标有效质押数上限"},
	MaxLiveOther:        {"pledge.max_live.other", Count, 16, 1, 16, "K", "Civil Code, article 414", "live pledges of one other right", "其他权利有效质押数上限"},
	ReleaseDutyDays:     {"release.duty", WorkingDays, 10, 1, 250, "A", "consortium rule", "the pledgee files the cancellation after full payment", "清偿后质权人申请注销的期限"},

	// Valuation.
	ValuationMonths:      {"valuation.validity", Months, 12, 1, 60, "k", "practice of asset appraisal", "a valuation holds from its base date", "评估报告有效期"},
	InternalValuationMax: {"valuation.internal.max", Fen, 1_000_000_000, 0, MaxAmount, "k", "pilot plan for IP finance (2025)", "largest loan for which a bank's own valuation does", "可采用银行内部评估的贷款金额上限"},
	CapPatInv:            {"cap.pat_inv", BasisPoints, 4000, 0, 10_000, "A", "consortium rule", "loan to value, invention", "发明专利质押率上限"},
	CapPatUM:             {"cap.pat_um", BasisPoints, 3000, 0, 10_000, "A", "consortium rule", "loan to value, utility model", "实用新型质押率上限"},
	CapPatDes:            {"cap.pat_des", BasisPoints, 2000, 0, 10_000, "A", "consortium rule", "loan to value, design", "外观设计质押率上限"},
	CapTM:                {"cap.tm", BasisPoints, 4000, 0, 10_000, "A", "consortium rule", "loan to value, mark", "商标质押率上限"},
	CapCopyright:         {"cap.cr", BasisPoints, 3000, 0, 10_000, "A", "consortium rule", "loan to value, software and works", "著作权质押率上限"},
	CapLayout:            {"cap.ic", BasisPoints, 3000, 0, 10_000, "A", "consortium rule", "loan to value, layout design", "布图设计质押率上限"},
	CapVariety:           {"cap.pv", BasisPoints, 3000, 0, 10_000, "A", "consortium rule", "loan to value, plant variety", "植物新品种质押率上限"},

	// Loans, funds and disposal.
	LimitationMonths:          {"limitation", Months, 36, 1, 240, "k", "Civil Code, article 188", "limitation of the main debt", "主债务诉讼时效"},
	LimitationAlertMonths:     {"limitation.alert", Months, 30, 1, 240, "A", "consortium rule", "alert before the limitation has run", "诉讼时效提醒"},
	ApprovalDays:              {"loan.approval", CalendarDays, 90, 1, 366, "A", "consortium rule", "an approval holds", "贷款审批有效期"},
	SubstandardDays:           {"class.substandard", CalendarDays, 90, 1, 3660, "k", "Order 1 of 2023 on the risk classes of financial assets", "overdue beyond these days: substandard at least", "逾期超过该天数至少归为次级"},
	DoubtfulDays:              {"class.doubtful", CalendarDays, 270, 1, 3660, "k", "Order 1 of 2023 on the risk classes of financial assets", "overdue beyond these days: doubtful at least", "逾期超过该天数至少归为可疑"},
	LossDays:                  {"class.loss", CalendarDays, 360, 1, 3660, "k", "Order 1 of 2023 on the risk classes of financial assets", "overdue beyond these days: loss", "逾期超过该天数归为损失"},
	UpgradeMonths:             {"class.upgrade", Months, 6, 1, 60, "k", "Order 1 of 2023 on the risk classes of financial assets", "observation before a class is raised", "上调分类观察期"},
	UpgradeRestructuredMonths: {"class.upgrade.restructured", Months, 12, 1, 60, "k", "Order 1 of 2023 on the risk classes of financial assets", "observation of a restructured loan", "重组贷款观察期"},
	NPLTolerance:              {"npl.tolerance", BasisPoints, 300, 0, 10_000, "k", "CBIRC document 34 of 2019", "bad loans on IP may exceed the bank's own ratio by", "知识产权质押不良率容忍度"},
	ExtensionShort:            {"loan.extension.short", BasisPoints, 10_000, 0, 10_000, "k", "General Rules on Loans, article 12", "extension of a loan up to one year, of its term", "一年以内贷款展期上限（原期限比例）"},
	ExtensionMedium:           {"loan.extension.medium", BasisPoints, 5000, 0, 10_000, "k", "General Rules on Loans, article 12", "extension of a loan of one to five years, of its term", "一至五年贷款展期上限（原期限比例）"},
	ExtensionLongMonths:       {"loan.extension.long", Months, 36, 0, 120, "k", "General Rules on Loans, article 12", "extension of a longer loan", "五年以上贷款展期上限"},
	PenaltyMin:                {"penalty.overdue.min", BasisPoints, 3000, 0, 10_000, "k", "PBOC document 251 of 2003", "least surcharge on the rate of an overdue loan", "逾期罚息加收下限"},
	PenaltyMax:                {"penalty.overdue.max", BasisPoints, 5000, 0, 10_000, "k", "PBOC document 251 of 2003", "greatest surcharge on the rate of an overdue loan", "逾期罚息加收上限"},
	DiversionMin:              {"penalty.diverted.min", BasisPoints, 5000, 0, 20_000, "k", "PBOC document 251 of 2003", "least surcharge for diverted use", "挪用罚息加收下限"},
	DiversionMax:              {"penalty.diverted.max", BasisPoints, 10_000, 0, 20_000, "k", "PBOC document 251 of 2003", "greatest surcharge for diverted use", "挪用罚息加收上限"},
	ProductCap:                {"product.cap", Fen, 1_000_000_000, 0, MaxAmount, "K", "Sichuan, rules of the product 天府知来贷 (2025)", "regional product, for one borrower", "地方产品单户限额"},
	ProductMonths:             {"product.term", Months, 12, 1, 120, "K", "Sichuan, rules of the product 天府知来贷 (2025)", "regional product, longest term", "地方产品最长期限"},
	FundOverdueDays:           {"fund.overdue", CalendarDays, 60, 1, 3660, "A", "consortium rule", "overdue before the fund may be asked", "申请风险补偿的逾期天数"},
	FundStopLoss:              {"fund.stop_loss", BasisPoints, 500, 0, 10_000, "A", "consortium rule", "share of bad loans at which the fund pauses", "风险补偿熔断不良率"},
	DisposalNoticeDays:        {"disposal.notice", CalendarDays, 20, 1, 366, "A", "consortium rule", "notice before a private sale", "自行变卖公告期"},
	ReserveFirst:              {"disposal.reserve.first", BasisPoints, 7000, 0, 10_000, "k", "Supreme Court, online judicial auction provisions", "least reserve of a first auction, of the reference price", "首次拍卖保留价下限"},
	ReserveSecond:             {"disposal.reserve.second", BasisPoints, 8000, 0, 10_000, "k", "Supreme Court, online judicial auction provisions", "least reserve of a second auction, of the first", "二次拍卖保留价下限"},
	ObjectionDays:             {"credit.objection.answer", CalendarDays, 20, 1, 366, "K", "Regulation on Credit Reporting, article 25", "answer to an objection to credit data", "征信异议答复期限"},
	RetentionMonths:           {"aml.retention", Months, 120, 60, 600, "K", "Anti-Money-Laundering Law (2024), article 34", "files are kept after the business ends", "客户资料保存期限"},
	LogMonths:                 {"log.min", Months, 6, 6, 600, "k", "Cybersecurity Law, article 21; CAC Order 3, article 17", "network logs are kept", "网络日志保存期限"},

	// Alerts, days before.
	AlertFeeFirst:     {"alert.fee.first", CalendarDays, 90, 1, 366, "A", "consortium rule", "first alert before an annual fee is due", "年费首次提醒"},
	AlertFeeSecond:    {"alert.fee.second", CalendarDays, 30, 1, 366, "A", "consortium rule", "second alert before an annual fee is due", "年费二次提醒"},
	AlertFeeLast:      {"alert.fee.last", CalendarDays, 7, 1, 366, "A", "consortium rule", "last alert before an annual fee is due", "年费末次提醒"},
	AlertExpiryFirst:  {"alert.expiry.first", CalendarDays, 180, 1, 3660, "A", "consortium rule", "first alert before a right expires", "权利届满首次提醒"},
	AlertExpirySecond: {"alert.expiry.second", CalendarDays, 90, 1, 3660, "A", "consortium rule", "second alert before a right expires", "权利届满二次提醒"},
	AlertExpiryLast:   {"alert.expiry.last", CalendarDays, 30, 1, 3660, "A", "consortium rule", "last alert before a right expires", "权利届满末次提醒"},
	AlertFreezeEnd:    {"alert.freeze.end", CalendarDays, 30, 1, 366, "A", "consortium rule", "alert before a freeze ends", "冻结到期提醒"},

	// Of pledges, too.
	FixRequestMonths:  {"claim.fix.request", Months, 24, 1, 120, "K", "Civil Code, article 423(2)", "without an agreed period the claim can be fixed on request after", "未约定债权确定期间的，自设立起满该期间可请求确定"},
	EnforcementDays:   {"enforcement.answer", CalendarDays, 90, 1, 366, "A", "consortium rule on Civil Code, article 437", "a demand for timely enforcement is answered within", "请求及时行使质权的答复期限"},
	AlertReservation:  {"alert.reservation", CalendarDays, 3, 1, 366, "A", "consortium rule", "alert before a reservation ends", "意向锁到期提醒"},
	AlertPeriodFirst:  {"alert.period.first", CalendarDays, 90, 1, 3660, "A", "consortium rule", "first alert before a registration ends by itself", "登记期限首次提醒"},
	AlertPeriodSecond: {"alert.period.second", CalendarDays, 30, 1, 3660, "A", "consortium rule", "second alert before a registration ends by itself", "登记期限二次提醒"},
	AlertPeriodLast:   {"alert.period.last", CalendarDays, 7, 1, 3660, "A", "consortium rule", "last alert before a registration ends by itself", "登记期限末次提醒"},
	ConsentDays:       {"consent.answer", CalendarDays, 90, 1, 366, "A", "consortium rule on Civil Code, article 444", "longest wait for the pledgees' consent to a deal", "质权人同意处分的最长答复期限"},
}

// MaxLive is the figure of how many live pledges a right of a number space may carry.
func MaxLive(s identifier.Space) Figure {
	switch s {
	case identifier.PatentSpace:
		return MaxLivePat
	case identifier.MarkSpace:
		return MaxLiveTM
	}
	return MaxLiveOther
}
