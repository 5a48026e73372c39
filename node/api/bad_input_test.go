// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A badInput is one request that must be refused, or be rejected by a contract
// with a certified outcome. id is that of its transaction, if it has one.
type badInput struct {
	name string
	send func(b *badInputs) reply
	id   ledger.Hash
}

// badInputs sends them all to one world and writes down what was answered.
type badInputs struct {
	t   *testing.T
	w   *world
	out bytes.Buffer
}

// TestBadInput is the table of bad input: testdata/bad_input.golden has each
// case in words, and all that a client reads of the answer. Nothing of it
// changes the ledger or stops the node, and the same honest transaction is FINAL
// afterwards.
func TestBadInput(t *testing.T) {
	b := &badInputs{t: t, w: newWorld(t)}
	b.w.block()
	for _, group := range []struct {
		name  string
		cases []badInput
	}{
		{"The request as HTTP", badHTTP()},
		{"Paths, parameters and identifiers", badParameters()},
		{"The signature of the request", badRequestSignatures()},
		{"The body as JSON", badJSON()},
		{"Drafts", b.badDrafts()},
		{"The body of a transaction as CBOR", b.badEncodings()},
		{"The fields of a transaction", b.badFields()},
		{"The signatures of a transaction", b.badSignatures()},
	} {
		fmt.Fprintf(&b.out, "# %s\n\n", group.name)
		for _, c := range group.cases {
			b.refused(c)
		}
	}
	golden(t, "testdata/bad_input.golden", b.out.Bytes())
	// What is only typed in another way is no bad input.
	for _, spelling := range []string{"ZL 2018 1 0234567.3", "２０１８１０２３４５６７．３", "cn201810234567.3", " 2018102345673"} {
		if a, err := b.w.client().Encumbrance(t.Context(), "PATENT", spelling, api.EncumbranceOptions{}); err != nil || a.Query.Number != canonical {
			t.Errorf("%s is read as %+v %v", spelling, a.Query, err)
		}
	}
	if out := b.w.run(RX, "rights.claim", claim(invention)); out.Status != api.Final {
		t.Errorf("the node is not well after all this: %+v", out)
	}
}

// refused sends one case and holds the answer against what every refusal keeps.
func (b *badInputs) refused(c badInput) {
	b.t.Helper()
	before, submitted := b.w.Head(), len(b.w.received)
	a := c.send(b)
	if a.status < 300 {
		b.t.Errorf("%s: taken: %d %.300s", c.name, a.status, a.body)
		return
	}
	p := a.problem(b.t)
	fmt.Fprintf(&b.out, "%s\n  %d %s", c.name, a.status, p.Code)
	for _, d := range p.Details {
		fmt.Fprintf(&b.out, " [%s]", strings.Join(strings.Fields(d.Reason+" "+d.Field+" "+d.Subject), " "))
	}
	for _, name := range []string{"Allow", "Retry-After"} {
		if value := a.header.Get(name); value != "" {
			fmt.Fprintf(&b.out, " %s: %s", name, value)
		}
	}
	fmt.Fprintf(&b.out, "\n  %s\n  %s\n\n", p.Detail, p.MessageZH)
	if a.status < 400 || a.status >= 500 || len(p.Details) == 0 || p.Details[0].Reason+p.Details[0].Subject == "" && p.Code != contracts.EPrivacy {
		b.t.Errorf("%s: %d, no reason in %+v", c.name, a.status, p)
	}
	for _, text := range []string{p.Detail, p.MessageZH} {
		if strings.ContainsFunc(text, unicode.IsControl) || len(text) > 1000 {
			b.t.Errorf("%s: message %q", c.name, text)
		}
	}
	if !strings.ContainsFunc(p.MessageZH, func(c rune) bool { return unicode.Is(unicode.Han, c) }) || !strings.HasSuffix(p.MessageZH, "。") {
		b.t.Errorf("%s: in Chinese it says %q", c.name, p.MessageZH)
	}
	if after := b.w.Head(); after.Hash != before.Hash || len(b.w.received) != submitted {
		b.t.Errorf("%s: it changed the ledger or reached the mempool", c.name)
	}
	if !c.id.IsZero() {
		if got, err := b.w.client().Transaction(b.t.Context(), c.id, 0); err != nil || got.Status != api.Unknown {
			b.t.Errorf("%s: its transaction is %+v %v", c.name, got, err)
		}
	}
}

