// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
)

// versions are the protocol versions that this package speaks, newest first. A new one is added
// in front; the old one goes when no member runs a release that knows no newer one.
var versions = []int{1}

// kindOfRequests stands in the protocol name of requests, where frames have their class.
const kindOfRequests = "sync"

// maxNegotiation bounds what a member may say before a protocol is agreed on, in bytes: enough to
// name a dozen.
const maxNegotiation = 1 << 10

// protocolName is the name of a protocol in its parts: /ipledger/<network>/<kind>/<version>, with
// the first 16 digits of the genesis hash as the network.
type protocolName struct {
	network string
	kind    string
	version int
}

func (n protocolName) id() protocol.ID {
	return protocol.ID("/ipledger/" + n.network + "/" + n.kind + "/" + strconv.Itoa(n.version))
}

func parseProtocol(id protocol.ID) (protocolName, bool) {
	parts := strings.Split(string(id), "/")
	if len(parts) != 5 || parts[0] != "" || parts[1] != "ipledger" {
		return protocolName{}, false
	}
	version, err := strconv.Atoi(parts[4])
	name := protocolName{network: parts[2], kind: parts[3], version: version}
	return name, err == nil && version > 0 && name.id() == id
}

// protocols returns the names under which streams of a kind are offered and accepted, the newest
// version first.
func (s *settings) protocols(kind string) []protocol.ID {
	var ids []protocol.ID
	for _, version := range s.versions {
		ids = append(ids, protocolName{s.network(), kind, version}.id())
	}
	return ids
}

func (s *settings) network() string { return s.Network[:16] }

// agree offers all versions of a kind, the newest first: the member takes the first that it knows.
func (h *Host) agree(stream network.Stream, kind string) (version int, err error) {
	if err := stream.SetDeadline(time.Now().Add(h.settings.HandshakeTimeout)); err != nil {
		return 0, err
	}
	id, err := multistream.SelectOneOf(h.settings.protocols(kind), stream)
	if err != nil {
		return 0, err
	}
	if err := stream.SetProtocol(id); err != nil {
		return 0, err
	}
	name, _ := parseProtocol(id)
	return name.version, stream.SetDeadline(time.Time{})
}

// disagreement is why a stream of a member was refused before it began.
type disagreement struct {
	reason Reason
	kind   string // of what it asked for last, if that has a name of ours
	theirs []int  // the versions it asked for, if that is the reason
	cause  error
}

// repeats reports whether the same is said of the control stream that belongs to this one.
func (d *disagreement) repeats() bool {
	return d.reason != RefusedProtocol && d.kind != Control.String()
}

// negotiate answers a member's offers with the first that this node knows.
func (h *Host) negotiate(stream network.Stream) (kind string, refused *disagreement) {
	refuse := func(err error) (string, *disagreement) {
		return "", &disagreement{reason: RefusedProtocol, cause: err}
	}
	if err := stream.SetDeadline(time.Now().Add(h.settings.HandshakeTimeout)); err != nil {
		return refuse(err)
	}
	var asked []protocolName
	offered := multistream.NewMultistreamMuxer[protocol.ID]()
	for _, kind := range h.kinds() {
		for _, id := range h.settings.protocols(kind) {
			offered.AddHandler(id, nil)
		}
	}
	// Asked last, about whatever is not known.
	offered.AddHandlerWithFunc("", func(id protocol.ID) bool {
		if name, ok := parseProtocol(id); ok {
			asked = append(asked, name)
		}
		return false
	}, nil)
	id, _, err := offered.Negotiate(limited{stream, io.LimitReader(stream, maxNegotiation)})
	if err != nil {
		return "", h.judge(asked, err)
	}
	if err := stream.SetProtocol(id); err != nil {
		return refuse(err)
	}
	if err := stream.SetDeadline(time.Time{}); err != nil {
		return refuse(err)
	}
	name, _ := parseProtocol(id)
	return name.kind, nil
}

// judge says why nothing that a member asked for is known.
func (h *Host) judge(asked []protocolName, cause error) *disagreement {
	d := &disagreement{reason: RefusedProtocol, cause: cause}
	for _, name := range asked {
		d.kind = name.kind
		switch {
		case name.network != h.settings.network():
			d.reason = RefusedNetwork
			d.cause = fmt.Errorf("its genesis hash begins with %.16s, ours with %s", name.network, h.settings.network())
		case slices.Contains(h.kinds(), name.kind):
			d.reason = RefusedVersion
			d.theirs = append(d.theirs, name.version)
		}
	}
	if d.reason == RefusedVersion {
		d.cause = fmt.Errorf("it speaks %s, this node %s", versionsText(d.theirs), versionsText(h.settings.versions))
	}
	return d
}

// kinds are all kinds of streams.
func (h *Host) kinds() []string {
	kinds := []string{kindOfRequests}
	for class := range Class(classes) {
		kinds = append(kinds, class.String())
	}
	return kinds
}

// versionsText writes versions as a person would: "version 2", "versions 1 to 3".
func versionsText(versions []int) string {
	least, most := slices.Min(versions), slices.Max(versions)
	if least == most {
		return fmt.Sprintf("version %d", least)
	}
	return fmt.Sprintf("versions %d to %d", least, most)
}

// limited is a stream of which only so much is read.
type limited struct {
	network.Stream
	reader io.Reader
}

func (l limited) Read(p []byte) (int, error) { return l.reader.Read(p) }
