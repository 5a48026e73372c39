// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// voters are the organisations of the cast that vote, in the order in which they do
// here.
var voters = []string{BA, BB, IPO, IP2, CPC}

// call are the arguments of consortium.propose.
func (w *world) call(method string, a args) args {
	w.t.Helper()
	contract, name, _ := strings.Cut(method, ".")
	m, ok := w.methods.Lookup(contract, 1, name)
	if !ok {
		w.t.Fatalf("no method %s", method)
	}
	text, err := json.Marshal(a)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, refusal := m.EncodeArgs(text)
	if refusal.Refuses() {
		w.t.Fatalf("%s %s: %v", method, text, refusal)
	}
	return args{"contract": contract, "method": name, "args": base64.StdEncoding.EncodeToString(raw)}
}

// proposed opens a proposal and gives its id.
func (w *world) proposed(by, method string, a args) string {
	w.t.Helper()
	return w.must("consortium.propose", w.call(method, a), w.admin(by))["proposal_id"].(string)
}

// ballot casts one and gives the state of the proposal after it.
func (w *world) ballot(by, id, choice string) consortium.State {
	w.t.Helper()
	r := w.must("consortium.vote", args{"proposal_id": id, "ballot": choice}, w.admin(by))
	return consortium.State(r["state"].(string))
}

// carried proposes and lets members agree until it is decided.
func (w *world) carried(method string, a args) consortium.Proposal {
	w.t.Helper()
	electorate, err := contracts.Electorate(w.state, w.time)
	if err != nil {
		w.t.Fatal(err)
	}
	id := w.proposed(electorate[0], method, a)
	for _, member := range electorate[1:] {
		if w.proposal(id).Stored != consortium.Open {
			break
		}
		w.ballot(member, id, consortium.Yes)
	}
	p := w.proposal(id)
	if p.Stored != consortium.Passed && p.Stored != consortium.Failed {
		w.t.Fatalf("%+v", p)
	}
	return p
}

// passed is carried for what the method must not refuse.
func (w *world) passed(method string, a args) consortium.Proposal {
	w.t.Helper()
	p := w.carried(method, a)
	if p.Stored != consortium.Passed {
		w.t.Fatalf("%s: %s %+v", method, p.Code, p.Failures)
	}
	return p
}

func (w *world) proposal(id string) consortium.Proposal {
	w.t.Helper()
	return read[consortium.Proposal](w, read[string](w, "consortium/proposal_ids/"+id))
}

// setStatus writes the status of an organisation, as a vote on it does.
func (w *world) setStatus(organisation, status string) {
	w.t.Helper()
	party := read[contracts.Party](w, contracts.PartyKey(organisation))
	party.Status = status
	w.state[contracts.PartyKey(organisation)] = ledger.Encode(party)
}

// newcomer are the arguments of parties.admit.
func (w *world) newcomer(id string, role contracts.PartyRole) args {
	w.t.Helper()
	private := w.private(id, contracts.Admin)
	return w.proven(private, args{
		"uscc": id, "name_zh": "机构" + id[14:], "role": string(role), "area_code": "510100", "admin_key": private.Public().String(),
	})
}

// proven adds the proof that a newcomer holds its key.
func (w *world) proven(private keys.PrivateKey, a args) args {
	w.t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		w.t.Fatal(err)
	}
	var admit parties.AdmitArgs
	if err := json.Unmarshal(text, &admit); err != nil {
		w.t.Fatal(err)
	}
	admit.Possession = nil
	signature, err := private.Sign(append([]byte("ipledger/admit/v1\x00"+string(w.network.Chain[:])), ledger.Encode(admit)...))
	if err != nil {
		w.t.Fatal(err)
	}
	a["possession"] = base64.StdEncoding.EncodeToString(signature)
	return a
}

const (
	BC  = "91510100MA6M3H2J9Q" // bank, not in the genesis
	GUA = "91510100MA6P5R6T70" // guarantor, not in the genesis
)

// change are the arguments of consortium.set_parameters for one figure.
func change(key string, value int64) args {
	return args{"changes": []args{{"key": key, "value": value}}, "source": "川府发〔2026〕1号"}
}

