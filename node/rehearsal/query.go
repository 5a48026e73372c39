// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// maxAnswer bounds an answer of the API in bytes.
const maxAnswer = 16 << 20

// check asks the API at the time of the check and holds the answer against what the
// story wants.
func (p *player) check(ctx context.Context, check Check, played *Played) error {
	if err := p.stage.advance(ctx, played.Part.At); err != nil {
		return err
	}
	played.Time = time.UnixMilli(p.stage.node.Head().Header.Time)
	var err error
	if played.Asked, err = address(check.Query, p.names); err != nil {
		return p.story.fault(played.Part, fmt.Errorf("query: %w", err))
	}
	if err := p.ask(ctx, check.As, played); err != nil {
		return err
	}
	if check.Status != 0 && played.Status != check.Status {
		played.Differences = append(played.Differences, Difference{
			What: "status", Wanted: fmt.Sprint(check.Status), Got: words(fmt.Sprint(played.Status), played.Code),
		})
	}
	if check.Status == 0 || !check.Expect.OK() {
		played.compare(check.Expect)
	}
	if len(played.Differences) > 0 || len(check.Want) == 0 {
		return nil
	}
	answer, err := decodeJSON(played.Answer)
	if err != nil {
		return fmt.Errorf("GET %s: its answer is no JSON: %w", played.Asked, err)
	}
	played.Differences, err = comparison{p.names}.differences(check.Want, answer)
	if err != nil {
		return p.story.fault(played.Part, fmt.Errorf("want: %w", err))
	}
	return nil
}

// ask makes the request, signed if somebody is named who asks.
func (p *player) ask(ctx context.Context, as *Person, played *Played) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.stage.node.URL()+played.Asked, nil)
	if err != nil {
		return p.story.fault(played.Part, fmt.Errorf("query: %w", err))
	}
	r.Header.Set("Accept", "application/json")
	if as != nil {
		if err := api.SignRequest(r, nil, p.story.cast.key(*as), p.stage.now(), ""); err != nil {
			return err
		}
	}
	answer, err := p.stage.http.Do(r)
	if err != nil {
		return fmt.Errorf("GET %s: %w", played.Asked, err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("GET %s: %w", played.Asked, err)
	}
	played.Status, played.Answer = answer.StatusCode, bytes.TrimSpace(raw)
	if answer.StatusCode < http.StatusBadRequest {
		return nil
	}
	var problem api.Problem
	if err := json.Unmarshal(raw, &problem); err != nil || problem.Code == "" {
		return fmt.Errorf("GET %s: status %d without a code", played.Asked, answer.StatusCode)
	}
	var failures []ledger.Failure
	for _, d := range problem.Details {
		failures = append(failures, ledger.Failure{
			Code: d.Code, Ground: d.Ground, Field: d.Field, Subject: d.Subject, Reason: d.Reason, Message: d.Message, ZH: d.MessageZH,
		})
	}
	played.refuse(failures)
	played.Code, played.Ground = problem.Code, problem.Ground
	return nil
}

// address fills names into a query and encodes what is left. A part of the path
// behind the resource, and the value of a parameter, may be a name of the cast; a
// role is not, since BANK or IPO may be both.
func address(query string, n names) (string, error) {
	path, parameters, asked := strings.Cut(query, "?")
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		value, err := addressPart(segment, n, i > 2)
		if err != nil {
			return "", err
		}
		segments[i] = url.PathEscape(value)
	}
	out := strings.Join(segments, "/")
	if !asked {
		return out, nil
	}
	pairs := strings.Split(parameters, "&")
	for i, pair := range pairs {
		name, text, given := strings.Cut(pair, "=")
		if pairs[i] = url.QueryEscape(decoded(name)); !given {
			continue
		}
		value, err := addressPart(text, n, name != "role" && name != "kind")
		if err != nil {
			return "", err
		}
		pairs[i] += "=" + url.QueryEscape(value)
	}
	return out + "?" + strings.Join(pairs, "&"), nil
}

func addressPart(text string, n names, mayName bool) (string, error) {
	text = decoded(text)
	if id, ok := n.cast.partyID(text); ok && mayName {
		return id, nil
	}
	if p, ok := n.cast.named(text); ok && mayName {
		return n.cast.personID(p), nil
	}
	return n.text(text)
}

// decoded reads %xx where a story has it. Everything else stands for itself: a plus is
// that of a time's zone and no space.
func decoded(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
