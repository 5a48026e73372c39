// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// story is what the demonstration shows, in order.
func story() []chapter {
	return []chapter{
		{"Four processes, four ledgers, nobody in charge 各自独立的节点进程", (*demo).meetTheNodes},
		{"A firm joins and its patents are confirmed 企业入网，专利确权", (*demo).confirmPatents},
		{"Two banks race for one patent 两家银行同时争抢一件专利", (*demo).race},
		{"S1: a pledge is applied for and accepted 申请质押登记并受理", (*demo).applyForPledge},
		{"The leader is killed 强制终止主节点", (*demo).killLeader},
		{"S1: a loan is signed; no money before the pledge is effective 签订借款合同，质押生效前不得放款", (*demo).signLoan},
		{"S1: registered, effective, disbursed 登记生效后放款", (*demo).registerAndDisburse},
		{"The killed node comes back 被终止的节点恢复", (*demo).restartVictim},
		{"S2: another bank tries the same patent, in three spellings 重复质押，三种写法", (*demo).pledgeTwice},
		{"The loan is settled and the pledge released 贷款结清，质押注销", (*demo).release},
		{"The patent is pledged again, to the other bank 同一专利再次质押", (*demo).pledgeAgain},
		{"One question, as of three times 同一问题，三个时点", (*demo).askOfThePast},
		{"Every version there was 全部历史版本", (*demo).tellHistory},
		{"Answers to take away 可带走的凭证", (*demo).takeAway},
		{"All nodes stop; the files are verified offline 停止全部节点，离线核验", (*demo).verifyOffline},
	}
}

// firm is the borrower of the story.
func firm() organisation {
	return organisation{"RX", "91510100MA6CA1R24N", "成都蓉芯微电子有限公司", "Chengdu Rongxin Microelectronics", contracts.Borrower}
}

// A patent of the firm, with the facts of the statutory register.
type patent struct {
	number, title                     string
	filingDate, grantDate, expiryDate string
}

func mainPatent() patent {
	return patent{"201810234567.3", "一种低温晶圆刻蚀方法", "2018-03-19", "2020-06-02", "2038-03-18"}
}

func racedPatent() patent {
	return patent{"202111223344.5", "一种芯片封装散热结构", "2021-10-20", "2023-08-15", "2041-10-19"}
}

func freePatent() patent {
	return patent{"201710888999.1", "一种射频前端匹配电路", "2017-09-27", "2019-12-10", "2037-09-26"}
}

// unseenNumber is a valid patent number that the ledger never hears of before
// it is asked.
const unseenNumber = "201610777888.9"

// principal is the loan in fen. It must never show on the ledger.
const principal = "500000000"

func (d *demo) meetTheNodes(context.Context) error {
	d.note("all of it lies in %s", d.dir)
	if err := d.show(d.table()); err != nil {
		return err
	}
	pids, validators, dirs := map[int]bool{}, map[string]bool{}, map[string]bool{}
	for i, n := range d.Nodes {
		if d.processes[i].running() {
			pids[n.PID] = true
		}
		validators[n.ValidatorKey.String()], dirs[n.DataDir] = true, true
	}
	count := len(d.Nodes)
	if err := d.expect(len(pids) == count && len(validators) == count && len(dirs) == count,
		"%d processes with a validator key and a data directory each; %d signatures certify a block", count, d.quorum()); err != nil {
		return err
	}
	return d.expect(d.network.trust.Chain == d.Chain, "network %s, suite %s, trust anchor %v", d.Network, d.Suite, d.Chain)
}

