// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"syscall"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// causeOf explains what went wrong on this machine or on the way to the node:
// files, keys, the connection. It is false if err is of none of these kinds.
func causeOf(err error) (verdict, bool) {
	for _, find := range []func(error) (verdict, bool){connectionCause, keyCause, outputCause, inputCause} {
		if v, ok := find(err); ok {
			return v, true
		}
	}
	return verdict{}, false
}

// connectionCause explains a connection that was not made to the node that was
// meant. None of them gets better by trying again, but for a name that is not
// found: the name service may be away.
func connectionCause(err error) (verdict, bool) {
	var doubt *tls.CertificateVerificationError
	var dns *net.DNSError
	switch {
	case errors.As(err, &doubt):
		return certificateCause(doubt), true
	case errors.Is(err, api.ErrScheme):
		return verdict{
			code: exitFailure, name: "SCHEME", title: "http 与 https 不符",
			en: "Nothing was changed. The request was not taken. Write --url (or IPLEDGER_URL) as the node serves it: https:// if it has a TLS certificate, http:// only on the machine of the node itself.",
			zh: "未作任何变更，请求未被受理。请按节点的实际服务方式填写 --url（或 IPLEDGER_URL）：节点配置了 TLS 证书时使用 https://，仅在节点本机使用 http://。",
		}, true
	case errors.As(err, &dns) && dns.IsNotFound:
		return verdict{
			code: exitUnreachable, name: "UNREACHABLE", title: "找不到该主机名",
			en: "Nothing was sent and nothing is lost. Check the host name in --url (or IPLEDGER_URL), and the name service of this machine.",
			zh: "请求未发出，数据未丢失。请检查 --url（或 IPLEDGER_URL）中的主机名以及本机的域名解析服务。",
		}, true
	}
	return verdict{}, false
}

// certificateCause explains why the certificate of a node is not believed.
func certificateCause(doubt *tls.CertificateVerificationError) verdict {
	v := verdict{
		code: exitFailure, name: "CERTIFICATE", title: "无法确认节点的 TLS 证书",
		en: "Nothing was sent, so nothing was changed or told to anybody. Somebody may be intercepting the connection: do not go on before the certificate is explained.\n",
		zh: "请求未发出，未作任何变更，也未泄露任何内容。连接可能被他人截获：查明证书原因之前，请勿继续。\n",
	}
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(doubt, &name):
		v.en += "Use in --url the host name that the certificate is for, or ask the operator of the node for a certificate of this name."
		v.zh += "请在 --url 中使用证书所载的主机名，或请节点运维人员申请包含该主机名的证书。"
	case errors.As(doubt, &invalid) && invalid.Reason == x509.Expired:
		v.en += "Check this machine's clock (date); if it is right, ask the operator of the node to renew the certificate."
		v.zh += "请核对本机时钟（date）；如时钟无误，请通知节点运维人员更新证书。"
	default:
		v.en += "If the node uses a private authority, get the authority's certificate from the operator in a way that you trust, compare its fingerprint with them, and give it with --ca FILE or IPLEDGER_CA."
		v.zh += "如节点使用自建证书颁发机构，请通过可信途径向运维人员取得该机构的证书并核对指纹，再以 --ca 文件 或 IPLEDGER_CA 指定。"
	}
	return v
}

// keyCause explains what is wrong with a key or with what opens it.
func keyCause(err error) (verdict, bool) {
	switch {
	case errors.Is(err, keys.ErrPassphrase):
		return verdict{
			code: exitFailure, name: "PASSPHRASE", title: "口令错误或密钥文件被改动",
			en: "Nothing was changed. Check the passphrase; if it is right, restore the key file.",
			zh: "未作任何变更。请核对口令；若口令无误，请恢复密钥文件。",
		}, true
	case errors.Is(err, keys.ErrPassphraseFile):
		return verdict{
			code: exitFailure, name: "PASSPHRASE_FILE", title: "口令文件无法使用",
			en: "Nothing was changed. The file must be there, be readable to you, and hold the passphrase of the key in its first line. Name it with --passphrase-file or IPLEDGER_PASSPHRASE_FILE, for a node also with passphrase_file in node.toml.",
			zh: "未作任何变更。该文件须存在、可由当前用户读取，且首行为密钥的口令。可通过 --passphrase-file 或 IPLEDGER_PASSPHRASE_FILE 指定；节点也可在 node.toml 中以 passphrase_file 指定。",
		}, true
	case errors.Is(err, keys.ErrExposed):
		return verdict{
			code: exitFailure, name: "KEY_FILE", title: "其他用户可读取该密钥文件",
			en: "Nothing was changed. The key was not used. If nobody else can have copied the file, set its mode: chmod 600. Else have the key revoked and make a new one.",
			zh: "未作任何变更，密钥未被使用。如确认文件未被他人复制，请执行 chmod 600 修改权限；否则请吊销该密钥并另行生成。",
		}, true
	case errors.Is(err, keys.ErrNotKeyFile):
		return verdict{
			code: exitFailure, name: "KEY_FILE", title: "不是有效的密钥文件",
			en: "Nothing was changed. Check that the path is that of a key file; if the file is damaged, take it from its backup. A key that is lost cannot be made again: another one must be enrolled.",
			zh: "未作任何变更。请确认路径指向密钥文件；如文件已损坏，请从备份恢复。遗失的密钥无法重新生成，须登记新的密钥。",
		}, true
	case errors.Is(err, keys.ErrMismatch):
		return verdict{
			code: exitFailure, name: "KEY_FILE", title: "密钥与所需不符",
			en: "Nothing was changed. The key file is sound but is another one than is needed here: give the file of the key that is named above.",
			zh: "未作任何变更。密钥文件本身有效，但不是此处所需的密钥：请提供上述密钥对应的文件。",
		}, true
	}
	return verdict{}, false
}

