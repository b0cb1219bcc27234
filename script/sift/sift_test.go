package sift

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(stoppingClock{m}) }

// stoppingClock stops the clock that regular expressions share.
type stoppingClock struct{ *testing.M }

func (m stoppingClock) Run() int {
	defer regexp2.StopTimeoutClock()
	return m.M.Run()
}

// patience is the time limit where the time is not what a test is about: a slow
// machine may take long to start the processes of some steps.
const patience = time.Minute

// apply parses and applies a sift to data.
func apply(t testing.TB, text, data string) (string, error) {
	t.Helper()
	s, err := Parse(text, Limits{Time: patience})
	if err != nil {
		return "", err
	}
	return s.Apply(t.Context(), data)
}

func TestSteps(t *testing.T) {
	t.Parallel()
	const items = `1,"Item Cost 100",2,"Item Cost 500"`
	for _, tt := range []struct{ sift, data, want string }{
		{"", "a,b", "a,b"},
		{"take,2", "a,b,c", "a,b"},
		{"take,0", "a,b,c", ""},
		{"take,9", "a,b", "a,b"},
		{"skip,1", "a,b,c", "b,c"},
		{"skip,9", "a,b", ""},
		{"each,2", "a,1,b,2,c,3", "a,b,c"},
		{"each,9223372036854775807", "a,b,c", "a"},
		{"skip,1,each,2", "a,1,b,2,c,3", "1,2,3"},
		{"permute,-2", "2,c,3,d", "3,d,2,c"},
		{"permute,1", "a,b,c", "c,a,b"},
		{"permute,-7", "a,b,c", "b,c,a"},
		{"permute,3", "", ""},
		{"reverse,", "a,b,c", "c,b,a"},
		{"reverse", `"a b",c`, `c,"a b"`},
		{"random,7", "x", "x"},
		{"random", "", ""},
		{"distinct,", "a,b,a,c,b", "a,b,c"},
		{"unique", "a,A,a", "a,A"},
		{"sort", "b,a,C", "C,a,b"},
		{"sort,ignorecase", "b,a,C", "a,b,C"},
		{"sort,descending", "b,a,c", "c,b,a"},
		{"sort,numeric", "10,9,x,1.5", "1.5,9,10,x"},
		{`sort,"numeric,descending"`, "10,9,1.5", "10,9,1.5"},
		{"select,Name", "Name,Box,ID,1,Name,Ball,ID,2", "Box,Ball"},
		{"select,Name", "ID,1,Name", ""},
		{`match,"Item Cost ([0-9]+)"`, items, "100,500"},
		{`match,"item cost ([0-9]+)"`, items, ""},
		{`match,"pattern=item cost ([0-9]+)&options=IgnoreCase"`, items, "100,500"},
		{`match,"pattern=item cost ([0-9]+)&options=""IgnoreCase,Compiled"""`, items, "100,500"},
		{`match,"options=IgnoreCase&pattern=item cost ([0-9]+)"`, items, "100,500"},
		{`match,"""item cost ([0-9]+)"",ignorecase"`, items, "100,500"},
		{`match,"([0-9]),""Item"`, items, "1,2"},
		{"match,pattern=a=(b&c)", "a=b&c", "b&c"},
		{"match,([a-z])+", "abc-de", "a,b,c,d,e"},                 // every capture of a group
		{"match,(?<y>\\d+)-(\\d+)", "10-20 30-40", "20,10,40,30"}, // named groups come last
		{"match,(?<=\\$)(\\d+)", "$5 and 6", "5"},                 // lookbehind
		{"match,abc", "abc", ""},                                  // no group
		{"match,", "abc", "abc"},                                  // nothing to do
		{"match,(x*)", "ab", ",,"},                                // empty captures
		{"match,(a+b)", "aab", "aab"},                             // a plus stays a plus
		{"match,(%41)", "%41", "%41"},                             // and is not unescaped again
		{"count,[0-9]", items, "4"},
		{"count,^Item", items, "2"},
		{`count,"^item,IgnoreCase"`, items, "2"},
		{`count,"a,b"`, `"a,b",a`, "1"}, // not an option: the comma belongs to the expression
		{"count,x", "", "0"},
		{"count,", "a,b", "a,b"},
		{"js,data.length", "abc", "3"},
		{`js,"data.split("","").reverse()"`, "a,b,c d", `"c d",b,a`},
		{"js,({a: 1})", "x", `{"a":1}`}, // text, not a list
		{"js,null", "x", ""},
		{"js,undefined", "x", ""},
		{"js,var a = data; a + a", "x", "xx"},
		{"js,1 / 3 > 0.3", "x", "true"},
		{"js,[[1]]", "x", "[1]"},
		{"jsonpath,$.items[*].name", `{"items":[{"name":"a b"},{"name":"c"}]}`, `"a b",c`},
		{"jsonpath,$.n", `{"n":[1,null,true]}`, `"[1,null,true]"`},
		{"jsonpath,$.none", `{}`, ""},
		{"jsonpath,$.a", `{"a":{"b":"<&>"}}`, `"{""b"":""<&>""}"`}, // LSL reads no \u003c
		{"jsonpath,$[?(@.a > 1)].b", `[{"a":1,"b":"x"},{"a":2,"b":"y"}]`, "y"},
		{"xpath,//name", "<r><name>a b</name><name>c</name></r>", `"a b",c`},
		{"xpath,//a/@href", `<r><a href="x"/><a href="y"/></r>`, "x,y"},
		{"xpath,count(//a)", "<r><a/><a/></r>", "2"},
		{"xpath,boolean(//a)", "<r><a/></r>", "True"},
		{"xpath,/r/a", "<r><a><b>1</b></a></r>", "<a><b>1</b></a>"},
		{"xpath,//none", "<r/>", ""},
		{"md5,", "hello", "5d41402abc4b2a76b9719d911017c592"},
		{"SHA1,", "hello", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"},
		{"sha256", "hello", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
		{"sha1,", "", ""},
		{"Take,3,TAKE,2,take,1", "a,b,c,d", "a"}, // repeats, in the order given
		{"reverse,,take,1", "a,b,c", "c"},
		{"take,1,reverse,", "a,b,c", "a"},
		{"take,0,count,x,take,1", "a", "0"},
	} {
		if got, err := apply(t, tt.sift, tt.data); err != nil || got != tt.want {
			t.Errorf("%s of %q: %q, %v, want %q", tt.sift, tt.data, got, err, tt.want)
		}
	}
}

func TestBadArgumentsAreErrorsThatNameTheSift(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ sift, data, says string }{
		{"take,x", "a", `sift take: argument "x": want a whole number`},
		{"take,-1", "a", "sift take"},
		{"skip,1.5", "a", "sift skip"},
		{"each,0", "a", "sift each: argument \"0\": want a whole number, at least 1"},
		{"permute,", "a", "sift permute"},
		{"reverse,1", "a", "sift reverse: takes no argument"},
		{"random,x", "a", "sift random"},
		{"distinct,x", "a", "sift distinct"},
		{"sort,up", "a", "allowed are ascending, descending"},
		{"md5,x", "a", "sift md5"},
		{"match,(", "a", "sift match"},
		{`match,"pattern=a&options=Foo"`, "a", `unknown option "Foo": allowed are None, IgnoreCase`},
		{"count,[", "a", "sift count"},
		{"js, ", "a", "sift js: argument: want a script"},
		{"js,nope", "a", "sift js: ReferenceError"},
		{"js,(", "a", "sift js: SyntaxError"},
		{"js,throw new Error(data)", "boom", "boom"},
		{"js,({toJSON() { throw 1 }})", "a", "sift js"},
		{"jsonpath,", "a", "sift jsonpath"},
		{"jsonpath,$[", "{}", "sift jsonpath"},
		{"jsonpath,$" + strings.Repeat("[0]", 11_000), "[]", "sift jsonpath: argument: 33001 bytes, at most 32768 are allowed"},
		{"jsonpath,$.a", "not json", "sift jsonpath: data is not JSON"},
		{"xpath,", "<a/>", "sift xpath"},
		{"xpath,//[", "<a/>", "sift xpath"},
		{"xpath,//a", "<a", "sift xpath: data is not XML"},
		{strings.Repeat("take,1,", 65), "a", "at most 64"},
	} {
		_, err := apply(t, tt.sift, tt.data)
		if !errors.Is(err, script.ErrSiftFailed) || !strings.Contains(script.AsError(err).Text, tt.says) {
			t.Errorf("%s: error %v, want %q in it", tt.sift, err, tt.says)
		}
	}
	_, err := apply(t, "take,1,mix,2", "a")
	if !errors.Is(err, script.ErrUnknownSift) || !strings.HasPrefix(script.AsError(err).Text, `unknown sift: "mix": allowed are take`) {
		t.Errorf("unknown sift: %v", err)
	}
}

func TestErrorsRepeatNoLongArguments(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("(ä", 20_000)
	for _, name := range []string{"take", "each", "sort", "match", "count", "jsonpath", "xpath", "js", long} {
		_, err := apply(t, name+","+long, "a")
		if e := script.AsError(err); e == script.ErrGeneral || len(e.Text) > 700 || !utf8.ValidString(e.Text) {
			t.Errorf("%.10s: %d bytes: %.100q", name, len(e.Text), e.Text)
		}
	}
}

func TestEveryStepHasItsName(t *testing.T) {
	t.Parallel()
	if len(Names()) != len(makers) {
		t.Errorf("%d names, %d steps", len(Names()), len(makers))
	}
	for _, name := range Names() {
		if makers[name] == nil {
			t.Errorf("no step %q", name)
		}
	}
}

func TestRandomIsRepeatableWithASeed(t *testing.T) {
	t.Parallel()
	cells := make([]string, 100)
	for i := range cells {
		cells[i] = strconv.Itoa(i)
	}
	data := script.FormatCSV(cells)
	seen := map[string]bool{}
	for seed := range 20 {
		text := "random," + strconv.Itoa(seed)
		first, err := apply(t, text, data)
		again, _ := apply(t, text, data)
		if err != nil || first != again || !slices.Contains(cells, first) {
			t.Errorf("seed %d: %q and %q, %v", seed, first, again, err)
		}
		seen[first] = true
	}
	if len(seen) < 2 {
		t.Error("every seed gives the same")
	}
	if got, err := apply(t, "random", data); err != nil || !slices.Contains(cells, got) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRunawaysAreStopped(t *testing.T) {
	t.Parallel()
	limits := Limits{Time: 150 * time.Millisecond, Memory: 8 << 20}
	bomb := strings.Repeat("a", 40) + "b"
	for _, tt := range []struct{ sift, data string }{
		{"match,^(a+)+$", bomb},
		{"count,^(a+)+$", bomb},
		{"js,for (;;) {}", ""},
		{`js,/^(a+)+$/.test(data)`, bomb},
		{"js,for (;;) try { for (;;) {} } catch (e) {}", ""},
		{"js,let a = []; for (;;) a.push(data + a.length)", "x"},
		{`js,"let s = data; for (;;) s += s"`, "x"},
		{"js,(function f() { f() })()", ""},
		{"js,({toJSON() { for (;;) {} }})", ""},
		// What the engines do not let themselves be stopped in.
		{`js,"Array.prototype.indexOf.call({length: 9e15}, 3)"`, ""},
		{`js,for (;;) "a".repeat(1e6).lastIndexOf("b")`, ""},
		{`js,[].concat(...new Array(1e9))`, ""},
		{"js,Array(4294967295)", ""},
		{"jsonpath,$..[*]..[*]..[*]..[*]", strings.Repeat("[", 1000) + strings.Repeat("]", 1000)},
		{"jsonpath,$..[*]..[*]..[*]..[*].a", strings.Repeat("[", 1000) + strings.Repeat("]", 1000)},
		{"xpath,//a[count(//a[count(//a) > 0]) > 0]", "<r>" + strings.Repeat("<a/>", 10_000) + "</r>"},
	} {
		s, err := Parse(tt.sift, limits)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Apply(t.Context(), tt.data); !errors.Is(err, script.ErrSiftFailed) {
			t.Errorf("%s: %.40q, %v", tt.sift, got, err)
		}
	}
}

func TestRunawaysLeaveRoomForOthers(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range cap(apartPlaces) {
		all.Go(func() {
			s, err := Parse("xpath,//a[count(//a[count(//a) > 0]) > 0]", Limits{Time: 50 * time.Millisecond})
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := s.Apply(t.Context(), "<r>"+strings.Repeat("<a/>", 100_000)+"</r>"); !errors.Is(err, script.ErrSiftFailed) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	all.Wait()
	s, err := Parse("xpath,count(//a)", Limits{Time: patience})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Apply(t.Context(), "<r><a/></r>"); err != nil || got != "1" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestStepsThatNeedTooMuchMemoryAreEnded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || raceDetector {
		t.Skip("the memory of processes is bounded on Linux, without the race detector")
	}
	const deep = 1 << 20
	for _, tt := range []struct{ sift, data string }{
		{"js,let a = []; for (;;) a.push(data + a.length)", "x"},
		{"js,let a = {}; for (let i = 0;; i++) a[i] = new Map()", "x"},
		{"jsonpath,$", strings.Repeat("[", deep) + strings.Repeat("]", deep)},
		{"xpath,string(/)", strings.Repeat("<a>", deep) + strings.Repeat("</a>", deep)},
		{"match,((.))*", strings.Repeat("a", 7<<20)},
		{"match,^(?:" + strings.Repeat("(?:|b)", 3000) + "a)*(c)", strings.Repeat("a", 50<<10)},
	} {
		s, err := Parse(tt.sift, Limits{Time: patience})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Apply(t.Context(), tt.data); !errors.Is(err, script.ErrSiftFailed) ||
			!strings.Contains(script.AsError(err).Text, "needs too much memory") {
			t.Errorf("%.40s: %.40q, %v", tt.sift, got, err)
		}
	}
}

func TestScriptsMayCallAFewThousandDeepAndNoMore(t *testing.T) {
	t.Parallel()
	got, err := apply(t, "js,var n = 0; (function f() { n++; try { f() } catch (e) {} })(); n", "")
	depth, _ := strconv.Atoi(got)
	if err != nil || depth < 5000 || depth > 50_000 {
		t.Errorf("%q deep, %v", got, err)
	}
	if _, err := apply(t, "js,(function f() { f() })()", ""); err == nil || !strings.Contains(err.Error(), "stack overflow") {
		t.Errorf("deeper: %v", err)
	}
}

func TestSearchesInLongTextsFindTheSame(t *testing.T) {
	t.Parallel()
	cells := make([]string, 100_000)
	for i := range cells {
		cells[i] = strconv.Itoa(i)
	}
	data := script.FormatCSV(cells)
	for text, want := range map[string]string{
		`match,"^(\d+,\d+)"`:             `"0,1"`,
		`match,\b(9999[89])\b`:           "99998,99999",
		"count,pattern=^9+$":             "5",
		`count,"^9+$,RightToLeft"`:       "5",
		`count,"^(?<first>9)\k<first>$"`: "1",
	} {
		if got, err := apply(t, text, data); err != nil || got != want {
			t.Errorf("%s: %.40q, %v, want %q", text, got, err, want)
		}
	}
}

func TestSiftEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{"js,for (;;) {}", "jsonpath,$", "xpath,/", "match,(a)", "take,1"} {
		s, err := Parse(text, Limits{Time: patience})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Apply(ctx, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSizeOfDataIsBounded(t *testing.T) {
	t.Parallel()
	limits := Limits{Size: 1000}
	for _, tt := range []struct {
		sift string
		size int
	}{
		{"take,1", 1001},
		{"js,data.repeat(100)", 100},
		{"js,data.repeat(100);take,1", 100},
		{"match,(((((((((((a)))))))))))", 900},
	} {
		s, err := Parse(strings.ReplaceAll(tt.sift, ";", ","), limits)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Apply(t.Context(), strings.Repeat("a", tt.size)); !errors.Is(err, script.ErrSiftFailed) {
			t.Errorf("%s on %d bytes: %v", tt.sift, tt.size, err)
		}
	}
}

func TestScriptsReachNothingOutside(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"typeof require", "typeof process", "typeof std", "typeof os", "typeof fetch", "typeof setTimeout", "typeof print",
	} {
		if got, err := apply(t, "js,"+source, ""); err != nil || got != "undefined" {
			t.Errorf("%s is %q, %v", source, got, err)
		}
	}
	if got, err := apply(t, `js,"import(""std"").then(m => 0); 1"`, ""); err == nil && got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestSiftMayBeUsedByManyAtOnce(t *testing.T) {
	t.Parallel()
	s, err := Parse(`match,(b+),js,data + data,xpath,string(/),take,1`, Limits{Time: patience})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	const many = 8
	for range many {
		go func() {
			_, err := s.Apply(context.Background(), "abba")
			done <- err
		}()
	}
	for range many {
		if err := <-done; !strings.Contains(script.AsError(err).Text, "not XML") {
			t.Errorf("got %v", err)
		}
	}
}

func TestListStepsKeepCellsWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		cells := rapid.SliceOf(rapid.StringOf(rapid.RuneFrom([]rune("\", \nab")))).Draw(rt, "cells")
		n := rapid.IntRange(0, 8).Draw(rt, "n")
		data := script.FormatCSV(cells)
		number := strconv.Itoa(n)
		head, err := apply(t, "take,"+number, data)
		if err != nil {
			rt.Fatal(err)
		}
		tail, err := apply(t, "skip,"+number, data)
		if err != nil {
			rt.Fatal(err)
		}
		if got := append(script.ParseCSV(head), script.ParseCSV(tail)...); !slices.Equal(got, cells) {
			rt.Fatalf("take and skip %d of %q give %q and %q", n, cells, head, tail)
		}
		if got, err := apply(t, "permute,"+number+",permute,-"+number+",reverse,,reverse,", data); err != nil ||
			!slices.Equal(script.ParseCSV(got), cells) {
			rt.Fatalf("%q turned and turned back is %q, %v", cells, got, err)
		}
	})
}

func FuzzSift(f *testing.F) {
	for _, s := range []string{
		"take,1", "match,(a)", `count,"x,IgnoreCase"`, "jsonpath,$..a[?(@.b==1)]", "xpath,//a[position()=1]/@b",
		"sort,numeric,each,2", "js,data",
	} {
		f.Add(s, "a,b,1")
		f.Add(s, `{"a":[{"b":1}]}`)
		f.Add(s, "<a b='1'/>")
	}
	f.Fuzz(func(t *testing.T, text, data string) {
		s, err := Parse(text, Limits{Time: 50 * time.Millisecond, Memory: 4 << 20, Size: 1 << 16})
		if err == nil {
			_, err = s.Apply(context.Background(), data)
		}
		if err != nil && !errors.Is(err, script.ErrSiftFailed) && !errors.Is(err, script.ErrUnknownSift) {
			t.Errorf("error %v of another kind", err)
		}
	})
}

func BenchmarkApply(b *testing.B) {
	cells := make([]string, 200)
	for i := range cells {
		cells[i] = "Item Cost " + strconv.Itoa(i)
	}
	data := script.FormatCSV(cells)
	for _, text := range []string{"take,10", `match,"Item Cost ([0-9]+)"`, "sort,numeric", "js,data.length", "sha256"} {
		b.Run(text[:min(4, len(text))], func(b *testing.B) {
			s, err := Parse(text, Limits{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Apply(b.Context(), data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