// maker signs the requests of these cases.
func (b *badInputs) maker() keys.PrivateKey { return b.w.key(RX, contracts.Maker) }

// ask makes a case of a request that is not signed.
func ask(name, method, target string, body []byte, change ...func(*http.Request)) badInput {
	return badInput{name: name, send: func(b *badInputs) reply { return b.w.send(b.t, method, target, body, nil, change...) }}
}

// tell makes a case of a request that the maker signs.
func tell(name, method, target string, body []byte, change ...func(*http.Request)) badInput {
	return badInput{name: name, send: func(b *badInputs) reply { return b.w.send(b.t, method, target, body, b.maker(), change...) }}
}

// speak makes a case of bytes on the wire; the client then says no more.
func speak(name string, request func(b *badInputs) string) badInput {
	return badInput{name: name, send: func(b *badInputs) reply { return b.w.speak(b.t, request(b)) }}
}

// speak sends bytes over a connection of its own and reads one answer.
func (w *world) speak(t testing.TB, request string) reply {
	t.Helper()
	c, err := net.Dial("tcp", w.server.Listener.Addr().String())
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	sent := make(chan struct{})
	go func() { // an answer may come before all was said
		defer close(sent)
		if _, err := io.WriteString(c, request); err == nil {
			_ = c.(*net.TCPConn).CloseWrite()
		}
	}()
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(t, err)
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	must(t, err)
	_ = c.Close()
	<-sent
	return reply{a.StatusCode, a.Header, raw}
}

// head gives the head of a request, signed by the maker over body, with further
// lines.
func (b *badInputs) head(method, target string, body []byte, lines ...string) string {
	r, err := http.NewRequest(method, "http://node"+target, nil)
	must(b.t, err)
	must(b.t, api.SignRequest(r, body, b.maker(), b.w.clock(), ""))
	var out strings.Builder
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: node\r\nContent-Type: application/json\r\n", method, target)
	must(b.t, r.Header.Write(&out))
	for _, line := range lines {
		out.WriteString(line + "\r\n")
	}
	return out.String() + "\r\n"
}

var someDraft = []byte(`{"contract":"rights","method":"claim","args":{"type":"PATENT","number":"201810234567.3","owners":["` + RX + `"]}}`)

var someSubmission = []byte(`{"body":"AA==","signatures":[{"public_key":"x","signature":"AA=="}]}`)

