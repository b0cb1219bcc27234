package script

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestListsAreReadAsRFC4180HasThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"empty text is an empty list", "", nil},
		{"a quoted empty cell is an empty cell", `""`, []string{""}},
		{"also among others", `"",a,""`, []string{"", "a", ""}},
		{"bare empty cells", ",,", []string{"", "", ""}},
		{"cells are not trimmed", " a , b ", []string{" a ", " b "}},
		{"a comma in quotes", `"a,b",c`, []string{"a,b", "c"}},
		{"doubled quotes", `"The ""Good"", Role!"`, []string{`The "Good", Role!`}},
		{"a quoted cell of one quote", `""""`, []string{`"`}},
		{"a quoted cell that is quoted inside", `"""a"""`, []string{`"a"`}},
		{"line ends are ordinary", "a\r\nb,\"c\nd\"", []string{"a\r\nb", "c\nd"}},
		{"a vector", `a,"<1, 2, 3>"`, []string{"a", "<1, 2, 3>"}},
	} {
		if diff := cmp.Diff(tt.want, ParseCSV(tt.text)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestListsBeyondRFC4180AreReadLeniently(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"a quote in a bare cell toggles", `a"b,c"d`, []string{"ab,cd"}},
		{"two quotes in a bare cell are one", `a""b,c`, []string{`a"b`, "c"}},
		{"two quotes before a bare cell are one", `""Good"",x`, []string{`"Good"`, "x"}},
		{"text after a closing quote belongs to the cell", `"a"b,c`, []string{"ab", "c"}},
		{"an open quote ends with the text", `"a,b`, []string{"a,b"}},
	} {
		if diff := cmp.Diff(tt.want, ParseCSV(tt.text)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestListsAreWrittenWithAsFewQuotesAsCan(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cells []string
		want  string
	}{
		{nil, ""},
		{[]string{""}, `""`},
		{[]string{"", ""}, ","},
		{[]string{"a", "b"}, "a,b"},
		{[]string{"a b", "c,d", `e"f`, "g\nh", "i\rj"}, "\"a b\",\"c,d\",\"e\"\"f\",\"g\nh\",\"i\rj\""},
		{[]string{"Position", "<1, 2, 3>"}, `Position,"<1, 2, 3>"`},
	} {
		if got := FormatCSV(tt.cells); got != tt.want {
			t.Errorf("%q is written %q, want %q", tt.cells, got, tt.want)
		}
	}
}

func TestTablesSplitAtLineEndsOutsideQuotes(t *testing.T) {
	t.Parallel()
	got := ParseCSVRows("a,b\r\n\"c\r\nd\",e\n\nf,\"\"\r\ng\rh")
	want := [][]string{{"a", "b"}, {"c\r\nd", "e"}, {"f", ""}, {"g\rh"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestKeyValueLists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       Pairs
	}{
		{"cells two by two", "a,1,b,2", Pairs{{"a", "1"}, {"b", "2"}}},
		{"an odd last cell is left out", "a,1,b", Pairs{{"a", "1"}}},
		{"pairs empty on both sides are left out", ",,a,1,b,", Pairs{{"a", "1"}, {"b", ""}}},
		{"the first of equal keys stays", "a,1,a,2", Pairs{{"a", "1"}}},
	} {
		if diff := cmp.Diff(tt.want, ParseCSVPairs(tt.text)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if got := FormatCSVPairs(Pairs{{"spam ham", `a"b`}, {"c", ""}}); got != `"spam ham","a""b",c,` {
		t.Errorf("got %q", got)
	}
}

func TestRowsCutAListIntoATable(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([][]string{{"a", "b"}, {"c", "d"}}, Rows([]string{"a", "b", "c", "d", "e"}, 2)); diff != "" {
		t.Error(diff)
	}
}

func TestListReadsBackAsTheCellsItWasMadeOf(t *testing.T) {
	t.Parallel()
	cell := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("\",\r\n a"))))
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOf(cell).Draw(t, "cells")
		text := FormatCSV(cells)
		if got := ParseCSV(text); len(cells)+len(got) > 0 && !cmp.Equal(cells, got) {
			t.Fatalf("%q was written %q and reads %q", cells, text, got)
		}
	})
}

func TestTableReadsBackAndOthersReadItAlike(t *testing.T) {
	t.Parallel()
	cell := rapid.StringOf(rapid.RuneFrom([]rune("\",\n aß")))
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(2, 4).Draw(t, "width")
		rows := rapid.SliceOf(rapid.SliceOfN(cell, width, width)).Draw(t, "rows")
		text := FormatCSVRows(rows)
		if got := ParseCSVRows(text); len(rows) > 0 && !cmp.Equal(rows, got) {
			t.Fatalf("%q was written %q and reads %q", rows, text, got)
		}
		others, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(rows) > 0 && !cmp.Equal(rows, others) {
			t.Fatalf("%q: encoding/csv reads %q, %v", text, others, err)
		}
	})
}

func FuzzParseCSV(f *testing.F) {
	for _, s := range []string{"", `""`, `a,"b ""c""",,`, "a\"b,c\"d", "\r\n\r,", `"""`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cells := ParseCSV(text)
		if got := ParseCSV(FormatCSV(cells)); len(cells) > 0 && !cmp.Equal(cells, got) {
			t.Errorf("%q reads %q and then %q", text, cells, got)
		}
		for _, row := range ParseCSVRows(text) {
			if len(row) == 0 {
				t.Errorf("%q has a row without cells", text)
			}
		}
		ParseCSVPairs(text)
	})
}
