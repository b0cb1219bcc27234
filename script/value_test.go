package script

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func TestNumbersAreWrittenAsTheOriginalWritesThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		single float32
		want   string
	}{
		{0, "0"},
		{float32(math.Copysign(0, -1)), "0"},
		{128, "128"},
		{0.1, "0.1"},
		{-1.5, "-1.5"},
		{1e7, "1E+07"},
		{16777216, "16777216"},
		{12345678, "12345678"},
		{123456789, "1.2345679E+08"},
		{9999999, "9999999"},
		{0.0001, "0.0001"},
		{0.00001, "1E-05"},
		{1.0 / 3, "0.33333334"},
		{float32(math.NaN()), "NaN"},
		{float32(math.Inf(1)), "Infinity"},
		{float32(math.Inf(-1)), "-Infinity"},
		{math.MaxFloat32, "3.4028235E+38"},
	} {
		if got := FormatFloat32(tt.single); got != tt.want {
			t.Errorf("single %v is written %q, want %q", tt.single, got, tt.want)
		}
	}
	for _, tt := range []struct {
		double float64
		want   string
	}{
		{0.1, "0.1"},
		{256128.25, "256128.25"},
		{1e7, "10000000"},
		{1e14, "100000000000000"},
		{1e15, "1E+15"},
		{123456789012345678, "1.2345678901234568E+17"},
		{1e-5, "1E-05"},
		{1e100, "1E+100"},
		{-0.00012, "-0.00012"},
	} {
		if got := FormatFloat(tt.double); got != tt.want {
			t.Errorf("double %v is written %q, want %q", tt.double, got, tt.want)
		}
	}
}

func TestFloatsReadBackExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f, d := rapid.Float32().Draw(t, "single"), rapid.Float64().Draw(t, "double")
		if got, err := ParseFloat32(FormatFloat32(f)); err != nil || got != f {
			t.Fatalf("%v reads back as %v, %v", f, got, err)
		}
		if got, err := ParseFloat(FormatFloat(d)); err != nil || got != d {
			t.Fatalf("%v reads back as %v, %v", d, got, err)
		}
	})
}

func TestNumbersThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "a", "1,5", "0x10", "1_000", "inf", "NaN", "1e999", "--1", "1 2"} {
		if f, err := ParseFloat(text); err == nil {
			t.Errorf("%q reads as %v", text, f)
		}
	}
	if f, err := ParseFloat32("1e39"); err == nil {
		t.Errorf("1e39 reads as single %v", f)
	}
	for _, text := range []string{"", "1.5", "0", "11", "99999999999999999999"} {
		if n, err := ParseInt(text, 1, 10); err == nil {
			t.Errorf("%q reads as %d", text, n)
		} else if !strings.Contains(err.Error(), "from 1 to 10") {
			t.Errorf("%q: error %q does not say what is allowed", text, err)
		}
	}
	if n, err := ParseInt(" 7 ", 1, 10); err != nil || n != 7 {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestTruthValues(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"True": true, "true": true, " TRUE ": true, "False": false, "fAlse": false} {
		if got, err := ParseBool(text); err != nil || got != want {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "1", "yes", "tru"} {
		if _, err := ParseBool(text); err == nil {
			t.Errorf("%q is read as a truth value", text)
		}
	}
	if FormatBool(true)+FormatBool(false)+FormatDataBool(true) != "TrueFalsetrue" {
		t.Error("wrong spelling")
	}
}

func TestVectorsAreReadLeniently(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"<1, 2.5, -3>", "<1,2.5,-3>", "1,2.5,-3", " < 1 , 2.5 ,  -3 > ", "<1.000000, 2.500000, -3.000000>",
		"<1e0, 25E-1, -3", "1, 2.5, -3>",
	} {
		if got, err := ParseVector3(text); err != nil || got != (Vector3{1, 2.5, -3}) {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
		if got, err := ParseVector3d(text); err != nil || got != (Vector3d{1, 2.5, -3}) {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
	}
	if got, err := ParseVector2("<1, 2>"); err != nil || got != (Vector3{1, 2, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := ParseVector2("<1, 2, 3>"); err != nil || got != (Vector3{1, 2, 3}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := ParseRotation("<0, 0, 0.70710678, 0.70710678>"); err != nil || got.W != got.Z || got.Z != 0.70710678 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestVectorsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "<>", "<1, 2>", "<1, 2, 3, 4>", "<1, 2, x>", "<1, , 3>", "<<1, 2, 3>>", "<1 2 3>", "<nan, 0, 0>",
		"<1e39, 0, 0>", "(1, 2, 3)",
	} {
		if got, err := ParseVector3(text); err == nil {
			t.Errorf("%q reads as %v", text, got)
		} else if !strings.Contains(err.Error(), "<128, 64, 21>") {
			t.Errorf("error %q does not say what is wanted", err)
		}
	}
	for _, text := range []string{"<0, 0, 1>", "<0, 0, 0, 0, 1>"} {
		if got, err := ParseRotation(text); err == nil {
			t.Errorf("%q reads as %v", text, got)
		}
	}
}

func TestVectorsReadBackExactly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float32()
		v := Vector3{f.Draw(t, "x"), f.Draw(t, "y"), f.Draw(t, "z")}
		if got, err := ParseVector3(v.String()); err != nil || got != v {
			t.Fatalf("%v reads back as %v, %v", v, got, err)
		}
		r := Rotation{f.Draw(t, "x"), f.Draw(t, "y"), f.Draw(t, "z"), f.Draw(t, "w")}
		if got, err := ParseRotation(r.String()); err != nil || got != r {
			t.Fatalf("%v reads back as %v, %v", r, got, err)
		}
		d := Vector3d{rapid.Float64().Draw(t, "x"), 0, -1}
		if got, err := ParseVector3d(d.String()); err != nil || got != d {
			t.Fatalf("%v reads back as %v, %v", d, got, err)
		}
	})
	if got := (Vector3{128.5, 64, 21.0003}).String(); got != "<128.5, 64, 21.0003>" {
		t.Errorf("got %q", got)
	}
}

func FuzzParseVector(f *testing.F) {
	f.Add("<1, 2, 3>")
	f.Add("<0,0,0,1>")
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := ParseVector3(text); err == nil {
			if again, err := ParseVector3(v.String()); err != nil || again != v {
				t.Errorf("%q reads as %v and then %v, %v", text, v, again, err)
			}
		}
		_, _ = ParseRotation(text)
		_, _ = ParseVector2(text)
		_, _ = ParseVector3d(text)
	})
}