func badHTTP() []badInput {
	big := []byte(`"` + strings.Repeat("x", api.MaxRequest) + `"`)
	cookies := func(r *http.Request) { r.Header.Set("Cookie", strings.Repeat("x", api.MaxHeader)) }
	return []badInput{
		ask("GET /v1/nothing", "GET", "/v1/nothing", nil),
		ask("GET //v1/status", "GET", "//v1/status", nil),
		ask("GET /v1/../v1/status", "GET", "/v1/../v1/status", nil),
		ask("GET /v1/status/", "GET", "/v1/status/", nil),
		ask("DELETE /v1/rights", "DELETE", "/v1/rights", nil),
		ask("OPTIONS /v1/rights", "OPTIONS", "/v1/rights", nil),
		ask("GET /v1/transactions", "GET", "/v1/transactions", nil),
		ask("PUT /v1/drafts", "PUT", "/v1/drafts", someDraft),
		ask("POST /livez", "POST", "/livez", nil),
		ask("a method of its own: FETCH /v1/status", "FETCH", "/v1/status", nil),
		ask("a read with a body", "GET", "/v1/status", []byte("{}")),
		ask("headers of more than 16 KiB", "GET", "/v1/status", nil, cookies),
		ask("a write without any signature", "POST", "/v1/drafts", someDraft),
		ask("an unsigned body of more than 256 KiB", "POST", "/v1/drafts", big),
		tell("a signed body of more than 256 KiB", "POST", "/v1/transactions", big),
		tell("no body at all", "POST", "/v1/transactions", nil),
		tell("a body that is said to be a form", "POST", "/v1/drafts", someDraft, set("Content-Type", "application/x-www-form-urlencoded")),
		tell("a body in GB 18030", "POST", "/v1/drafts", someDraft, set("Content-Type", "application/json; charset=gb18030")),
		tell("a body that is not said to be anything", "POST", "/v1/drafts", someDraft, func(r *http.Request) { r.Header.Del("Content-Type") }),
		tell("a compressed body", "POST", "/v1/drafts", []byte("\x1f\x8b\x08\x00"), set("Content-Encoding", "gzip")),
		speak("a body shorter than its Content-Length", func(b *badInputs) string {
			return b.head("POST", "/v1/drafts", someDraft, "Content-Length: 9999") + string(someDraft)
		}),
		speak("a body longer than its Content-Length", func(b *badInputs) string {
			return b.head("POST", "/v1/drafts", someDraft, "Content-Length: 40") + string(someDraft)
		}),
		speak("chunks without an end", func(b *badInputs) string {
			return b.head("POST", "/v1/drafts", someDraft, "Transfer-Encoding: chunked") + strings.Repeat("10000\r\n"+strings.Repeat("x", 0x10000)+"\r\n", 6)
		}),
		speak("chunks that break off", func(b *badInputs) string {
			return b.head("POST", "/v1/drafts", someDraft, "Transfer-Encoding: chunked") + "ff\r\nxx"
		}),
		speak("a read with chunks", func(b *badInputs) string {
			return "GET /v1/status HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
		}),
		speak("a read that is announced to be 2^62 bytes", func(b *badInputs) string {
			return "POST /v1/drafts HTTP/1.1\r\nHost: node\r\nContent-Length: 4611686018427387904\r\n\r\n"
		}),
	}
}

