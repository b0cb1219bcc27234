package script_test

import (
	"sync"
	"testing"

	"rookery/script"
)

func TestLiveFiltersFollowTheirChain(t *testing.T) {
	t.Parallel()
	live := script.NewLive(script.DefaultFilters())
	held := script.Filters{live}
	pairs := script.Pairs{{Key: "a b", Value: "x=y"}}
	if got := script.EncodeLine(pairs, held); got != "a+b=x%3Dy" || !held.IsDefault() || !held.FormEncoded() {
		t.Errorf("as it began: %q", got)
	}
	live.Set(script.Filters{script.Atbash, script.RFC3986})
	if got := script.EncodeLine(pairs, held); got != "z%20y=c%3Db" || held.IsDefault() || held.FormEncoded() {
		t.Errorf("after a change: %q", got)
	}
	if names := held.Names(); len(names) != 2 || names[0] != "ATBASH" || live.Name() != "RFC3986" {
		t.Errorf("names %v, %s", names, live.Name())
	}
	back, err := script.DecodeLine("z%20y=c%3Db", script.Filters{script.NewLive(script.Filters{script.RFC3986, script.Atbash})})
	if err != nil || len(back) != 1 || back[0] != pairs[0] {
		t.Errorf("%v, %v", back, err)
	}
	mixed := script.Filters{script.Atbash, script.NewLive(script.Filters{script.Atbash, script.RFC1738})}
	if got := script.EncodeLine(pairs, mixed); got != "a+b=x%3Dy" {
		t.Errorf("one of several: %q", got)
	}
}

// A line is written by one chain, whatever changes meanwhile.
func TestALineIsWrittenByOneChain(t *testing.T) {
	t.Parallel()
	upright, mirrored := script.DefaultFilters(), script.Filters{script.Atbash}
	live := script.NewLive(upright)
	var changing sync.WaitGroup
	changing.Go(func() {
		for range 2000 {
			live.Set(mirrored)
			live.Set(upright)
		}
	})
	pairs := script.Pairs{{Key: "aa", Value: "aa"}, {Key: "aa", Value: "aa"}}
	for range 2000 {
		if got := script.EncodeLine(pairs, script.Filters{live}); got != "aa=aa&aa=aa" && got != "zz=zz&zz=zz" {
			t.Fatalf("%q", got)
		}
	}
	changing.Wait()
}
