// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
)

func (s *server) describeNetwork(a huma.API) {
	problemSchema(a)
	register(s, a, operation(http.MethodGet, "/v1/status", "getStatus", "Where this node stands", levelPublic), s.getStatus)
	register(s, a, operation(http.MethodGet, "/v1/methods", "listMethods", "Methods of all contracts with their schemas", levelPublic), s.listMethods)
}

// register adds an operation that runs for whom its level lets pass, and whose errors
// become problems.
func register[I, O any](s *server, a huma.API, op endpoint, run func(context.Context, *I) (*O, error)) {
	huma.Register(a, op.Operation, func(ctx context.Context, in *I) (*O, error) {
		err := pass(ctx, op.level, in)
		var out *O
		if err == nil {
			out, err = run(ctx, in)
		}
		if err != nil {
			return nil, s.problem(ctx, op.Path, err)
		}
		return out, nil
	})
}

// problem turns an error into an answer and logs what is a fault of this node.
func (s *server) problem(ctx context.Context, path string, err error) *Problem {
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		s.Logger.ErrorContext(ctx, "request failed", "path", path, "error", err.Error())
	}
	return p
}

// nothing is the input of an operation without parameters.
type nothing struct{}

func (s *server) getStatus(context.Context, *nothing) (*answer[Status], error) {
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	st := s.status(v)
	e, err := contracts.ReadExecution(v)
	if err != nil {
		return nil, err
	}
	next, ok := s.Versions.Missing(e, v.header.Height)
	if !ok {
		next, ok = e.Next(v.header.Height)
	}
	if ok {
		st.Upgrade = &ScheduledUpgrade{Version: next.Version, Height: next.Height, Known: s.Versions.Of(next.Version) != nil}
	}
	return answerOf(v, st), nil
}

// status joins what the node knows with what follows from the block.
func (s *server) status(v *view) Status {
	st := s.Node.Status()
	st.Network = s.Genesis.Name
	st.Chain = s.Trust.Chain
	st.Suite = s.Trust.Suite.Name()
	st.Place = v.place()
	st.StateRoot = v.header.StateRoot
	st.Version = s.Version
	st.ExecutionVersion = v.header.ExecutionVersion
	if st.Validators == nil {
		st.Validators = []ValidatorStatus{}
		if set, err := s.Trust.Set(st.Set); err == nil {
			for _, m := range set.Members {
				st.Validators = append(st.Validators, ValidatorStatus{Name: m.Name, Organisation: m.Organisation, Key: m.Key})
			}
		}
	}
	return st
}

func (s *server) listMethods(context.Context, *nothing) (*answer[Methods], error) {
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	rules, version, err := s.rulesAfter(v)
	if err != nil {
		return nil, err
	}
	out := Methods{ExecutionVersion: version, Items: []Method{}}
	for _, m := range rules.Methods() {
		item := Method{
			Contract: m.Contract, Version: m.Version, Method: m.Name, Doc: m.Doc, DocZH: m.DocZH, Sealed: m.Sealed,
			Signers: MethodSigners{
				Actors: []string{}, Roles: whole(m.Rule.Roles), May: whole(m.Rule.May), Others: whole(m.Rule.Others), NewKey: m.Rule.NewKey, ByNode: m.Rule.ByNode, Vote: m.Rule.Vote,
			},
			ArgsSchema: m.ArgsSchema(), ResultSchema: m.ResultSchema(),
		}
		for _, role := range m.Rule.Actors {
			item.Signers.Actors = append(item.Signers.Actors, string(role))
		}
		out.Items = append(out.Items, item)
	}
	return answerOf(v, out), nil
}

// whole gives a list that is never null in JSON.
func whole[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
