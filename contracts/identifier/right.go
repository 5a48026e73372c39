// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

// RightType is the kind of an intellectual property right.
type RightType string

// The rights that have a number of their own.
const (
	PatInv   RightType = "PAT_INV"   // invention
	PatUM    RightType = "PAT_UM"    // utility model
	PatDes   RightType = "PAT_DES"   // design
	TM       RightType = "TM"        // registered trademark
	TMCert   RightType = "TM_CERT"   // certification mark
	TMColl   RightType = "TM_COLL"   // collective mark
	CopyWork RightType = "COPY_WORK" // works
	CopySoft RightType = "COPY_SOFT" // software
	ICLayout RightType = "IC_LAYOUT" // layout design of integrated circuits
	PlantVar RightType = "PLANT_VAR" // plant variety
)

// Space is a number space: rights are keyed by space and number, so that one
// right cannot be entered twice under two types.
type Space string

// The number spaces.
const (
	PatentSpace   Space = "PATENT"
	MarkSpace     Space = "MARK"
	WorkSpace     Space = "WORK"
	SoftwareSpace Space = "SOFTWARE"
	LayoutSpace   Space = "LAYOUT"
	VarietySpace  Space = "VARIETY"
)

// Space gives the number space of a right; ok is false for a type that has none.
func (t RightType) Space() (space Space, ok bool) {
	switch t {
	case PatInv, PatUM, PatDes:
		return PatentSpace, true
	case TM, TMCert, TMColl:
		return MarkSpace, true
	case CopyWork:
		return WorkSpace, true
	case CopySoft:
		return SoftwareSpace, true
	case ICLayout:
		return LayoutSpace, true
	case PlantVar:
		return VarietySpace, true
	}
	return "", false
}

// RightNumber checks the number of a right of the claimed type and gives its key:
// number space and canonical number. A right without a number space is an error
// of class TYPE, a patent whose kind digit says another type one of class KIND.
func RightNumber(claimed RightType, value string, asOf Date) (Space, string, error) {
	space, ok := claimed.Space()
	if !ok {
		return "", "", refuse("right_type", BadType, string(claimed), "rights of this type have no number", "该类权利没有登记号")
	}
	if space != PatentSpace {
		canonical, err := space.Check(value, asOf)
		if err != nil {
			return "", "", err
		}
		return space, canonical, nil
	}
	p, err := PatentNumber(value, asOf)
	if err != nil {
		return "", "", err
	}
	if p.Right != claimed {
		return "", "", refuse(patentName, Kind, value, "the kind digit says "+string(p.Right)+", not "+string(claimed), "申请种类号表示 "+string(p.Right)+",与所称类型 "+string(claimed)+" 不符")
	}
	return space, p.Canonical, nil
}

// Check gives the canonical form of a number of the space, or an *Error; it is of
// class TYPE for a space that does not exist.
func (s Space) Check(value string, asOf Date) (string, error) {
	name := string(s)
	switch s {
	case PatentSpace:
		name = patentName
	case MarkSpace:
		name = trademarkName
	case WorkSpace:
		name = worksName
	case SoftwareSpace:
		name = softwareName
	case LayoutSpace:
		name = layoutName
	case VarietySpace:
		name = varietyName
	}
	return Check(name, value, asOf)
}
