// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// withCheck adds the check character of patents and layouts, with the weights of
// ZC 0006 written out.
func withCheck(digits string) string {
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * []int{2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5}[i]
	}
	return digits + "0123456789X"[sum%11:sum%11+1]
}

const (
	digitSet  = "0123456789"
	creditSet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	alphaSet  = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

func drawFrom(t *rapid.T, set string, n int) string {
	return string(rapid.SliceOfN(rapid.SampledFrom([]byte(set)), n, n).Draw(t, "characters"))
}

// complete draws stems until one of the endings makes a good number; the vectors
// vouch for the arithmetic.
func complete(t *rapid.T, typeName string, stem func() string, ends []string) string {
	for range 100 {
		s := stem()
		for _, end := range ends {
			if _, err := identifier.Check(typeName, s+end, today); err == nil {
				return s + end
			}
		}
	}
	t.Fatalf("no good %s found", typeName)
	return ""
}

// Each case draws good numbers, and says which characters a slip of the hand may
// hit so that the form stays good, and whether the check finds every swap.
var slips = []struct {
	typeName string
	draw     func(t *rapid.T) string
	from     int    // first character that may be hit
	set      string // what it may become
	want     identifier.Class
	swaps    bool
}{
	{"patent_number", func(t *rapid.T) string {
		year := rapid.IntRange(2003, 2026).Draw(t, "year")
		return withCheck(fmt.Sprintf("%04d%s%s", year, rapid.SampledFrom([]string{"1", "2", "3", "8", "9"}).Draw(t, "kind"), drawFrom(t, digitSet, 7)))
	}, 5, digitSet, identifier.CheckSum, true},
	{"patent_number", func(t *rapid.T) string {
		year := rapid.SampledFrom([]string{"85", "99", "00", "03"}).Draw(t, "year")
		return withCheck(year + "1" + drawFrom(t, digitSet, 5))
	}, 3, digitSet, identifier.CheckSum, true},
	{"ic_layout_number", func(t *rapid.T) string {
		return "BS." + withCheck(fmt.Sprintf("%02d5%s", rapid.IntRange(1, 26).Draw(t, "year"), drawFrom(t, digitSet, 5)))
	}, 6, digitSet, identifier.CheckSum, true},
	{"uscc", func(t *rapid.T) string {
		return complete(t, "uscc", func() string { return "91510100" + drawFrom(t, creditSet, 8) }, pairs("0123456789X", creditSet))
	}, 8, creditSet, identifier.CheckSum, true},
	{"lei", func(t *rapid.T) string {
		return complete(t, "lei", func() string { return drawFrom(t, alphaSet, 6) + drawFrom(t, digitSet, 12) }, pairs(digitSet, digitSet))
	}, 6, digitSet, identifier.CheckSum, true}, // a letter counts as two digits: only digits for digits are always found
	{"cnaps", func(t *rapid.T) string {
		return complete(t, "cnaps", func() string { return "1" + drawFrom(t, digitSet, 10) }, strings.Split(digitSet, ""))
	}, 1, digitSet, identifier.CheckSum, false},
	{"platform_number", func(t *rapid.T) string {
		return complete(t, "platform_number", func() string {
			return "PLG-" + drawFrom(t, digitSet, 6) + "-20260312-" + drawFrom(t, digitSet, 7) + "-"
		}, strings.Split(alphaSet, ""))
	}, 20, digitSet, identifier.CheckSum, false},
}

func pairs(a, b string) (all []string) {
	for _, x := range a {
		for _, y := range b {
			all = append(all, string(x)+string(y))
		}
	}
	return all
}

func TestEveryWrongCharacterIsFound(t *testing.T) {
	for i, c := range slips {
		t.Run(fmt.Sprint(i, c.typeName), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				good := c.draw(t)
				if canonical, err := identifier.Check(c.typeName, good, today); err != nil || canonical != good {
					t.Fatalf("%q: canonical %q, %v", good, canonical, err)
				}
				at := rapid.IntRange(c.from, len(good)-1).Draw(t, "at")
				for _, wrong := range []byte(c.set) {
					if wrong == good[at] || good[at] == '-' {
						continue
					}
					slip := good[:at] + string(wrong) + good[at+1:]
					_, err := identifier.Check(c.typeName, slip, today)
					// A slip that breaks the form is found by the form.
					if got := class(err); got != c.want && got != identifier.Format {
						t.Fatalf("%q for %q: class %q", slip, good, got)
					}
				}
			})
		})
	}
}

