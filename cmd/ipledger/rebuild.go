// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/datadir"
)

func nodeRebuildCommand(e *env) *cobra.Command {
	var dir string
	var ledger, consensus, yes bool
	cmd := &cobra.Command{
		Use:   "rebuild --dir DIR (--ledger | --consensus --yes)",
		Short: "Move a damaged database aside, so that the node can start again",
		Long: `Move a damaged database of a node that does not run aside. Nothing is deleted:
the folder keeps its files as NAME.damaged-TIME.

--ledger: at its next start the node fetches all blocks from other members,
checks the certificate of each, and then votes again. It loses nothing.

--consensus: the record of what this node has signed is gone, and a key whose
votes are not known must never vote again. This version cannot give a validator
another key: from then on the node follows and serves certified answers as an
observer, and the other members must be a quorum without it. Asks for --yes.`,
		Example: `  ipledger node rebuild --dir ba --ledger
  ipledger node rebuild --dir ba --consensus --yes`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if ledger == consensus {
				return wrongCall("give --ledger or --consensus, one of the two")
			}
			if consensus && !yes {
				return wrongCall("%s", e.text(
					"nothing was changed: without its consensus database the key of this node never votes again, and this version cannot give it another one; if that is meant, give --yes",
					"未作任何变更：移走共识数据库后，本节点的密钥将不再投票，且本版本不能为其换用其他密钥；如确认执行，请加 --yes"))
			}
			return e.rebuildNode(dir, ledger)
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "data directory")
	cmd.Flags().BoolVar(&ledger, "ledger", false, "move the ledger database aside")
	cmd.Flags().BoolVar(&consensus, "consensus", false, "move the consensus database aside and give up the validator key")
	cmd.Flags().BoolVar(&yes, "yes", false, "with --consensus: this key shall never vote again")
	require(cmd, "dir")
	return cmd
}

func (e *env) rebuildNode(dir string, ledger bool) error {
	answer := struct {
		Database    string `json:"database"`
		Moved       string `json:"moved,omitempty"`
		Surrendered string `json:"surrendered,omitempty"`
	}{Database: "ledger"}
	if ledger {
		aside, err := datadir.RebuildLedger(dir, e.Now())
		if err != nil {
			return err
		}
		answer.Moved = aside
	} else {
		key, aside, err := datadir.RebuildConsensus(dir, e.Now())
		if err != nil {
			return err
		}
		answer.Database, answer.Moved, answer.Surrendered = "consensus", aside, key.String()
	}
	t := newTable()
	t.fact("database", answer.Database)
	t.fact("moved to", answer.Moved)
	if !ledger {
		t.fact("never votes again", answer.Surrendered)
	}
	if err := e.show(answer, t); err != nil {
		return err
	}
	if ledger {
		e.say(e.text("Next: ipledger node start --dir %s; it fetches all blocks from other members, and then votes again. Delete the moved folder when it has.",
			"下一步：ipledger node start --dir %s；节点将从其他成员重新获取全部区块，完成后恢复投票，届时可删除移出的目录。"), dir)
	} else {
		e.say(e.text("Next: ipledger node start --dir %s; it follows as an observer and serves certified answers. Keep the other members running, which must be a quorum without it.",
			"下一步：ipledger node start --dir %s；节点以观察者身份同步并继续提供经认证的查询。此后须由其他成员达到法定数量，请保持其运行。"), dir)
	}
	return nil
}