// outputCause explains a file, or an answer, that was not written.
func outputCause(err error) (verdict, bool) {
	var file *writeError
	var answer *answerError
	v := verdict{code: exitFailure, name: "NOT_WRITTEN", title: "文件未能写入"}
	switch {
	case errors.As(err, &answer):
		v.title = "结果未能输出"
		v.en = "What the command did stands; its answer alone could not be written. Free space or give another output, then ask for the answer again: ipledger tx get for a transaction, ipledger key show for a new key, else the same command."
		v.zh = "命令的执行结果有效，仅输出失败。请释放空间或更换输出位置，然后重新查询：交易请用 ipledger tx get，新建密钥请用 ipledger key show，其他请重复同一命令。"
		return v, true
	case errors.Is(err, fs.ErrExist):
		return verdict{
			code: exitConflict, name: "CONFLICT", title: "与已有内容冲突",
			en: "What was there first is unchanged. Look at it before you choose another name or reference.",
			zh: "原有内容保持不变。请先查看，再另行选择名称或流水号。",
		}, true
	case isAny(err, syscall.ENOSPC, syscall.EDQUOT):
		v.title = "磁盘已满"
		v.en = "The file was not written, and what was there is unchanged. Free space on its file system (df -h) or choose another place, then run the same command again."
		v.zh = "文件未写入，原有内容保持不变。请释放该文件系统的空间（df -h）或更换位置，然后重新执行同一命令。"
		return v, true
	case isAny(err, syscall.EFBIG):
		v.title = "文件超出系统允许的大小"
		v.en = "The file was not written, and what was there is unchanged. Raise the limit on the size of files (ulimit -f), then run the same command again."
		v.zh = "文件未写入，原有内容保持不变。请提高文件大小限制（ulimit -f），然后重新执行同一命令。"
		return v, true
	case isAny(err, syscall.EROFS):
		v.title = "文件系统为只读"
		v.en = "The file was not written. Choose a place on a file system that may be written, then run the same command again."
		v.zh = "文件未写入。请选择可写的文件系统，然后重新执行同一命令。"
		return v, true
	case !errors.As(err, &file):
		return verdict{}, false
	case errors.Is(err, fs.ErrNotExist):
		v.title = "目标目录不存在"
		v.en = "The file was not written. Make its folder (mkdir -p) or choose another path, then run the same command again."
		v.zh = "文件未写入。请先创建目录（mkdir -p）或更换路径，然后重新执行同一命令。"
	case errors.Is(err, fs.ErrPermission):
		v.title = "无权写入该目录"
		v.en = "The file was not written. Choose a folder that you may write, or have its owner let you, then run the same command again."
		v.zh = "文件未写入。请选择有写入权限的目录，或请其所有者授权，然后重新执行同一命令。"
	default:
		v.en = "The file was not written, and what was there is unchanged. Choose another path, then run the same command again."
		v.zh = "文件未写入，原有内容保持不变。请更换路径，然后重新执行同一命令。"
	}
	return v, true
}

// inputCause explains a file that cannot be read, or is no genesis file.
func inputCause(err error) (verdict, bool) {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return verdict{
			code: exitFailure, name: "NO_FILE", title: "文件不存在",
			en: "Nothing was changed. Check the path; one that does not begin with / is seen from the folder you are in.",
			zh: "未作任何变更。请检查路径；不以 / 开头的路径相对于当前目录。",
		}, true
	case errors.Is(err, fs.ErrPermission) && errors.As(err, &path):
		return verdict{
			code: exitFailure, name: "NO_ACCESS", title: "无权读取该文件",
			en: "Nothing was changed. Run the command as the user the file belongs to, or have that user let you read it (ls -l shows who may).",
			zh: "未作任何变更。请以该文件所有者的身份执行命令，或请其授予读取权限（可用 ls -l 查看权限）。",
		}, true
	case errors.Is(err, ledger.ErrGenesis):
		return verdict{
			code: exitFailure, name: "GENESIS", title: "创世文件无效",
			en: "Nothing was changed. The file is not a genesis file, or it was damaged. Get it again from a member of the network, and compare its hash with another member: ipledger genesis show FILE.",
			zh: "未作任何变更。该文件不是创世文件，或已损坏。请向网络成员重新索取，并与其他成员核对哈希值：ipledger genesis show 文件。",
		}, true
	case errors.As(err, &path):
		return verdict{
			code: exitFailure, name: "NO_FILE", title: "文件无法读取",
			en: "Nothing was changed. Check that the path is that of a file, and that its disk is sound.",
			zh: "未作任何变更。请确认路径指向文件，且所在磁盘正常。",
		}, true
	}
	return verdict{}, false
}

func isAny(err error, kinds ...syscall.Errno) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