func TestPermissionStringsOfTheDocumentedTable(t *testing.T) {
	t.Parallel()
	const usual = PermissionCopy | PermissionModify | PermissionMove | PermissionTransfer
	for _, tt := range []struct {
		next Permission
		text string
	}{
		{usual, "c--mvt------------c--mvtc--mvt"},
		{usual &^ PermissionCopy, "c--mvt---------------mvtc--mvt"},
		{usual &^ PermissionTransfer, "c--mvt------------c--mv-c--mvt"},
		{usual &^ PermissionModify, "c--mvt------------c---vtc--mvt"},
		{PermissionCopy | PermissionMove, "c--mvt------------c---v-c--mvt"},
		{PermissionModify | PermissionMove, "c--mvt---------------mv-c--mvt"}, // a grid refuses it, we do not
	} {
		want := Permissions{Base: usual, NextOwner: tt.next, Owner: usual}
		got, err := ParsePermissions(tt.text)
		if err != nil || got != want {
			t.Errorf("%s reads as %v, %v, want %v", tt.text, got, err, want)
		}
		if got := want.String(); got != tt.text {
			t.Errorf("written %s, want %s", got, tt.text)
		}
	}
}

func TestPermissionGroupsStandInTheirOrder(t *testing.T) {
	t.Parallel()
	const text = "cdemvt------------cde-vtcdemvt"
	want := Permissions{Base: PermissionFull, NextOwner: PermissionFull &^ PermissionModify, Owner: PermissionFull}
	for _, s := range []string{text, strings.ToUpper(text), strings.ReplaceAll(text, "-", "."), strings.ReplaceAll(text, "-", "x")} {
		if got, err := ParsePermissions(s); err != nil || got != want {
			t.Errorf("%s reads as %v, %v, want %v", s, got, err, want)
		}
	}
	apart, err := ParsePermissions("c------d------e------m------v-")
	if err != nil || apart != (Permissions{PermissionCopy, PermissionDamage, PermissionExport, PermissionModify, PermissionMove}) {
		t.Errorf("got %v, %v", apart, err)
	}
	for _, s := range []string{"", "c--mvt", text + "-", text[1:]} {
		if _, err := ParsePermissions(s); !errors.Is(err, ErrInvalidPermissions) {
			t.Errorf("%q: error %v", s, err)
		}
	}
	if got := (Permissions{Base: 0x7fffffff}).String(); got != "cdemvt------------------------" {
		t.Errorf("got %s", got)
	}
}

func TestPermissionsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mask := func(name string) Permission { return Permission(rapid.Uint32().Draw(t, name)) & PermissionFull }
		p := Permissions{mask("base"), mask("everyone"), mask("group"), mask("next"), mask("owner")}
		if got, err := ParsePermissions(p.String()); err != nil || got != p {
			t.Fatalf("%v reads back as %v, %v", p, got, err)
		}
	})
}

func TestInventoryPaths(t *testing.T) {
	t.Parallel()
	const floors = "b13b0890-fac6-4085-975c-c2f760b185e4"
	for _, tt := range []struct {
		text     string
		absolute bool
		parts    []string
	}{
		{"/", true, nil},
		{"Deck", false, []string{"Deck"}},
		{"/My Inventory/Textures", true, []string{"My Inventory", "Textures"}},
		{"/My Inventory/Textures/", true, []string{"My Inventory", "Textures"}},
		{"/My Inventory/Textures/" + floors + "/Deck", true, []string{"My Inventory", "Textures", floors, "Deck"}},
		{`/My Inventory/Textures/\/\/ Awesome Texture \/\/`, true, []string{"My Inventory", "Textures", "// Awesome Texture //"}},
		{`a\\/b\c/d\`, false, []string{`a\`, `b\c`, `d\`}},
		{`\/`, false, []string{"/"}},
	} {
		p, err := ParsePath(tt.text)
		if err != nil || p.Absolute != tt.absolute {
			t.Errorf("%q reads as %+v, %v", tt.text, p, err)
		}
		var names []string
		for _, part := range p.Parts {
			names = append(names, part.Name)
			if part.IsID() != (part.Name == floors) {
				t.Errorf("%q: part %q: id %v", tt.text, part.Name, part.ID)
			}
		}
		if diff := cmp.Diff(tt.parts, names); diff != "" {
			t.Errorf("%q: %s", tt.text, diff)
		}
	}
	p, err := ParsePath(strings.ToUpper(floors))
	if err != nil || p.Parts[0].ID != uuid.MustParse(floors) {
		t.Errorf("got %v, %v", p, err)
	}
	if _, err := ParsePath(""); !errors.Is(err, ErrNoPathProvided) {
		t.Errorf("empty path: %v", err)
	}
	for _, text := range []string{"//", "/a//b", "a///"} {
		if _, err := ParsePath(text); !errors.Is(err, ErrPathNotFound) || !strings.Contains(err.Error(), `\/`) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestInventoryPathReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune(`ab/\ß `)), 1, 5, -1), 1, 4).Draw(t, "names")
		path := Path{Absolute: rapid.Bool().Draw(t, "absolute")}
		for _, name := range names {
			path.Parts = append(path.Parts, PathPart{Name: name})
		}
		if got, err := ParsePath(path.String()); err != nil || !cmp.Equal(got, path) {
			t.Fatalf("%q reads back as %q, %v", path, got, err)
		}
	})
}

func FuzzParsePath(f *testing.F) {
	f.Add(`/My Inventory/\/\\/b13b0890-fac6-4085-975c-c2f760b185e4/`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		if again, err := ParsePath(p.String()); err != nil || !cmp.Equal(p, again) {
			t.Errorf("%q reads as %q and then %q, %v", text, p, again, err)
		}
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 5, 6, 9, 8, 7, 123456789, time.FixedZone("", 2*60*60))
	if got := FormatTime(at); got != "2024-05-06T07:08:07.123456Z" {
		t.Errorf("got %q", got)
	}
	if got := string(AppendTime(nil, time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC))); got != "2024-01-02T03:04:05.000000Z" {
		t.Errorf("got %q", got)
	}
	for _, text := range []string{
		"2024-05-06T07:08:07Z", "2024-05-06T07:08:07.000000Z", "2024-05-06T09:08:07+02:00", "2024-05-06T07:08:07",
		"2024-05-06 07:08:07", "2024-05-06 09:08:07+02:00", " 05/06/2024 07:08:07 ", "Mon, 06 May 2024 07:08:07 GMT",
		"Mon, 06 May 2024 09:08:07 +0200", "5/6/2024 7:08:07 AM", "05/06/2024 07:08:07 am", "Monday, 06 May 2024 07:08:07",
	} {
		if got, err := ParseTime(text); err != nil || FormatTime(got) != "2024-05-06T07:08:07.000000Z" {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"2024-05-06T07:08Z", "2024-05-06 07:08", "5/6/2024 7:08 AM"} {
		if got, err := ParseTime(text); err != nil || FormatTime(got) != "2024-05-06T07:08:00.000000Z" {
			t.Errorf("%q reads as %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "tomorrow", "13/12/2024", "2024-02-30", "Mon, 06 May 2024 07:08:07 EST", "5/6/2024 17:08 AM"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%q reads as %v", text, got)
		}
	}
}

func TestNamesSplitAtBlankOrDot(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"Juno Fox": {"Juno", "Fox"}, "juno.fox": {"juno", "fox"}, "Juno": {"Juno", "Resident"},
		" Juno  Fox ": {"Juno", "Fox"}, "juno.": {"juno", "Resident"},
	} {
		if first, last := SplitName(name); first != want[0] || last != want[1] {
			t.Errorf("%q splits into %q and %q", name, first, last)
		}
	}
}

func TestErrorsHaveDistinctNumbersAndTexts(t *testing.T) {
	t.Parallel()
	if n := len(Errors()) - len(ownErrors); n != 367 {
		t.Errorf("%d errors with Corrade's numbers, want 367", n)
	}
	seen := map[int]string{}
	for _, e := range Errors() {
		if e.Status == 0 || e.Text == "" {
			t.Errorf("%+v is incomplete", e)
		}
		if other, ok := seen[e.Status]; ok {
			t.Errorf("%d is both %q and %q", e.Status, other, e.Text)
		}
		seen[e.Status] = e.Text
		if got, ok := ErrorByStatus(e.Status); !ok || got != e {
			t.Errorf("%d is found as %v", e.Status, got)
		}
	}
	for e, status := range map[*Error]int{
		ErrNoCorradePermissions: 48467, ErrCommandNotFound: 8653, ErrCouldNotLeaveGroup: 20900, ErrInvalidXMLPath: 20901,
		ErrInvalidAmount: 43982, ErrNoFolderSpecified: 43983, ErrUnknownSift: 64450, ErrAgentNotFound: 57961,
		ErrCouldNotGetParcelInfoData: 32453, ErrNoTargetSpecified: 2188,
	} {
		if e.Status != status {
			t.Errorf("%q is %d, want %d", e.Text, e.Status, status)
		}
	}
	if _, ok := ErrorByStatus(1); ok {
		t.Error("1 is an error")
	}
}

func TestErrorsAreFoundUnderTheirCauses(t *testing.T) {
	t.Parallel()
	cause := errors.New("no such region")
	err := fmt.Errorf("teleport: %w", ErrTeleportFailed.Because(cause))
	if !errors.Is(err, ErrTeleportFailed) || !errors.Is(err, cause) || errors.Is(err, ErrAgentNotFound) {
		t.Errorf("%v does not wrap both", err)
	}
	if AsError(err) != ErrTeleportFailed || AsError(cause) != ErrGeneral {
		t.Error("AsError finds another error")
	}
	if got := ErrInvalidAmount.Detailf("%d", 3).Error(); got != "invalid amount: 3" {
		t.Errorf("got %q", got)
	}
	if !errors.Is(&Error{Status: 32164}, ErrTeleportFailed) {
		t.Error("errors of one number differ")
	}
}

func FuzzParsePermissions(f *testing.F) {
	for _, text := range []string{"", "c--mvt------------c--mvtc--mvt", "CDEMVTcdemvt------xxxxxx      ", strings.Repeat("é", 15)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePermissions(text)
		if (err == nil) != (len(text) == PermissionsLen) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		if again, err := ParsePermissions(p.String()); err != nil || again != p {
			t.Errorf("%q is %q and then %q, %v", text, p, again, err)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, text := range []string{"", "2024-05-06T07:08:09.123456Z", "2024-05-06 07:08", "05/06/2024", "Mon, 02 Jan 2006 15:04:05 GMT", "0001-01-01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := ParseTime(text)
		if err != nil || at.Year() < 0 || at.Year() > 9999 { // a zone may lead out of what is written with four digits
			return
		}
		if again, err := ParseTime(FormatTime(at)); err != nil || !again.Equal(at.Truncate(time.Microsecond)) {
			t.Errorf("%q is %v and then %v, %v", text, at, again, err)
		}
	})
}
