// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/node/edge"
	"github.com/ipledger/ipledger/node/rehearsal"
)

// Exit codes. They are interface.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitRefused     = 3 // a file does not prove what it claims
	exitUnreachable = 4 // no node answers, or not now
	exitConflict    = 5 // what exists already stands against it
)

// A usageError says that the command was called wrongly; nothing was done.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// wrongCall is a usageError found after the flags were read.
func wrongCall(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errAnswered ends a command with exitFailure whose answer, already printed,
// is the failure.
var errAnswered = errors.New("the answer is no")

// errExpired says that a transaction can take no effect any more.
var errExpired = errors.New("expired")

// A verdict is what an error means to the caller: the exit code, what is still
// safe and what to do.
type verdict struct {
	code   int
	name   string // stable; "": codeName finds it
	title  string // in Chinese; the error's own text is the English one
	en, zh string // advice
}

// judge is the one place that turns errors into exit codes.
func judge(err error) verdict {
	var usage usageError
	var refused *ledger.VerifyError
	var rejected *rejectedError
	var lost *receiptLost
	var open *unanswered
	var typed *identifier.Error
	var problem *api.Problem
	var refusal *contracts.Refusal
	var version *api.VersionError
	var fault *datadir.Fault
	var story *rehearsal.Fault
	switch {
	case errors.As(err, &usage):
		return verdict{code: exitUsage, title: "用法错误", en: "Nothing was done", zh: "未执行任何操作"}
	case errors.As(err, &story):
		return verdict{code: exitUsage, title: "剧本有误", en: "Correct the story; docs/stories/README.md says how one is written", zh: "请修改剧本；写法见 docs/stories/README.md"}
	case errors.As(err, &refused):
		v := refusalTexts(refused.Reason)
		v.code, v.title = exitRefused, "拒绝采信"
		return v
	case errors.As(err, &rejected):
		return rejected.verdict()
	case errors.As(err, &lost):
		return lost.verdict()
	case errors.As(err, &open):
		return open.verdict()
	case errors.As(err, &typed):
		return verdict{code: exitFailure, title: typed.ReasonZH, en: "Nothing was changed. Correct the value and try again.", zh: "未作任何变更。请更正后重试。"}
	case errors.As(err, &version):
		return verdict{code: exitFailure} // it says all in both languages
	case errors.As(err, &problem):
		// The node has explained it already, in both languages.
		return verdict{code: codeOf(problem)}
	case errors.As(err, &refusal) && refusal.Refuses():
		first := refusal.Failures[0]
		en, zh := contracts.Text(first.Code, first.Ground, first.Reason)
		return verdict{code: codeOf(refusal), title: "参数不符合要求", en: en, zh: zh}
	case errors.As(err, &fault):
		t := fault.Text()
		return verdict{code: exitFailure, title: t.Title, en: t.Advice + "\n  " + t.Remedy, zh: t.AdviceZH + "\n  " + t.RemedyZH}
	case errors.Is(err, ledger.ErrCorrupt):
		return verdict{code: exitFailure, title: "存储数据损坏", en: "The node stopped rather than serve doubtful data; the other nodes hold the ledger. Keep the directory, then rebuild it from them.", zh: "为避免提供不可靠的数据，节点已停止；账本由其他节点完整保存。请保留该目录并从其他节点重建。"}
	case errors.Is(err, edge.ErrListen):
		return verdict{code: exitFailure, title: "无法监听指定地址或端口", en: "Nothing is lost. Look which program holds the port (ss -ltnp); end it, or give this node another address in node.toml: api_listen, p2p_listen or profile_listen.", zh: "数据未丢失。请查看占用该端口的程序（ss -ltnp）并将其停止，或在 node.toml 中为本节点更换 api_listen、p2p_listen 或 profile_listen 地址。"}
	case errors.Is(err, context.Canceled): // by a signal, and not for what it cut short
		return verdict{code: exitFailure, title: "已中断", en: "What was submitted before stays submitted; look it up by its id.", zh: "此前已提交的请求仍然有效，可按编号查询。"}
	}
	if v, ok := causeOf(err); ok {
		return v
	}
	switch {
	case errors.Is(err, errExpired):
		return verdict{code: exitFailure, title: "交易已过期", en: "It changed nothing and never will, and its client reference is free. If it is wanted still, submit it anew with a later --valid-until.", zh: "该交易未作任何变更，今后也不会生效，其流水号未被占用。如仍需办理，请以更晚的 --valid-until 重新提交。"}
	case errors.Is(err, ledger.ErrConflict):
		return verdict{code: exitConflict, title: "与已有内容冲突", en: "What was there first is unchanged. Look at it before you choose another name or reference.", zh: "原有内容保持不变。请先查看，再另行选择名称或流水号。"}
	case errors.Is(err, ledger.ErrUnavailable), errors.Is(err, ledger.ErrBusy), errors.Is(err, context.DeadlineExceeded), errors.Is(err, api.ErrUnreachable):
		return verdict{code: exitUnreachable, title: "节点暂无应答", en: "Nothing is lost: the same request may be sent again, also to another node, and takes effect once. Check the address and that the node runs.", zh: "数据未丢失：同一请求可重复提交（也可提交至其他节点），只生效一次。请检查地址及节点是否运行。"}
	case errors.Is(err, ledger.ErrNotFound):
		return verdict{code: exitFailure, title: "未找到", en: "Nothing was changed. Check the number; what is not public is shown only to its parties (--key).", zh: "未作任何变更。请核对编号；非公开内容仅向当事人显示（--key）。"}
	case errors.Is(err, ledger.ErrDenied):
		return verdict{code: exitFailure, title: "无权操作", en: "Nothing was changed. Check that the key is enrolled and not revoked.", zh: "未作任何变更。请确认密钥已登记且未被吊销。"}
	case errors.Is(err, ledger.ErrInvalid):
		return verdict{code: exitFailure, title: "请求或文件无效", en: "Nothing was changed. Correct it and try again.", zh: "未作任何变更。请更正后重试。"}
	}
	return verdict{code: exitFailure, title: "失败", en: "What is FINAL on the ledger is not affected. Remove the cause that is named above, then run the same command again.", zh: "账本中已确定的数据不受影响。请排除上述原因后重新执行同一命令。"}
}

// codeOf gives the exit code of a request's failure by its class.
func codeOf(err error) int {
	switch {
	case errors.Is(err, ledger.ErrConflict):
		return exitConflict
	case errors.Is(err, ledger.ErrUnavailable), errors.Is(err, ledger.ErrBusy):
		return exitUnreachable
	}
	return exitFailure
}

// report tells the person what went wrong and gives the exit code. Below a log
// that programs read it is a line of that log.
func (e *env) report(cmd *cobra.Command, err error) int {
	v := judge(err)
	if v.code == exitUsage {
		help := cmd.CommandPath() + " --help"
		v.en, v.zh = v.en+"; see: "+help, v.zh+"；参见："+help
	}
	answer := e.failedAnswerOf(cmd.Name(), v, err)
	if _, logs := cmd.Annotations[logsToStderr]; logs && !e.watched() {
		logEnd(node.NewLogger(e.Stderr, slog.LevelInfo), answer.Error)
	} else {
		e.tell(v, err)
	}
	if e.output == "json" && !e.answered && !errors.Is(err, errAnswered) {
		if err := e.show(answer, nil); err != nil {
			e.say("ipledger: %v", err)
		}
	}
	return v.code
}

// tell writes an error for a person.
func (e *env) tell(v verdict, err error) {
	var refused *ledger.VerifyError
	switch {
	case errors.Is(err, errAnswered):
		return
	case errors.As(err, &refused) && v.code != exitUsage:
		e.say("refused: %v", refused) // the same in each language: programs read it
	default:
		e.say("ipledger: %s", e.titled(v, err))
	}
	if advice := e.text(v.en, v.zh); advice != "" {
		for line := range strings.Lines(advice) {
			e.say("  %s", strings.TrimSpace(line))
		}
	}
}

func (e *env) titled(v verdict, err error) string { return titledIn(e.lang, v, err) }

func titledIn(lang string, v verdict, err error) string {
	text := (&env{lang: lang}).text
	var version *api.VersionError
	if errors.As(err, &version) {
		return text(version.Error(), version.Chinese())
	}
	var problem *api.Problem
	if errors.As(err, &problem) {
		line := problem.Code + ": " + text(problem.Detail, problem.MessageZH)
		for _, d := range problem.Details {
			line += " [" + strings.Join(filled(d.Code, d.Ground, d.Reason, d.Field, d.Subject), " ") + "]"
		}
		return line
	}
	if lang == "zh" && v.title != "" {
		return fmt.Sprintf("%s：%v", v.title, err)
	}
	return err.Error()
}

// refusalTexts says in words what a verifier's reason means to the holder of
// the file.
func refusalTexts(r ledger.Reason) verdict {
	const (
		forged    = "Do not rely on this file: it was damaged or made up. Ask any node for it again."
		forgedZH  = "请勿采信该文件：其已损坏或系伪造。请向任一节点重新索取。"
		foreign   = "The file may be sound, but not for what you trust. Check that the genesis file is that of the network the file comes from."
		foreignZH = "文件本身可能有效，但与所信任的网络不符。请确认创世文件属于出具该文件的网络。"
	)
	switch r {
	case ledger.BadNetwork:
		return verdict{en: foreign, zh: foreignZH}
	case ledger.BadSet:
		return verdict{
			en: "The file comes from a later set of validators than you know. Fetch the links up to it and give them with --links.",
			zh: "文件由您尚未掌握的后续验证者集合出具。请获取相应的链接文件并通过 --links 提供。",
		}
	case ledger.BadAge:
		return verdict{
			en: "What the file proves held at its time and may have changed since. Ask any node for a new one.",
			zh: "文件仅证明其出具时的状态，此后可能已有变化。请向任一节点索取新的证明。",
		}
	case badSubject:
		return verdict{
			en: "The file holds, but says nothing about the right that was asked for. Get the proof of that right from any node: ipledger proof get.",
			zh: "文件有效，但所证明的并非所询问的权利。请向任一节点索取该权利的证明（ipledger proof get）。",
		}
	case ledger.BadFormat:
		return verdict{
			en: "The file is of another kind, or newer than this program. Check which file it is, or use a newer program.",
			zh: "文件种类不符，或其版本新于本程序。请核对文件，或使用更新的程序。",
		}
	case ledger.BadExecution:
		return verdict{
			en: "The file may be sound, but this program does not know the rules it was made by. Use a newer program.",
			zh: "文件可能有效，但本程序不了解其所依据的规则版本。请使用更新的程序。",
		}
	case ledger.BadEvidence:
		return verdict{
			en: "It accuses nobody: do not pass it on. Evidence from the ledger is had from any node: ipledger evidence show.",
			zh: "该文件不能指控任何一方，请勿转发。账本所记证据可向任一节点索取（ipledger evidence show）。",
		}
	case ledger.BadLink:
		return verdict{
			en: "Do not rely on this list of links. Fetch it again; the receipt or proof itself was not judged.",
			zh: "请勿采信该链接文件，请重新获取；回执或证明本身尚未核验。",
		}
	}
	return verdict{en: forged, zh: forgedZH}
}
