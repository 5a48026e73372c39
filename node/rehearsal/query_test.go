// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import "testing"

func TestAQueryIsEncodedAsItIsWritten(t *testing.T) {
	n := names{cast: testCast(t), saved: map[string]any{"no": "IPR-1", "space": "a b"}}
	for query, want := range map[string]string{
		"/v1/rights/$no":                              "/v1/rights/IPR-1",
		"/v1/rights?owner=RX":                         "/v1/rights?owner=91510100MA6CA1R24N",
		"/v1/parties?role=IPO&kind=IPO":               "/v1/parties?role=IPO&kind=IPO",
		"/v1/x?at_time=2026-02-25T00:00:00+08:00":     "/v1/x?at_time=2026-02-25T00%3A00%3A00%2B08%3A00",
		"/v1/x?at_time=2026-02-25T00:00:00%2B08:00":   "/v1/x?at_time=2026-02-25T00%3A00%3A00%2B08%3A00",
		"/v1/x?at_time=2026-02-25 09:00":              "/v1/x?at_time=2026-02-25+09%3A00", // a space for the API
		"/v1/x?number=ZL 2018 1 0234567.3":            "/v1/x?number=ZL+2018+1+0234567.3",
		"/v1/x?number=川作登字-2023":                      "/v1/x?number=%E5%B7%9D%E4%BD%9C%E7%99%BB%E5%AD%97-2023",
		"/v1/x?share=50%&note=#1":                     "/v1/x?share=50%25&note=%231",
		"/v1/x?name=$space":                           "/v1/x?name=a+b",
		"/v1/x?proof":                                 "/v1/x?proof",
		"/v1/rights/PATENT:201810234567.3/history":    "/v1/rights/PATENT:201810234567.3/history",
		"/v1/rights/PATENT:ZL 2018 1 0234567.3?a=b=c": "/v1/rights/PATENT:ZL%202018%201%200234567.3?a=b%3Dc",
	} {
		if got, err := address(query, n); err != nil || got != want {
			t.Errorf("%s\n got %s, %v\nwant %s", query, got, err, want)
		}
	}
}

func TestIdsAreShortAndWhatADifferenceShowsIsNot(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	if got := short("of " + id + ", and " + id[1:]); got != "of 0123456789ab…, and "+id[1:] {
		t.Error(got)
	}
	var lines []string
	tr := &transcript{tell: func(line string) error { lines = append(lines, line); return nil }}
	tr.part(Played{Part: Part{Check: new(Check)}, Asked: "/v1/x", Differences: []Difference{{What: "id", Wanted: id, Got: "x"}}})
	if len(lines) < 3 || lines[2] != "      wanted  "+id {
		t.Errorf("%q", lines)
	}
}
