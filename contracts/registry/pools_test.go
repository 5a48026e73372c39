// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pools"
	"github.com/ipledger/ipledger/contracts/rights"
)

func TestAPoolIsMadeWithTheOwnersOfItsRights(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, MD)
	waiting := w.claim("202111223344.5", RX)
	a := args{"rights": []string{one, two}, "name": "成都芯片专利池", "cross_default": true, "several_or_joint": "JOINT"}
	w.refused(contracts.ESignature, "", "pools.create", a, w.with(w.two(BA), RX))
	w.refused(contracts.EState, "", "pools.create", args{"rights": []string{waiting}}, w.with(w.two(BA), RX))
	w.refused(contracts.EFormat, "", "pools.create", args{"rights": []string{one, one}}, w.with(w.two(BA), RX))
	w.refused(contracts.EFormat, "", "pools.create", args{"rights": []string{}}, w.two(BA))
	no := w.must("pools.create", a, w.with(w.two(BA), RX, MD))["pool_no"].(string)
	p := read[pools.Record](w, pools.RecordKey(no))
	if !slices.Equal(p.Pledgors, []string{RX, MD}) || p.Manager != BA || p.Liability != pools.Joint {
		t.Fatalf("%+v", p)
	}
	more := w.confirmed("201610777888.9", nil, LQ)
	add := args{"pool_no": no, "rights": []string{more}}
	w.refused(contracts.ERole, "", "pools.add", add, w.with(w.two(BB), RX, MD, LQ))
	w.refused(contracts.EConsent, "", "pools.add", add, w.with(w.two(BA), LQ)) // the others stand for it
	w.must("pools.add", add, w.with(w.two(BA), RX, MD, LQ))
	w.wantStatus(canonical, rights.Free) // a pool burdens nothing
}

func TestAPoolIsPledgedWholeOrInPart(t *testing.T) {
	w := newWorld(t)
	one, two := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", args{"fee_status": "UNPAID"}, MD)
	other := w.confirmed("201610777888.9", nil, RX)
	no := w.must("pools.create", args{"rights": []string{one, two}}, w.with(w.two(BA), RX, MD))["pool_no"].(string)
	a := args{"pool_no": no, "pledgees": []string{BA}}
	w.refused(contracts.EContract, contracts.R07, "pools.pledge", args{"pool_no": no, "pledgees": []string{BA}, "rights": []string{one}}, w.with(w.two(BA), RX), unsealed)
	w.refused(contracts.EFee, contracts.R04, "pools.pledge", a, w.with(w.two(BA), RX, MD), sealing)
	w.refused(contracts.ENotFound, "", "pools.pledge", args{"pool_no": no, "pledgees": []string{BA}, "rights": []string{other}}, w.with(w.two(BA), RX, MD), sealing)
	a["atomic"] = false
	result := w.must("pools.pledge", a, w.with(w.two(BA), RX, MD), sealing)
	pledge := w.pledge(result["pledge_no"].(string))
	if pledge.PoolNo != "" || w.application(pledge.PledgeNo).PoolNo != no || len(pledge.Rights) != 1 || !slices.Equal(w.application(pledge.PledgeNo).Pledgors, []string{RX}) {
		t.Fatalf("%+v", pledge)
	}
	if got := read[pools.Record](w, pools.RecordKey(no)).Pledges; !slices.Equal(got, []string{pledge.PledgeNo}) {
		t.Fatal(got)
	}
	w.registered(pledge.PledgeNo, nil)
	w.wantStatus(canonical, rights.Pledged)
	if got := w.pledge(pledge.PledgeNo).PoolNo; got != no { // public now
		t.Fatal(got)
	}
}
