// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// partyOf and roleOf read the name of a key holder, such as "BA.maker".
func partyOf(name string) string {
	code, _, _ := strings.Cut(name, ".")
	for _, o := range append(devnetCast(), firm()) {
		if o.Code == code {
			return o.PartyID
		}
	}
	return ""
}

func roleOf(name string) string {
	_, role, _ := strings.Cut(name, ".")
	return role
}

// joinFirm registers the firm that owns the patents, before the load begins.
func (l *load) joinFirm() error {
	return l.deliver(rand.New(rand.NewPCG(0, 0)), order{
		method: "parties.register",
		args: parties.RegisterArgs{
			USCC: firm().PartyID, NameZH: firm().NameZH, Role: string(firm().Role), AreaCode: firm().area(), AdminKey: l.people["RX.admin"].Public(),
		},
		signers: []string{"BA.maker", "BA.checker", "RX.admin"},
	}, nil)
}

// claimPatents claims one patent after the other for an organisation.
func (l *load) claimPatents(r *rand.Rand, code string) error {
	for {
		if err := l.send(r, l.claim(code, l.nextPatent()), nil); err != nil {
			return err
		}
	}
}

func (l *load) claim(code, number string) order {
	by := code + ".maker"
	return order{
		method:  "rights.claim",
		args:    rights.ClaimArgs{Type: "PATENT", Number: number, Owners: []string{partyOf(by)}, Title: "一种低温晶圆刻蚀方法"},
		signers: []string{by},
	}
}

// nextPatent makes a patent number that was not used before.
func (l *load) nextPatent() string {
	digits := fmt.Sprintf("20181%07d", l.patents.Add(1))
	return digits + "." + identifier.PatentCheck(digits)
}

// pledgePatents takes one patent after the other from its claim to a pledge and
// its release, while another bank tries to have the same patent. Each step rests
// on the one before, so what was acknowledged must be there for the next, at
// whatever node that is sent to.
func (l *load) pledgePatents(r *rand.Rand, bank, rival string) error {
	for {
		if err := l.pledgePatent(r, bank, rival, l.nextPatent()); err != nil {
			return err
		}
	}
}

func (l *load) pledgePatent(r *rand.Rand, bank, rival, number string) error {
	office := []string{"IPO.maker", "IPO.checker"}
	lenders := func(code string) []string { return []string{code + ".maker", code + ".checker", "RX.maker"} }
	evidence := l.network.trust.Suite.Sum([]byte(number))
	application := func(code string) order {
		return order{
			method: "pledges.submit",
			args: pledges.SubmitArgs{
				Rights: []string{"PATENT:" + number}, Pledgors: []string{firm().PartyID}, Pledgees: []string{partyOf(code)}, Office: partyOf("IPO"),
			},
			signers: lenders(code), commitments: [][]byte{evidence[:]},
		}
	}

	var claim rights.ClaimResult
	if err := l.send(r, l.claim("RX", number), &claim); err != nil {
		return err
	}
	if err := l.send(r, order{
		method: "rights.confirm",
		args: rights.SnapshotArgs{
			RightID: claim.RightID,
			Evidence: &rights.Evidence{
				Registrar: "CNIPA", EvidenceHash: evidence, CapturedAt: time.Now().Add(-time.Minute).UnixMilli(), Method: "EXTRACT",
			},
			Owners:     []string{firm().PartyID},
			FilingDate: "2018-03-19", ExpiryDate: "2038-03-18", LegalStatus: "GRANTED", FeeStatus: rights.FeePaid,
		},
		signers: office,
	}, nil); err != nil {
		return err
	}
	var pledge pledges.SubmitResult
	if err := l.send(r, application(bank), &pledge); err != nil {
		return err
	}
	of := pledges.PledgeArgs{PledgeNo: pledge.PledgeNo}
	steps := []func() order{
		func() order {
			late := application(rival)
			late.want = contracts.EPledged
			return late
		},
		func() order { return order{method: "pledges.accept", args: of, signers: office} },
		func() order {
			now := time.Now()
			return order{method: "pledges.register", signers: office, args: pledges.RegisterArgs{
				PledgeNo: of.PledgeNo, StatutoryTime: now.UnixMilli(),
				StatutoryNo: fmt.Sprintf("Y%s51%07d", now.In(shanghai()).Format("2006"), l.patents.Add(1)),
			}}
		},
		func() order {
			return order{method: "pledges.consent_release", signers: lenders(bank), args: pledges.ConsentArgs{PledgeNo: of.PledgeNo, Ground: "DEBT_PAID"}}
		},
		func() order {
			return order{method: "pledges.cancel", signers: office, args: pledges.CancelArgs{
				PledgeNo: of.PledgeNo, CancellationRef: "C-" + of.PledgeNo, CancellationTime: time.Now().UnixMilli(),
			}}
		},
	}
	for _, step := range steps {
		if err := l.send(r, step(), nil); err != nil {
			return err
		}
	}
	return nil
}
