// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package datadir

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
)

// TestEveryFaultIsToldInTwoLanguages reads what people are told of each kind.
func TestEveryFaultIsToldInTwoLanguages(t *testing.T) {
	for _, err := range []error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EACCES, syscall.EIO, ledger.ErrCorrupt,
		database.ErrInUse, database.ErrForeign, database.ErrNewer, database.ErrOlder, errors.New("of no kind"),
	} {
		for _, name := range []string{Consensus, Ledger} {
			text := (&Fault{Dir: "/data", Database: name, Err: fmt.Errorf("write: %w", err)}).Text()
			for _, s := range []string{text.Title, text.Advice, text.AdviceZH, text.Remedy, text.RemedyZH} {
				if s == "" || strings.Contains(s, "%!") {
					t.Errorf("%v, %s: %q", err, name, s)
				}
			}
			if errors.Is(err, ledger.ErrCorrupt) && !strings.Contains(text.Remedy, "ipledger node rebuild --dir /data --"+name) {
				t.Errorf("damage of %s: %s", name, text.Remedy)
			}
			if strings.Contains(text.Remedy, "rotated") || strings.Contains(text.RemedyZH, "更换验证者密钥") {
				t.Errorf("%v, %s promises another key: %s %s", err, name, text.Remedy, text.RemedyZH)
			}
			if errors.Is(err, database.ErrOlder) && strings.Contains(text.Remedy, "rebuild") != (name == Ledger) {
				t.Errorf("an older %s: %s", name, text.Remedy)
			}
		}
	}
	if err := errors.New("of no kind"); FaultOf("/data", Ledger, err) != err {
		t.Error("what is no fault of a database becomes one")
	}
}
