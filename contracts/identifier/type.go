// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

// Type is one kind of number.
type Type struct {
	Name    string // stable key, such as "patent_number"
	Title   string // in English
	TitleZH string // in Chinese

	check func(value string, asOf Date) (string, error)
}

// Check gives the canonical form of value, or an *Error. Years after that of
// asOf are refused: in a contract it is the legal date of the block.
func (t Type) Check(value string, asOf Date) (string, error) { return t.check(value, asOf) }

// table lists the types in the order a reader meets them. It is a function, so that
// nobody can change it.
func table() []Type {
	return []Type{
		{patentName, "patent number", "专利号", func(v string, d Date) (string, error) {
			p, err := PatentNumber(v, d)
			return p.Canonical, err
		}},
		{publicationName, "publication number", "公开(公告)号", undated(PublicationNumber)},
		{trademarkName, "trademark registration number", "商标注册号", undated(TrademarkNumber)},
		{softwareName, "software registration number", "软件著作权登记号", SoftwareNumber},
		{worksName, "works registration number", "作品登记号", WorksNumber},
		{layoutName, "IC layout registration number", "集成电路布图设计登记号", LayoutNumber},
		{varietyName, "plant variety number", "植物新品种权号", undated(PlantVarietyNumber)},
		{usccName, "unified social credit code", "统一社会信用代码", undated(USCC)},
		{leiName, "legal entity identifier", "法人机构识别编码", undated(LEI)},
		{cnapsName, "CNAPS bank number", "支付系统行号", undated(CNAPS)},
		{pbocName, "PBOC financial institution code", "金融机构编码", undated(FinancialInstitutionCode)},
		{residentIDName, "resident identity number", "公民身份号码", undated(residentID)},
		{platformName, "platform number", "平台编号", func(v string, _ Date) (string, error) {
			p, err := PlatformNumber(v)
			return p.Canonical, err
		}},
		{cnipaPledgeName, "CNIPA pledge registration number", "质押登记号", CNIPAPledgeNumber},
	}
}

func undated(check func(string) (string, error)) func(string, Date) (string, error) {
	return func(value string, _ Date) (string, error) { return check(value) }
}

// Types lists the names Check knows, in a fixed order.
func Types() []string {
	var names []string
	for _, t := range table() {
		names = append(names, t.Name)
	}
	return names
}

// Lookup finds a type by its name.
func Lookup(name string) (Type, bool) {
	for _, t := range table() {
		if t.Name == name {
			return t, true
		}
	}
	return Type{}, false
}

// Check gives the canonical form of value as a number of the named type, or an
// *Error; see Type.Check. A name that is not in Types is an error of class TYPE.
func Check(typeName, value string, asOf Date) (canonical string, err error) {
	t, ok := Lookup(typeName)
	if !ok {
		return "", refuse("identifier", BadType, typeName, "no such type of number", "没有这种编号类型")
	}
	return t.Check(value, asOf)
}
