// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import "github.com/ipledger/ipledger/contracts"

// An organisation of the development network. All of them are made up; their
// codes have valid check characters.
type organisation struct {
	Code    string // short name, first half of its people's names
	PartyID string
	NameZH  string
	NameEN  string
	Role    contracts.PartyRole
}

// area is the GB/T 2260 code inside the organisation's credit code.
func (o organisation) area() string { return o.PartyID[2:8] }

// devnetArea is the home of the development network: Chengdu.
const devnetArea = "510100"

// The organisations that take part whether or not they run a node.
const devnetCore = 4

// devnetCast gives the organisations in the order in which they get nodes.
func devnetCast() []organisation {
	return []organisation{
		{"BA", "91510100MA6L1D0E2L", "蜀锦银行", "Shujin Bank", contracts.Bank},
		{"BB", "91500000MA5W2F1G4X", "嘉陵银行(重庆)", "Jialing Bank (Chongqing)", contracts.Bank},
		{"IPO", "12510100MB0A1K3L09", "成都知识产权服务中心(示例)", "Chengdu IP Service Centre (example)", contracts.IPOffice},
		{"REG", "11510000MB0D4E2F80", "四川金融监管机构(示例)", "Sichuan Financial Regulator (example)", contracts.Regulator},
		{"BC", "91510100MA6M3H2J9Q", "都江银行", "Dujiang Bank", contracts.Bank},
		{"CPC", "12510000MB0B2M4N54", "四川版权保护中心(示例)", "Sichuan Copyright Centre (example)", contracts.CopyrightHub},
		{"GUA", "91510100MA6P5R6T70", "锦江科技融资担保", "Jinjiang Technology Guarantee", contracts.Guarantor},
		{"INS", "91510000MA6Q6U7W2U", "西岭财险", "Xiling Property Insurance", contracts.Insurer},
		{"FUND", "12510100MB0C3X8Y7J", "科创风险补偿资金管理中心(示例)", "Innovation Risk Fund (example)", contracts.Fund},
		{"EX", "91510100MA6R7A9B5K", "成渝知识产权交易中心(示例)", "Chengyu IP Exchange (example)", contracts.Exchange},
		{"VAL", "91510104MA6N4P5Q3W", "衡信资产评估", "Hengxin Valuation", contracts.Valuer},
		{"OP", "91510100MA6T8C1D3T", "平台公司", "Platform Company", contracts.Operator},
		{"COURT", "11510000MB0E5G3H2X", "示例中级人民法院", "Intermediate Court (example)", contracts.Court},
		{"BD", "91510100MA6W2E7F34", "岷江银行", "Minjiang Bank", contracts.Bank},
		{"BE", "91511100MA6X3G9H4R", "青衣银行(乐山)", "Qingyi Bank (Leshan)", contracts.Bank},
		{"CRE", "91510100MA6Y4J1K2L", "西部征信", "Western Credit Information", contracts.CreditAgency},
	}
}