func TestEverySwapOfNeighboursIsFound(t *testing.T) {
	for i, c := range slips {
		if !c.swaps {
			continue
		}
		t.Run(fmt.Sprint(i, c.typeName), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				good := c.draw(t)
				for at := c.from; at+1 < len(good); at++ {
					swapped := []byte(good)
					swapped[at], swapped[at+1] = swapped[at+1], swapped[at]
					if string(swapped) == good {
						continue
					}
					_, err := identifier.Check(c.typeName, string(swapped), today)
					if got := class(err); got != c.want && got != identifier.Format {
						t.Fatalf("%q for %q: class %q", swapped, good, got)
					}
				}
			})
		})
	}
}

func TestMadePlatformNumbersAreGood(t *testing.T) {
	kinds := []identifier.RecordKind{"IPR", "PLG", "CRT", "LON", "VAL", "CON", "FRZ", "DSP", "CLM", "APP", "POL", "QRY"}
	rapid.Check(t, func(t *rapid.T) {
		want := identifier.Platform{
			Kind:   rapid.SampledFrom(kinds).Draw(t, "kind"),
			Area:   drawFrom(t, digitSet, 6),
			Date:   identifier.DateOf(rapid.Int64Range(0, 4_000_000_000_000).Draw(t, "ms")),
			Serial: rapid.Uint64Range(0, identifier.MaxSerial).Draw(t, "serial"),
		}
		made, err := identifier.NewPlatformNumber(want.Kind, want.Area, want.Date, want.Serial)
		if err != nil {
			t.Fatal(err)
		}
		want.Canonical = made
		if got, err := identifier.PlatformNumber(made); err != nil || got != want {
			t.Fatalf("%s: got %+v, %v", made, got, err)
		}
	})
}

func TestIdentityNumberIsFoundHoweverItIsGrouped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := complete(t, "resident_id_detector", func() string {
			return "510104" + strings.ReplaceAll(identifier.DateOf(rapid.Int64Range(-2_000_000_000_000, 1_700_000_000_000).Draw(t, "birth")).String(), "-", "") + drawFrom(t, digitSet, 3)
		}, strings.Split("0123456789X", ""))
		var text strings.Builder
		text.WriteString(rapid.SampledFrom([]string{"", "电话 028 ", "x", "2026-", "号:"}).Draw(t, "before"))
		for i, c := range id {
			if i > 0 {
				text.WriteString(rapid.SampledFrom([]string{"", "", "", " ", "-", "　", " - "}).Draw(t, "between"))
			}
			if c != 'X' && rapid.Bool().Draw(t, "full width") {
				c += 0xFF10 - '0'
			}
			text.WriteRune(c)
		}
		text.WriteString(rapid.SampledFrom([]string{"", " 13800138000", "。", "-1"}).Draw(t, "after"))
		if !identifier.FindResidentID(text.String()) {
			t.Fatalf("not found in %q", text.String())
		}
	})
}

// The short way looks at digits alone; it must never miss what a full search
// finds, in whatever a number may be hidden.
func TestTheShortWayMissesNoIdentityNumber(t *testing.T) {
	parts := rapid.SampledFrom([]string{
		"110101199001010015", "51010419880229001X", "110101", "19900101", "0015", "1", "0", "9", "X", " ", "-", "号", "一种",
		"１", "①", "\u200b", "\u0301", "é", "\xff", "\u2011", "㍘", "⒈",
	})
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(parts, 0, 24).Draw(rt, "parts"), "")
		got, want := identifier.FindResidentID(text), identifier.SearchResidentID(text)
		if got != want {
			rt.Fatalf("%q: found %v, a full search says %v", text, got, want)
		}
		if want {
			found++
		}
	})
	if found == 0 {
		t.Error("no text held a number")
	}
}