func TestAProposalIsCarriedByExactlyTheShareThatTheRulesSay(t *testing.T) {
	for _, c := range []struct {
		members   int
		threshold int64 // basis points
		needed    int
	}{
		{4, 5001, 3}, {4, 6667, 3}, {4, 7500, 3}, {4, 7501, 4}, {4, 10_000, 4},
		{7, 5714, 4}, {7, 5715, 5}, {7, 6667, 5}, {7, 7142, 5}, {7, 7143, 6}, {7, 10_000, 7},
	} {
		t.Run(fmt.Sprintf("%d of %d at %d bp", c.needed, c.members, c.threshold), func(t *testing.T) {
			w := newWorld(t, fmt.Sprintf(`{"consortium.threshold":%d}`, c.threshold))
			var electorate []string
			if c.members == 4 {
				w.setStatus(CPC, contracts.PartySuspended)
				electorate = voters[:4]
			} else {
				w.passed("parties.admit", w.newcomer(BC, contracts.Bank))
				w.passed("parties.admit", w.newcomer(GUA, contracts.Guarantor))
				electorate = append(slices.Clone(voters), BC, GUA)
			}
			id := w.proposed(electorate[0], "consortium.set_parameters", change("claim.expiry", 60))
			for i, member := range electorate[1:c.needed] {
				if p := w.proposal(id); p.Stored != consortium.Open || len(p.Ballots) != i+1 {
					t.Fatalf("after %d: %+v", i+1, p)
				}
				w.ballot(member, id, consortium.Yes)
			}
			p := w.proposal(id)
			want := consortium.Tally{Yes: uint64(c.needed), Electorate: uint64(c.members), ThresholdBP: uint64(c.threshold)}
			if p.Stored != consortium.Passed || *p.Tally != want {
				t.Fatalf("%+v %+v", p, p.Tally)
			}
		})
	}
}