func (d *demo) confirmPatents(ctx context.Context) error {
	key, err := d.addPerson(d.dir, firm().Code+"."+contracts.Admin, firm().PartyID, contracts.Admin, contracts.Maker)
	if err != nil {
		return err
	}
	d.keys[firm().Code+"."+contracts.Admin] = key
	if err := d.write(d.dir); err != nil {
		return err
	}
	if _, err := d.play(ctx, move{
		says: "BA 蜀锦银行 registers RX " + firm().NameZH + ", whose new key signs too", actor: "BA", method: "parties.register",
		args: parties.RegisterArgs{USCC: firm().PartyID, NameZH: firm().NameZH, NameEN: firm().NameEN, Role: string(firm().Role), AreaCode: firm().area(), AdminKey: key.Public()},
		with: []cosigner{{"RX", contracts.Admin}}, want: accepted(),
	}, nil); err != nil {
		return err
	}
	for _, p := range []patent{mainPatent(), racedPatent(), freePatent()} {
		if err := d.confirmPatent(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// confirmPatent lets the firm claim a patent and the IP office confirm it.
func (d *demo) confirmPatent(ctx context.Context, p patent) error {
	var claim rights.ClaimResult
	if _, err := d.play(ctx, move{
		says: "RX claims " + p.number + " " + p.title, actor: "RX", method: "rights.claim",
		args: rights.ClaimArgs{Type: "PAT_INV", Number: p.number, Owners: []string{firm().PartyID}, Title: p.title, Office: d.partyID("IPO")},
		want: accepted(),
	}, &claim); err != nil {
		return err
	}
	_, err := d.play(ctx, move{
		says: "IPO 成都知识产权服务中心 confirms " + claim.RightID + " from today's register, valid to " + p.expiryDate, actor: "IPO", method: "rights.confirm",
		args: rights.SnapshotArgs{
			RightID: claim.RightID,
			Evidence: &rights.Evidence{
				Registrar:    "CNIPA",
				EvidenceHash: d.network.trust.Suite.Sum([]byte("extract of the register for " + p.number)),
				CapturedAt:   d.now().Add(-time.Minute).UnixMilli(),
				Method:       "EXTRACT",
			},
			Owners: []string{firm().PartyID}, Title: p.title,
			FilingDate: p.filingDate, GrantDate: p.grantDate, ExpiryDate: p.expiryDate,
			LegalStatus: "GRANTED", FeeStatus: rights.FeePaid,
		},
		want: accepted(),
	}, nil)
	return err
}

// race lets two banks submit at the same moment, each to its own node.
func (d *demo) race(ctx context.Context) error {
	moves := []move{
		d.application("BA", racedPatent().number),
		d.application("BB", racedPatent().number),
	}
	signed := make([]signedMove, len(moves))
	for i, m := range moves {
		var err error
		if signed[i], err = d.sign(ctx, m); err != nil {
			return err
		}
	}
	results := make([]played, len(moves))
	answered := make(chan error, len(moves))
	for i := range moves {
		go func() {
			var err error
			results[i], err = d.send(ctx, signed[i])
			answered <- err
		}()
	}
	var failed error
	for range moves {
		failed = errors.Join(failed, <-answered)
	}
	if failed != nil {
		return failed
	}
	winner, loser := 0, 1
	if results[1].was == accepted() {
		winner, loser = 1, 0
	}
	reserved := refusedWith(contracts.EPledged, contracts.R09, contracts.ReasonReservation)
	if err := d.expect(results[winner].was == accepted(), "%s came first: %v", moves[winner].actor, results[winner].was); err != nil {
		return err
	}
	d.noteDecision(signed[winner], results[winner])
	if err := d.expect(results[loser].was == reserved, "%s came second: %v, certified like the other", moves[loser].actor, results[loser].was); err != nil {
		return err
	}
	d.noteDecision(signed[loser], results[loser])
	d.racedBy = results[loser].id
	return nil
}

// application is a bank's application to have the firm's patent pledged to it.
func (d *demo) application(bank, number string) move {
	return move{
		actor: bank, method: "pledges.submit",
		args: pledges.SubmitArgs{
			Rights: []string{"PATENT:" + number}, Pledgors: []string{firm().PartyID}, Pledgees: []string{d.partyID(bank)},
			Kind: "ORDINARY", Office: d.partyID("IPO"), Method: "ONLINE",
		},
		with:   countersigned("RX"),
		sealed: map[string]string{"principal_fen": principal, "currency": "CNY", "value_fen": "1280000000", "rate_ppm": "34500"},
		want:   accepted(),
	}
}

func (d *demo) applyForPledge(ctx context.Context) (err error) {
	m := d.application("BA", mainPatent().number)
	m.says = "BA applies; its maker and checker and RX sign"
	d.pledgeNo, err = d.applyAndAccept(ctx, m)
	return err
}

// applyAndAccept plays an application, which the IP office takes into review.
func (d *demo) applyAndAccept(ctx context.Context, m move) (pledgeNo string, err error) {
	var submitted pledges.SubmitResult
	if _, err := d.play(ctx, m, &submitted); err != nil {
		return "", err
	}
	d.note("%s, reserved until %s", submitted.PledgeNo, clockTime(submitted.ReservationUntil))
	var result pledges.PledgeResult
	if _, err := d.play(ctx, move{
		says: "IPO accepts " + submitted.PledgeNo, actor: "IPO", method: "pledges.accept",
		args: pledges.PledgeArgs{PledgeNo: submitted.PledgeNo}, want: accepted(),
	}, &result); err != nil {
		return "", err
	}
	d.note("state %s, review due %s", result.State, result.DueDate)
	return submitted.PledgeNo, nil
}

func (d *demo) signLoan(ctx context.Context) error {
	due := d.now().In(shanghai()).AddDate(1, 0, 0).Format(time.DateOnly)
	var loan loans.Result
	if _, err := d.play(ctx, move{
		says: "BA lends to RX; RX countersigns, the terms are sealed", actor: "BA", method: "loans.sign",
		args:   loans.SignArgs{Borrower: firm().PartyID, Pledges: []string{d.pledgeNo}},
		with:   countersigned("RX"),
		sealed: map[string]string{"principal_fen": principal, "currency": "CNY", "rate_ppm": "34500", "due_date": due, "use": "wafer purchase 采购晶圆"},
		want:   accepted(),
	}, &loan); err != nil {
		return err
	}
	d.loanNo = loan.LoanNo
	waited := time.Since(d.killedAt)
	if err := d.expect(waited < 30*time.Second, "FINAL again %.1f s after the leader was killed, without it", waited.Seconds()); err != nil {
		return err
	}
	_, err := d.play(ctx, move{
		says: "BA wants to disburse " + d.loanNo + " at once", actor: "BA", method: "loans.disburse",
		args: loans.DisburseArgs{LoanNo: d.loanNo}, want: refusedWith(contracts.EState, "", "PLEDGE_"+string(pledges.Accepted)),
	}, nil)
	return err
}

func (d *demo) registerAndDisburse(ctx context.Context) error {
	got, err := d.register(ctx, d.pledgeNo, "510000123")
	if err != nil {
		return err
	}
	d.registration = got.id
	if err := d.expect(got.took < 30*time.Second, "registration FINAL in %.2f s with one node down", got.took.Seconds()); err != nil {
		return err
	}
	var loan loans.Result
	if _, err := d.play(ctx, move{
		says: "BA disburses " + d.loanNo, actor: "BA", method: "loans.disburse",
		args: loans.DisburseArgs{LoanNo: d.loanNo}, want: accepted(),
	}, &loan); err != nil {
		return err
	}
	return d.expect(loan.State == loans.Active, "%s is %s", loan.LoanNo, loan.State)
}

// register lets the IP office relay that the registrar has registered a pledge now,
// under a number that begins with the year.
func (d *demo) register(ctx context.Context, pledgeNo, serial string) (played, error) {
	at, err := d.blockTime(ctx)
	if err != nil {
		return played{}, err
	}
	number := "Y" + strconv.Itoa(at.Year()) + serial
	var pledge pledges.PledgeResult
	got, err := d.play(ctx, move{
		says: "IPO relays the statutory registration " + number + " of " + at.Format(time.DateTime), actor: "IPO", method: "pledges.register",
		args: pledges.RegisterArgs{PledgeNo: pledgeNo, StatutoryNo: number, StatutoryTime: at.UnixMilli()}, want: accepted(),
	}, &pledge)
	if err != nil {
		return got, err
	}
	return got, d.expect(pledge.State == pledges.Effective, "%s is %s", pledgeNo, pledge.State)
}

func (d *demo) pledgeTwice(ctx context.Context) error {
	for _, spelling := range []string{"ZL2018102345673", "CN201810234567.3", "２０１８１０２３４５６７．３"} {
		m := d.application("BB", spelling)
		m.says = "BB 嘉陵银行(重庆) applies for " + spelling
		m.want = refusedWith(contracts.EPledged, contracts.R09, "")
		if _, err := d.play(ctx, m, nil); err != nil {
			return err
		}
	}
	return d.whatOthersSee(ctx)
}

// blockTime is the time of the newest FINAL block, in full seconds of Beijing time.
// What is said to have happened until then is in the past of every later block; this
// machine's clock may be ahead of the leader's last look at its own.
func (d *demo) blockTime(ctx context.Context) (time.Time, error) {
	var newest int64
	for i, n := range d.Nodes {
		if d.processes[i].running() {
			status, err := statusOf(ctx, n)
			if err != nil {
				return time.Time{}, err
			}
			newest = max(newest, status.BlockTimeMS)
		}
	}
	return time.UnixMilli(newest).In(shanghai()).Truncate(time.Second), nil
}

// now is the time at which the story plays.
func (d *demo) now() time.Time { return d.env.Now() }