func TestACompactDateHasEightDigits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := identifier.DateOf(rapid.Int64Range(-62135596800000, 253402300799999).Draw(rt, "time"))
		if got, want := d.Compact(), fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day); got != want {
			rt.Fatalf("%v is %s, want %s", d, got, want)
		}
	})
}

// The tables that fold text come with the toolchain. If this fails after an
// upgrade, replicas of the old and the new build would read some number
// differently: the list of blocks in fold.go must be narrowed to what both agree on.
func TestFoldingIsTheSameForEver(t *testing.T) {
	h := sha256.New()
	for _, r := range identifier.Foldable() {
		fmt.Fprintf(h, "%04X %s\n", r, identifier.Fold(string(r)))
	}
	if got, want := hex.EncodeToString(h.Sum(nil)), "a93986b0f222dea9365757e69ce8579719fdf8c7d67df40aad5ef1919ece7877"; got != want {
		t.Errorf("folding has digest %s, want %s", got, want)
	}
}

// Whatever Unicode reads as characters of a number is folded, so that the law's
// NFKC is the whole of it. Left out are the outlined letters and digits, which
// are younger than the tables of some toolchains.
func TestNoSpellingOfADigitOrLetterIsForgotten(t *testing.T) {
	const ofNumbers = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .,-" +
		"国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新港澳台作登字"
	folded := identifier.Foldable()
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		outlined := 0x1CC00 <= r && r <= 0x1CEBF
		text := norm.NFKC.String(string(r))
		if text == string(r) || strings.Trim(text, ofNumbers) != "" || outlined {
			continue
		}
		if _, found := slices.BinarySearch(folded, r); !found {
			t.Errorf("%U, which is %q, is not folded", r, text)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"ZL 2018 1 0234567.3", "BS.08500145.7", "91510100MA6CA1R24N", "蜀作登字-2023-F-00004567",
		"PLG-510100-20260312-0000042-K", "11010119900101001５", "CNY 5,000,000.00", "2026-03-12", "\xff", "①"} {
		f.Add(seed)
	}
	classes := []identifier.Class{identifier.Format, identifier.BadType, identifier.Kind, identifier.Year, identifier.NoDate,
		identifier.CheckSum, identifier.OrgCheck, identifier.Currency, identifier.Scale, identifier.Range}
	f.Fuzz(func(t *testing.T, value string) {
		judge := func(typeName string, err error) {
			if err != nil && !slices.Contains(classes, class(err)) {
				t.Errorf("%s %q: %v has no class", typeName, value, err)
			}
		}
		for _, name := range identifier.Types() {
			canonical, err := identifier.Check(name, value, today)
			judge(name, err)
			if err != nil {
				continue
			}
			if again, err := identifier.Check(name, canonical, today); err != nil || again != canonical {
				t.Errorf("%s %q: canonical %q becomes %q, %v", name, value, canonical, again, err)
			}
			if name == "resident_id_detector" && !identifier.FindResidentID(value) {
				t.Errorf("%q is an identity number and is not found", value)
			}
		}
		identifier.FindResidentID(value)
		if minor, currency, err := identifier.ParseMoney(value); err == nil {
			if again, c, err := identifier.ParseMoney(money(minor, currency)); err != nil || again != minor || c != currency {
				t.Errorf("%q: %d %s becomes %d %s, %v", value, minor, currency, again, c, err)
			}
		} else {
			judge("money", err)
		}
		if d, err := identifier.ParseDate(value); err == nil && d.String() != value {
			t.Errorf("%q: %v", value, d)
		} else {
			judge("date", err)
		}
	})
}