func TestAProposalThatCanNoLongerPassIsRejected(t *testing.T) {
	w := newWorld(t) // five vote, four must agree
	id := w.proposed(OP, "consortium.set_parameters", change("claim.expiry", 60))
	if state := w.ballot(BA, id, consortium.No); state != consortium.Open {
		t.Fatal(state)
	}
	if state := w.ballot(BB, id, consortium.No); state != consortium.Rejected {
		t.Fatal(state)
	}
	o := w.refused(contracts.EState, "", "consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(IPO))
	if o.Details[0].Reason != "PROPOSAL_REJECTED" {
		t.Fatalf("%+v", o.Details)
	}
	if p := w.proposal(id); *p.Tally != (consortium.Tally{No: 2, Electorate: 5, ThresholdBP: 6667}) || p.EndedHeight != w.height-1 {
		t.Fatalf("%+v %+v", p, p.Tally)
	}
	w.wantFigure(contracts.ClaimExpiryDays, 90)
}

func (w *world) wantFigure(f contracts.Figure, value int64) {
	w.t.Helper()
	if got := read[contracts.Parameters](w, contracts.ParametersKey).Of(f); got != value {
		w.t.Fatalf("%s is %d, want %d", f.Definition().Key, got, value)
	}
}

func TestASuspendedMemberNeitherVotesNorCounts(t *testing.T) {
	w := newWorld(t)
	id := w.proposed(BA, "consortium.set_parameters", change("claim.expiry", 60))
	w.ballot(BB, id, consortium.Yes)
	w.ballot(IPO, id, consortium.No)
	// Both who agreed are suspended: their ballots stay on record and count no more.
	w.setStatus(BA, contracts.PartySuspended)
	w.setStatus(BB, contracts.PartySuspended)
	o := w.refused(contracts.ERole, "", "consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(BA))
	if o.Details[0].Field != "actor" {
		t.Fatalf("%+v", o.Details)
	}
	// Three are left, of whom two thirds and more are all three: the NO decides.
	if state := w.ballot(CPC, id, consortium.Yes); state != consortium.Rejected {
		t.Fatal(state)
	}
	if p := w.proposal(id); len(p.Ballots) != 4 || *p.Tally != (consortium.Tally{Yes: 1, No: 1, Electorate: 3, ThresholdBP: 6667}) {
		t.Fatalf("%+v %+v", p.Ballots, p.Tally)
	}
}

func TestAProposalExpiresByTimeAlone(t *testing.T) {
	w := newWorld(t)
	id := w.proposed(BA, "consortium.set_parameters", change("claim.expiry", 60))
	p := w.proposal(id)
	const fortnight = 14 * 24 * 3600_000
	if p.Until != p.OpenedAt+fortnight || p.StateAt(p.Until-1) != consortium.Open || p.StateAt(p.Until) != consortium.Expired {
		t.Fatalf("%+v", p)
	}
	w.time = p.Until - 1
	if state := w.ballot(BB, id, consortium.Yes); state != consortium.Open {
		t.Fatal(state)
	}
	w.time = p.Until
	for method, a := range map[string]args{
		"consortium.vote": {"proposal_id": id, "ballot": "YES"}, "consortium.withdraw": {"proposal_id": id},
	} {
		who := map[string]string{"consortium.vote": IPO, "consortium.withdraw": BA}[method]
		o := w.refused(contracts.EState, "", method, a, w.admin(who))
		if o.Details[0].Reason != "PROPOSAL_EXPIRED" {
			t.Fatalf("%+v", o.Details)
		}
	}
	if p := w.proposal(id); p.Stored != consortium.Open {
		t.Fatalf("what follows from time alone was stored: %+v", p)
	}
}

func TestARegulatorObjectsAndDoesNothingElse(t *testing.T) {
	w := newWorld(t)
	id := w.proposed(REG, "consortium.set_parameters", change("claim.expiry", 60))
	if p := w.proposal(id); len(p.Ballots) != 0 {
		t.Fatalf("a regulator has no vote: %+v", p.Ballots)
	}
	for _, choice := range []string{"YES", "NO"} {
		w.refused(contracts.EForbidden, "", "consortium.vote", args{"proposal_id": id, "ballot": choice}, w.admin(REG))
	}
	w.refused(contracts.ERole, "", "consortium.vote", args{"proposal_id": id, "ballot": "VETO"}, w.admin(BA))
	w.refused(contracts.ERole, "", "consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(OP))
	for _, member := range []string{BA, BB, IPO} {
		w.ballot(member, id, consortium.Yes)
	}
	if state := w.ballot(REG, id, consortium.Veto); state != consortium.Vetoed {
		t.Fatal(state)
	}
	o := w.refused(contracts.EState, "", "consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(CPC))
	if o.Details[0].Reason != "PROPOSAL_VETOED" {
		t.Fatalf("%+v", o.Details)
	}
	w.wantFigure(contracts.ClaimExpiryDays, 90)
}

func TestAnOrganisationCastsOneBallot(t *testing.T) {
	w := newWorld(t)
	id := w.proposed(BA, "consortium.set_parameters", change("claim.expiry", 60))
	for _, choice := range []string{"YES", "NO"} {
		o := w.refused(contracts.EDuplicate, "", "consortium.vote", args{"proposal_id": id, "ballot": choice}, w.admin(BA))
		if o.Details[0].Reason != contracts.ReasonVoted || o.Details[0].Subject != BA {
			t.Fatalf("%+v", o.Details)
		}
	}
	w.refused(contracts.ENotFound, "", "consortium.vote", args{"proposal_id": strings.Repeat("0", 64), "ballot": "YES"}, w.admin(BA))
}

func TestOnlyWhoProposedWithdraws(t *testing.T) {
	w := newWorld(t)
	id := w.proposed(OP, "consortium.set_parameters", change("claim.expiry", 60))
	w.refused(contracts.EForbidden, "", "consortium.withdraw", args{"proposal_id": id}, w.admin(BA))
	if r := w.must("consortium.withdraw", args{"proposal_id": id}, w.admin(OP)); r["state"] != "WITHDRAWN" {
		t.Fatalf("%v", r)
	}
	w.refused(contracts.EState, "", "consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(BA))
}

// Administrators decide for their organisation, as many as the figure says.
func TestABallotIsAMatterOfTheAdministrators(t *testing.T) {
	w := newWorld(t)
	call := w.call("consortium.set_parameters", change("claim.expiry", 60))
	w.refused(contracts.ERole, "", "consortium.propose", call, w.two(BA))
	w.refused(contracts.ERole, "", "consortium.propose", call, w.admin(RX))
	id := w.must("consortium.propose", call, w.admin(BA))["proposal_id"].(string)
	w.refused(contracts.ERole, "", "consortium.vote", args{"proposal_id": id, "ballot": "YES"}, []ledger.Signer{w.signer(BB, contracts.Maker)})
}

func TestOnlyAMethodThatNeedsAVoteIsProposed(t *testing.T) {
	w := newWorld(t)
	good := w.call("consortium.set_parameters", change("claim.expiry", 60))
	for _, c := range []struct {
		contract, method string
		version          int
		code             string
	}{
		{"consortium", "set_nothing", 1, contracts.EFormat},
		{"consortium", "set_parameters", 2, contracts.EFormat},
		{"loans", "settle", 1, contracts.EForbidden},
		{"consortium", "propose", 1, contracts.EForbidden},
	} {
		o := w.refused(c.code, "", "consortium.propose",
			args{"contract": c.contract, "method": c.method, "version": c.version, "args": good["args"]}, w.admin(BA))
		if o.Details[0].Field != "method" {
			t.Errorf("%s.%s: %+v", c.contract, c.method, o.Details)
		}
	}
	// And no transaction calls it.
	o := w.refused(contracts.EQuorum, "", "consortium.set_parameters", change("claim.expiry", 60), w.admin(BA))
	if o.Details[0].Reason != contracts.ReasonVote {
		t.Fatalf("%+v", o.Details)
	}
}

// What a proposal says is on the ledger for ever, so it is held to the rules of its
// method before it gets there.
func TestWhatIsProposedIsCheckedBeforeItIsWritten(t *testing.T) {
	w := newWorld(t)
	encoded := func(v any) string { return base64.StdEncoding.EncodeToString(ledger.Encode(v)) }
	type newValue struct {
		Key   string `cbor:"1,keyasint"`
		Value int64  `cbor:"2,keyasint"`
	}
	type parameters struct {
		Changes []newValue `cbor:"1,keyasint"`
		Source  string     `cbor:"2,keyasint"`
	}
	for name, c := range map[string]struct{ args, code, field, reason string }{
		"no CBOR":        {base64.StdEncoding.EncodeToString([]byte("x")), contracts.EFormat, "args", contracts.ReasonType},
		"a missing text": {encoded(struct{}{}), contracts.EFormat, "args.changes", contracts.ReasonMissing},
		"a long key": {
			encoded(parameters{[]newValue{{strings.Repeat("x", 65), 1}}, "x"}), contracts.EFormat, "args.changes[0].key", contracts.ReasonLength,
		},
		"a long source": {encoded(parameters{nil, strings.Repeat("x", 257)}), contracts.EFormat, "args.source", contracts.ReasonLength},
		"a resident":    {encoded(parameters{nil, "by 11010519491231002X"}), contracts.EPrivacy, "args.source", ""},
	} {
		a := args{"contract": "consortium", "method": "set_parameters", "args": c.args}
		o := w.refused(c.code, "", "consortium.propose", a, w.admin(BA))
		if f := o.Details[0]; f.Field != c.field || f.Reason != c.reason {
			t.Errorf("%s: %+v", name, o.Details)
		}
		refusal, err := contracts.CheckIntake(w.methods, w.state, w.here(), w.tx("consortium.propose", a, w.admin(BA)))
		if err != nil || refusal.Code() != c.code {
			t.Errorf("%s at intake: %v %v", name, refusal, err)
		}
	}
	a := w.call("consortium.set_parameters", change("claim.expiry", 60))
	a["title"] = "by 11010519491231002X"
	w.refused(contracts.EPrivacy, "", "consortium.propose", a, w.admin(BA))
}

func TestWhatTheMethodRefusesLeavesNothingButItsReason(t *testing.T) {
	w := newWorld(t)
	// The first of the changes is good: none of it remains.
	id := w.proposed(BA, "consortium.set_parameters", args{
		"changes": []args{{"key": "claim.expiry", "value": 60}, {"key": "claim.expiration", "value": 60}}, "source": "x",
	})
	w.ballot(BB, id, consortium.Yes)
	w.ballot(IPO, id, consortium.Yes)
	before := w.state[contracts.ParametersKey]
	o := w.do("consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(IP2))
	if o.Status != ledger.Final || len(o.Events) != 1 || o.Events[0].Kind != "proposal.failed" {
		t.Fatalf("the ballot was cast all the same: %+v", o)
	}
	if r := w.result("consortium.vote", o); r["state"] != "FAILED" || r["code"] != contracts.EParam {
		t.Fatalf("%v", r)
	}
	p := w.proposal(id)
	f := p.Failures[0]
	if p.Code != contracts.EParam || len(p.Failures) != 1 || f.Field != "changes[1].key" || f.Subject != "claim.expiration" || len(p.Ballots) != 4 {
		t.Fatalf("%+v", p)
	}
	if !bytes.Equal(before, w.state[contracts.ParametersKey]) || w.state[contracts.AmendmentKey(2)] != nil {
		t.Fatal("something of a refused method remains")
	}
}

func TestAMemberThatIsAloneDecidesAtOnce(t *testing.T) {
	w := newWorld(t)
	for _, member := range voters[1:] {
		w.setStatus(member, contracts.PartySuspended)
	}
	o := w.do("consortium.propose", w.call("consortium.set_parameters", change("claim.expiry", 60)), w.admin(BA))
	var kinds []string
	for _, e := range o.Events {
		kinds = append(kinds, e.Kind)
	}
	if o.Status != ledger.Final || !slices.Equal(kinds, []string{"proposal.opened", "parameters.changed", "proposal.passed"}) {
		t.Fatalf("%+v", o)
	}
	w.wantFigure(contracts.ClaimExpiryDays, 60)
}

func TestMembersAreThoseWhoCameByTheGenesisOrAVote(t *testing.T) {
	w := newWorld(t)
	want := []string{BA, BB, IPO, IP2, CPC, REG, OP}
	check := func() {
		t.Helper()
		slices.Sort(want)
		if got := read[contracts.Members](w, contracts.MembersKey).Parties; !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
	check()
	p := w.passed("parties.admit", w.newcomer(BC, contracts.Bank))
	want = append(want, BC)
	check()
	if p.Result == nil || read[contracts.Party](w, contracts.PartyKey(BC)).Status != contracts.PartyActive {
		t.Fatalf("%+v", p)
	}
	id := w.proposed(BC, "consortium.set_parameters", change("claim.expiry", 60))
	if p := w.proposal(id); len(p.Ballots) != 1 {
		t.Fatalf("%+v", p)
	}
}

func TestANewMemberProvesThatItHoldsItsKey(t *testing.T) {
	w := newWorld(t)
	other := func(edit args) args {
		a := w.newcomer(BC, contracts.Bank)
		maps.Copy(a, edit)
		return a
	}
	// What does not hold is not even proposed: it would be on the ledger for ever.
	for name, edit := range map[string]args{
		"a signature for another organisation": {"possession": w.newcomer(GUA, contracts.Bank)["possession"]},
		"no signature":                         {"possession": ""},
		"some text":                            {"possession": base64.StdEncoding.EncodeToString([]byte("张三 11010519491231002X"))},
		"another key":                          {"admin_key": w.key(BA, contracts.Admin).String()},
		"another name":                         {"name_zh": "别的名字"},
		"an English name":                      {"name_en": "Bank"},
		"another role":                         {"role": "OPERATOR"},
		"another area":                         {"area_code": "510104"},
	} {
		o := w.do("consortium.propose", w.call("parties.admit", other(edit)), w.admin(BA))
		if o.Code != contracts.ESignature || o.Details[0].Field != "args.possession" {
			t.Errorf("%s: %v %s %+v", name, o.Status, o.Code, o.Details)
		}
	}
	for name, c := range map[string]struct {
		uscc, code string
	}{
		"a mistyped code":     {"91510100MA6M3H2J9P", contracts.ECheckDigit},
		"who is here already": {BA, contracts.EDuplicate},
	} {
		p := w.carried("parties.admit", w.proven(w.private(BC, contracts.Admin), other(args{"uscc": c.uscc})))
		if p.Stored != consortium.Failed || p.Code != c.code || p.Failures[0].Field != "uscc" {
			t.Errorf("%s: %s %+v", name, p.Code, p.Failures)
		}
	}
	w.passed("parties.admit", other(nil))
	if p := w.carried("parties.admit", other(nil)); p.Code != contracts.EDuplicate || len(p.Failures) != 2 {
		t.Errorf("the same again: %+v", p.Failures)
	}
	node := w.private(BA, contracts.Validator)
	p := w.carried("parties.admit", w.proven(node, args{
		"uscc": GUA, "name_zh": "担保", "role": "GUARANTOR", "area_code": "510100", "admin_key": node.Public().String(),
	}))
	w.wantFailed(p, contracts.EDuplicate, "admin_key", contracts.ReasonKeyUsed)
}
