// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/node/api"
)

// scrape gives the series of /metrics with their values.
func scrape(t *testing.T, address string) map[string]string {
	t.Helper()
	a, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	series := map[string]string{}
	lines := bufio.NewScanner(a.Body)
	for lines.Scan() {
		if line := lines.Text(); !strings.HasPrefix(line, "#") {
			name, value, ok := cutLast(line, " ")
			if !ok {
				t.Fatalf("line %q", line)
			}
			series[name] = value
		}
	}
	return series
}

func cutLast(s, sep string) (string, string, bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// raw sends a request that no HTTP library would write.
func raw(t *testing.T, address, request string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", request)
	_, _ = io.Copy(io.Discard, conn) // whatever the answer is
}

func TestWhateverClientsSendTheNumberOfSeriesIsBounded(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.set(0, "rate_address = 0.0") // the requests shall reach their routes
	c.startAll()
	if tx, err := c.claim(0, "201810234567.3"); err != nil || tx.Status != api.Final {
		t.Fatalf("%+v, %v", tx, err)
	}
	address := c.configs[0].APIListen
	odd := func(round int) {
		for i := range 30 {
			n := round*1000 + i
			for _, request := range []string{
				fmt.Sprintf("GET /nowhere/%d", n), fmt.Sprintf("GET /v1/rights/PATENT:%d", n), fmt.Sprintf("GET /v1/blocks/%d", n),
				fmt.Sprintf("GET /v1/transactions/%064x?x=%d", n, n), fmt.Sprintf("METHOD%d /v1/status", n), fmt.Sprintf("DELETE /v1/parties/%d", n),
				fmt.Sprintf("GET //v1/../%d", n), fmt.Sprintf("CONNECT /v1/%d", n), fmt.Sprintf("OPTIONS * %d", n), fmt.Sprintf("GET http://host%d/v1/status", n),
				fmt.Sprintf("GET /v1/loans/%%%02x", n%256),
			} {
				raw(t, address, request)
			}
		}
	}
	odd(1)
	scrape(t, address) // is counted itself
	before := scrape(t, address)
	odd(2)
	after := scrape(t, address)
	pageShows(t, after)
	name := regexp.MustCompile(`^(ipledger|go|process)_[a-z0-9_]+(\{.*\})?$`)
	route := regexp.MustCompile(`ipledger_http_request_seconds_count\{code="\d{3}",method="([A-Za-z]+)",route="([^"]*)"\}`)
	routes := map[string]bool{}
	for s := range after {
		if !name.MatchString(s) {
			t.Errorf("series %s", s)
		}
		if _, known := before[s]; !known && !strings.HasPrefix(s, "go_") {
			t.Errorf("more odd requests made a new series %s", s)
		}
		if m := route.FindStringSubmatch(s); m != nil {
			routes[m[1]+" "+m[2]] = true
		}
	}
	for _, want := range []string{"GET none", "other none", "GET /v1/rights/{ref}", "POST /v1/transactions", "GET /metrics"} {
		if !routes[want] {
			t.Errorf("no requests are counted for %s: %v", want, routes)
		}
	}
	if len(after) > 1500 {
		t.Errorf("%d series", len(after))
	}
	for series, want := range map[string]string{
		`ipledger_tx_total{code="",result="final"}`:                         "1",
		`ipledger_p2p_members_connected`:                                    "3",
		`ipledger_p2p_member_connected{member="node2"}`:                     "1",
		`ipledger_node_draining`:                                            "0",
		`ipledger_http_connections_refused_total{bound="address"}`:          "0",
		`ipledger_pebble_flushes_total{database="consensus"}`:               "",
		`ipledger_pebble_cache_reads_total{database="ledger",result="hit"}`: "",
		`ipledger_p2p_frames_total{class="control",direction="sent"}`:       "",
		`ipledger_block_commit_seconds_count`:                               "",
		`ipledger_raft_leader_changes_total`:                                "",
		`ipledger_mempool_bytes`:                                            "",
		`ipledger_disk_free_bytes`:                                          "",
		`ipledger_mempool_transactions`:                                     "",
		`ipledger_consensus_messages_dropped_total{reason="vote"}`:          "",
	} {
		got, ok := after[series]
		if !ok || want != "" && got != want {
			t.Errorf("%s is %q, want %q", series, got, want)
		}
	}
}