func badParameters() []badInput {
	zeros := strings.Repeat("0", 64)
	get := func(name, target string) badInput { return ask(name, "GET", target, nil) }
	return []badInput{
		get("an unknown parameter", "/v1/encumbrance?type=PATENT&number=201810234567.3&hight=1"),
		get("a parameter twice", "/v1/encumbrance?type=PATENT&number=201810234567.3&number=201810234568.1"),
		get("parameters joined with ;", "/v1/encumbrance?type=PATENT;number=201810234567.3"),
		get("broken percent-encoding", "/v1/encumbrance?type=PATENT&number=%zz"),
		get("broken UTF-8 in a parameter", "/v1/rights?owner=%ff%fe"),
		get("broken UTF-8 in a path", "/v1/parties/%ff"),
		get("a parameter that is missing", "/v1/encumbrance?type=PATENT"),
		get("two unknown parameters, one of them hostile", "/v1/status?a%0d%0aX:=1&%e4%b8%ad=2"),
		get("a parameter where none is taken", "/v1/status?verbose=1"),
		get("a height that is no number", "/v1/rights/PATENT:201810234567.3?at_height=x"),
		get("a negative height", "/v1/rights/PATENT:201810234567.3?at_height=-1"),
		get("a fractional height", "/v1/rights/PATENT:201810234567.3?at_height=1.5"),
		get("a height beyond 64 bits", "/v1/rights/PATENT:201810234567.3?at_height=18446744073709551616"),
		get("a height that is not there yet", "/v1/rights/PATENT:201810234567.3?at_height=99"),
		get("a time in words", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_time=yesterday"),
		get("a time before the network", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_time=1"),
		get("a time to come", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_time=2030-01-01T00:00:00%2B08:00"),
		get("a time and a height", "/v1/encumbrance?type=PATENT&number=201810234567.3&at_time=1&at_height=0"),
		get("a limit below its bounds", "/v1/rights?limit=0"),
		get("a limit above its bounds", "/v1/rights?limit=201"),
		get("a status that does not exist", "/v1/rights?state=GOOD"),
		get("a state of a right that does not exist", "/v1/rights?base_state=Confirmed"),
		get("a filter without a value", "/v1/pledges?pledgee="),
		get("a past time without a value", "/v1/rights?at_time="),
		get("a kind of organisation that does not exist", "/v1/parties?role=bank"),
		get("an area that is none", "/v1/rights?area=5101"),
		get("an area in words", "/v1/pledges?area=%E6%88%90%E9%83%BD"),
		get("a time in words, of a list", "/v1/rights?confirmed_from=yesterday"),
		get("a period that ends before it begins", "/v1/rights?confirmed_from=2026-03-01T00:00:00%2B08:00&confirmed_to=2026-02-01T00:00:00%2B08:00"),
		get("a period of pledges that is empty", "/v1/pledges?submitted_from=1771894800000&submitted_to=1771894800000"),
		get("a list of a time to come", "/v1/rights?at_time=2030-01-01T00:00:00%2B08:00"),
		get("a list of a time and a height", "/v1/pledges?at_time=1&at_height=0"),
		get("a right of a time in words", "/v1/rights/PATENT:201810234567.3?at_time=yesterday"),
		get("the history of a right that is not there", "/v1/rights/PATENT:201810234567.3/history"),
		get("the history of a pledge that is not there", "/v1/pledges/PLG-510100-20260312-0000001-1/history"),
		get("a history with a cursor that is made up", "/v1/rights/PATENT:201810234567.3/history?cursor=AAAA"),
		get("a history of the past", "/v1/rights/PATENT:201810234567.3/history?at_height=1"),
		get("a yes that is none", "/v1/encumbrance?type=PATENT&number=201810234567.3&proof=maybe"),
		get("a cursor that is made up", "/v1/rights?cursor=AAAA"),
		get("a cursor of 1 KiB", "/v1/rights?cursor="+strings.Repeat("A", 1025)),
		get("a wrong check digit", "/v1/encumbrance?type=PATENT&number=201810234567.4"),
		get("a blank inside of a number", "/v1/encumbrance?type=PATENT&number=20%2018%2010234567.3"),
		get("a full-width blank inside of a number", "/v1/encumbrance?type=PATENT&number=20%E3%80%8018%E3%80%8010234567.3"),
		get("digits of another script", "/v1/encumbrance?type=PATENT&number=%D9%A2%D9%A0%D9%A1%D9%A810234567.3"),
		get("a NUL in a number", "/v1/encumbrance?type=PATENT&number=201810234567.3%00"),
		get("a kind of patent that the number is not", "/v1/encumbrance?type=PAT_UM&number=201810234567.3"),
		get("a year to come", "/v1/encumbrance?type=PATENT&number=209910234567.6"),
		get("a type that does not exist", "/v1/encumbrance?type=SECRET&number=201810234567.3"),
		get("a number of 300 digits", "/v1/encumbrance?type=PATENT&number="+strings.Repeat("9", 300)),
		get("a right with a wrong check digit", "/v1/rights/IPR-510100-20260224-0000001-0"),
		get("a right that is not there", "/v1/rights/PATENT:201810234567.3"),
		get("a loan's number for a pledge", "/v1/pledges/LON-510100-20260306-0000001-U"),
		get("a credit code with a wrong check character", "/v1/parties/91510100MA6CA1R24X"),
		get("a credit code of 17 characters", "/v1/parties/91510100MA6CA1R24"),
		get("an id that is none", "/v1/transactions/abc"),
		get("an id in capitals", "/v1/transactions/"+strings.Repeat("A", 64)),
		get("the receipt of a transaction that is not there", "/v1/transactions/"+zeros+"/receipt"),
		get("a valid-until that is no time", "/v1/transactions/"+zeros+"?valid_until=soon"),
		get("blocks, without a signature", "/v1/blocks"),
		tell("a block that is not there yet", "GET", "/v1/blocks/7", nil),
		tell("a block of no height", "GET", "/v1/blocks/-1", nil),
		tell("a timeout of two hours", "POST", "/v1/transactions?timeout=2h", someSubmission),
		tell("a timeout that is none", "POST", "/v1/transactions?timeout=soon", someSubmission),
		tell("an unknown parameter of a write", "POST", "/v1/transactions?timeout=1s&wait=1", someSubmission),
	}
}

func badRequestSignatures() []badInput {
	signed := func(name string, change ...func(*http.Request)) badInput {
		return tell(name, "GET", "/v1/blocks", nil, change...)
	}
	by := func(name string, key func(b *badInputs) keys.Signer) badInput {
		return badInput{name: name, send: func(b *badInputs) reply { return b.w.send(b.t, "GET", "/v1/blocks", nil, key(b)) }}
	}
	dated := func(name string, off time.Duration) badInput {
		return badInput{name: name, send: func(b *badInputs) reply {
			return b.w.send(b.t, "GET", "/v1/blocks", nil, nil, func(r *http.Request) {
				must(b.t, api.SignRequest(r, nil, b.maker(), b.w.clock().Add(off), ""))
			})
		}}
	}
	return []badInput{
		signed("no key", func(r *http.Request) { r.Header.Del(api.HeaderKeyID) }),
		signed("no signature", func(r *http.Request) { r.Header.Del(api.HeaderSignature) }),
		signed("two signatures", func(r *http.Request) { r.Header.Add(api.HeaderSignature, "x") }),
		signed("no nonce", func(r *http.Request) { r.Header.Del(api.HeaderNonce) }),
		signed("a nonce of 5 characters", set(api.HeaderNonce, "short")),
		signed("a nonce with a blank", set(api.HeaderNonce, "0123456789 abcdef")),
		signed("an algorithm that does not exist", set(api.HeaderAlgorithm, "rsa")),
		signed("the algorithm of another suite", set(api.HeaderAlgorithm, "sm2-sm3")),
		signed("a time in words", set(api.HeaderTimestamp, "now")),
		signed("half a signature", set(api.HeaderSignature, "AAAA")),
		signed("a signature in hex", set(api.HeaderSignature, strings.Repeat("ab", 64))),
		signed("a signature of the right length that is wrong", set(api.HeaderSignature, strings.Repeat("A", 86)+"==")),
		signed("another query than was signed", func(r *http.Request) { r.URL.RawQuery = "limit=1" }),
		dated("a clock that is 10 minutes behind", -10*time.Minute),
		dated("a clock that is 10 minutes ahead", 10*time.Minute),
		by("a key that is not enrolled", func(b *badInputs) keys.Signer { return keyOf(b.t, b.w.trust.Suite, "stranger") }),
		by("a key of the other suite", func(b *badInputs) keys.Signer {
			suite, err := keys.SuiteByName("sm2")
			must(b.t, err)
			return keyOf(b.t, suite, RX+"/maker")
		}),
		{name: "a request that was sent before", send: func(b *badInputs) reply {
			again := func(r *http.Request) {
				must(b.t, api.SignRequest(r, nil, b.maker(), b.w.clock(), "nonce-nonce-nonce"))
			}
			b.w.send(b.t, "GET", "/v1/blocks", nil, nil, again)
			return b.w.send(b.t, "GET", "/v1/blocks", nil, nil, again)
		}},
		speak("a body without a digest", func(b *badInputs) string {
			return b.head("POST", "/v1/drafts", nil, fmt.Sprintf("Content-Length: %d", len(someDraft))) + string(someDraft)
		}),
		speak("another body than was signed", func(b *badInputs) string {
			return b.head("POST", "/v1/drafts", someDraft, fmt.Sprintf("Content-Length: %d", len(someDraft))) + strings.Replace(string(someDraft), "claim", "clain", 1)
		}),
	}
}

func badJSON() []badInput {
	post := func(name, body string) badInput { return tell(name, "POST", "/v1/drafts", []byte(body)) }
	fill := func(args string) string { return `{"contract":"rights","method":"claim","args":` + args + `}` }
	return []badInput{
		post("a body that breaks off", `{"contract":`),
		post("a text that breaks off", `{"contract":"rig`),
		post("no JSON", `contract=rights`),
		post("only blanks", "  \n"),
		post("a byte order mark", "\ufeff{}"),
		post("data after the end", `{"contract":"rights","method":"claim","args":{}}{}`),
		post("words after the end", `{"contract":"rights","method":"claim","args":{}} end`),
		post("a comma too many", `{"contract":"rights","method":"claim","args":{},}`),
		post("a list for the whole", `[]`),
		post("null for the whole", `null`),
		post("null for a field", `{"contract":null,"method":"claim","args":{}}`),
		post("fields that are missing", `{}`),
		post("an unknown field", `{"contract":"rights","method":"claim","args":{},"colour":"red"}`),
		post("a field in capitals", `{"Contract":"rights","method":"claim","args":{}}`),
		post("a field twice", `{"contract":"rights","contract":"pledges","method":"claim","args":{}}`),
		post("a field twice, once in escapes", `{"contract":"rights","\u0063ontract":"pledges","method":"claim","args":{}}`),
		post("an argument twice", fill(`{"type":"PATENT","type":"TM"}`)),
		post("a name twice, deep in lists and numbered names", fill(`{"owners":["x",{"7":[{"a":1,"a":2}]}]}`)),
		post("a number for a text", `{"contract":1,"method":"claim","args":{}}`),
		post("a text for a number", `{"contract":"rights","version":"1","method":"claim","args":{}}`),
		post("a fraction for a version", `{"contract":"rights","version":1.0,"method":"claim","args":{}}`),
		post("an exponent for a version", `{"contract":"rights","version":1e0,"method":"claim","args":{}}`),
		post("a negative version", `{"contract":"rights","version":-1,"method":"claim","args":{}}`),
		post("a version beyond 64 bits", `{"contract":"rights","version":18446744073709551616,"method":"claim","args":{}}`),
		post("a number of 1,000 digits", fill(`{"type":`+strings.Repeat("9", 1000)+`}`)),
		post("a number with a leading zero", `{"contract":"rights","version":01,"method":"claim","args":{}}`),
		post("a time that is none", `{"contract":"rights","method":"claim","args":{},"valid_until":"tomorrow"}`),
		post("a time that is a list", `{"contract":"rights","method":"claim","args":{},"valid_until":[]}`),
		post("half of a surrogate pair", fill(`{"title":"\ud800"}`)),
		post("two halves in the wrong order", fill(`{"title":"\udc00\ud800"}`)),
		post("broken UTF-8", fill("{\"title\":\"\xff\xfe\"}")),
		post("overlong UTF-8", fill("{\"title\":\"\xc0\xaf\"}")),
		post("broken UTF-8 in a name", fill("{\"\xff\":1}")),
		post("a control character in a text", fill("{\"title\":\"a\nb\"}")),
		post("an escape that does not exist", fill(`{"title":"\x41"}`)),
		post("lists in lists, 10,000 deep", fill(strings.Repeat("[", 10000))),
		post("objects in objects, 17 deep", fill(strings.Repeat(`{"a":`, 17)+"1"+strings.Repeat("}", 17))),
		post("17 signers", `{"contract":"rights","method":"claim","args":{},"signers":[`+strings.Repeat("{},", 16)+`{}]}`),
		post("a contract of 33 characters", `{"contract":"`+strings.Repeat("a", 33)+`","method":"claim","args":{}}`),
		tell("base64 of the URL alphabet", "POST", "/v1/transactions", []byte(`{"body":"_-A=","signatures":[{"public_key":"x","signature":"AA=="}]}`)),
		tell("base64 without padding", "POST", "/v1/transactions", []byte(`{"body":"AA","signatures":[{"public_key":"x","signature":"AA=="}]}`)),
		tell("base64 with a line end", "POST", "/v1/transactions", []byte(`{"body":"AA\n==","signatures":[{"public_key":"x","signature":"AA=="}]}`)),
		tell("no signatures", "POST", "/v1/transactions", []byte(`{"body":"AA==","signatures":[]}`)),
		tell("fields of two signatures wrong", "POST", "/v1/transactions", []byte(`{"body":"AA==","signatures":[{"public_key":1,"signature":"AA=="},{"public_key":"x"}]}`)),
	}
}

func (b *badInputs) badDrafts() []badInput {
	draft := func(name string, fields args) badInput {
		in := args{"contract": "rights", "method": "claim", "args": claim(invention)}
		for k, v := range fields {
			in[k] = v
		}
		raw, err := json.Marshal(in)
		must(b.t, err)
		return tell(name, "POST", "/v1/drafts", raw)
	}
	with := func(name, value any) args { return args{"args": changed(claim(invention), name.(string), value)} }
	return []badInput{
		draft("an unknown contract", args{"contract": "wrongs"}),
		draft("an unknown method", args{"method": "steal"}),
		draft("an unknown version", args{"version": 9}),
		draft("version 0", args{"version": 0, "contract": "rights2"}),
		draft("an unknown argument", with("colour", "red")),
		draft("an argument in capitals", args{"args": args{"TYPE": "PATENT", "number": invention, "owners": []string{RX}}}),
		draft("an argument of another type", with("owners", RX)),
		draft("null for an argument", with("number", nil)),
		draft("arguments that are a list", args{"args": []int{1}}),
		draft("arguments that are null", args{"args": nil}),
		draft("an argument that is too long", with("title", strings.Repeat("长", 300))),
		draft("an argument with a line end", with("title", "一种\n方法")),
		draft("an argument that turns the direction of writing", with("title", "a\u202eb")),
		draft("an argument that is not in normal form C", with("title", "e\u0301")),
		draft("a resident identity number in an argument", with("title", "11010519491231002X")),
		draft("a client reference of 65 characters", args{"client_ref": strings.Repeat("r", 65)}),
		draft("a client reference with a blank", args{"client_ref": "a b"}),
		draft("a client reference with a line end", args{"client_ref": "a\nb"}),
		draft("a client reference with a slash", args{"client_ref": "a/b"}),
		draft("a client reference in Chinese", args{"client_ref": "流水号"}),
		draft("a resident identity number for a reference", args{"client_ref": "11010519491231002X"}),
		draft("an actor that is not registered", args{"actor": JG}),
		draft("an actor that is no party id", args{"actor": "RX / 1"}),
		draft("a valid-until that is over", args{"valid_until": "2026-02-24T08:00:00+08:00"}),
		draft("a valid-until ten years ahead", args{"valid_until": "2036-02-24T09:00:00+08:00"}),
		draft("a commitment that is not 32 bytes", args{"commitments": []string{"00"}}),
		draft("a signer without a key", args{"signers": []args{{"organisation": RX, "role": "maker"}}}),
		draft("a signer with a broken key", args{"signers": []args{{"organisation": RX, "role": "maker", "public_key": "ed25519:00"}}}),
		draft("a signer with a key of small order", args{"signers": []args{{"organisation": RX, "role": "maker", "public_key": "ed25519:01" + strings.Repeat("00", 31)}}}),
		draft("a signer with a key of the other suite", args{"signers": []args{{"organisation": RX, "role": "maker", "public_key": otherSuite(b.t)}}}),
		draft("a signer with a role that is no name", args{"signers": []args{{"organisation": RX, "role": "Maker!", "public_key": b.maker().Public().String()}}}),
	}
}

func changed(a args, name string, value any) args {
	a[name] = value
	return a
}

// otherSuite is the text form of a key that this network has no use for.
func otherSuite(t testing.TB) string {
	suite, err := keys.SuiteByName("sm2")
	must(t, err)
	return keyOf(t, suite, "other").Public().String()
}
