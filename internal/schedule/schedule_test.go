package schedule_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/bus"
	"rookery/internal/rights"
	"rookery/internal/schedule"
	"rookery/internal/state"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	crows = rights.Caller{Name: "Crows", ID: uuid.MustParse("7c8a1d0e-0000-4000-8000-000000000001"), Permissions: rights.Schedule, Schedules: 3}
	jays  = rights.Caller{Name: "Jays", ID: uuid.MustParse("7c8a1d0e-0000-4000-8000-000000000002"), Permissions: rights.Schedule, Schedules: 3}
)

func find(id string) (rights.Caller, bool) {
	for _, c := range []rights.Caller{crows, jays} {
		if c.ID.String() == id {
			return c, true
		}
	}
	return rights.Caller{}, false
}

func open(t *testing.T, o schedule.Options) *schedule.Book {
	t.Helper()
	o.Agent = "Test Bot"
	if o.Group == nil {
		o.Group = find
	}
	b, err := schedule.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func add(t *testing.T, b *schedule.Book, caller rights.Caller, when, message string) {
	t.Helper()
	w, err := b.ParseWhen(when)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.ParseMessage(message, caller)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Add(t.Context(), caller, schedule.Schedule{When: w, Sender: "me", Identifier: "here", Message: m}); err != nil {
		t.Fatal(err)
	}
}

// list is what was run so far.
func (r *ran) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// ran collects what was run, as "group name: command".
type ran struct {
	mu   sync.Mutex
	all  []string
	busy int // how often to be busy first
}

func (r *ran) execute(_ context.Context, group string, q bus.Request) bus.Reply {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy > 0 {
		r.busy--
		return bus.Reply{Pairs: script.Pairs{{Key: "status", Value: "70002"}}}
	}
	caller, _ := find(group)
	r.all = append(r.all, caller.Name+": "+q.Pairs.Get("command"))
	return bus.Reply{}
}

func TestTimesAndRules(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC) // a Monday
	for text, want := range map[string]string{
		"2030-01-02T03:04:05Z":           "2030-01-02T03:04:05.000000Z",
		"2030-01-02T03:04:05.250+02:00":  "2030-01-02T01:04:05.250000Z",
		"2030-01-02 03:04:05":            "2030-01-02T03:04:05.000000Z",
		"01/02/2030 03:04:05":            "2030-01-02T03:04:05.000000Z",
		"Wed, 02 Jan 2030 03:04:05 GMT":  "2030-01-02T03:04:05.000000Z",
		"1999-01-01":                     "1999-01-01T00:00:00.000000Z",
		"30 7 * * *":                     "2024-05-06T07:30:00.000000Z",
		"0 7 * * 1-5":                    "2024-05-07T07:00:00.000000Z",
		"@hourly":                        "2024-05-06T08:00:00.000000Z",
		"@every 90s":                     "2024-05-06T07:09:39.000000Z",
		"CRON_TZ=Asia/Kolkata 0 0 * * *": "2024-05-06T18:30:00.000000Z",
	} {
		if w, err := schedule.ParseWhen(text, now); err != nil || script.FormatTime(w.Time) != want {
			t.Errorf("%s: %v, %v; want %s", text, w, err, want)
		}
	}
	for text, says := range map[string]string{
		"soon": "want a time", "2030-13-01": "want a time", "61 * * * *": "above maximum", "0 0 30 2 *": "no such time",
		"@sometimes": "unrecognized", "": "want a time", "CRON_TZ=Nowhere/X 0 0 * * *": "bad location",
		"@every 0s": "at least one", "@every -5s": "at least one", "@every 1500ms": "whole seconds", "@every day": "such as 90s",
		"CRON_TZ=UTC @every 1ms":                "at least one",
		"0 0 * * 1" + strings.Repeat(",1", 200): "256 bytes",
	} {
		if w, err := schedule.ParseWhen(text, now); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, %v; want %q", text, w, err, says)
		}
	}
}

func TestRulesOfAZoneRunOnceWhenClocksChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rule, from string
		want       []string
	}{
		{"CRON_TZ=Europe/Vienna 30 2 * * *", "2026-10-24T12:00:00Z", []string{"2026-10-25T01:30", "2026-10-26T01:30", "2026-10-27T01:30"}},
		{"CRON_TZ=Europe/Vienna 30 2 * * *", "2026-10-25T01:15:00Z", []string{"2026-10-25T01:30", "2026-10-26T01:30"}}, // in the second hour
		{"CRON_TZ=Europe/Vienna 30 2 * * *", "2026-03-27T12:00:00Z", []string{"2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"}},
		{"CRON_TZ=Europe/Vienna 0,30 1-3 * * *", "2026-10-24T22:59:59Z", []string{
			"2026-10-24T23:00", "2026-10-24T23:30", "2026-10-25T01:00", "2026-10-25T01:30", "2026-10-25T02:00", "2026-10-25T02:30", "2026-10-26T00:00",
		}},
		{"CRON_TZ=Europe/Vienna 30 * * * *", "2026-10-25T00:00:00Z", []string{"2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"}},
		{"CRON_TZ=Europe/Vienna 0 8 29 2 *", "2026-01-01T00:00:00Z", []string{"2028-02-29T07:00"}},
		{"30 2 * * *", "2026-10-24T12:00:00Z", []string{"2026-10-25T02:30", "2026-10-26T02:30"}},
	} {
		at, err := time.Parse(time.RFC3339, tt.from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for range tt.want {
			w, err := schedule.ParseWhen(tt.rule, at)
			if err != nil {
				t.Fatal(err)
			}
			at = w.Time
			got = append(got, at.Format("2006-01-02T15:04"))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s after %s (-want +got):\n%s", tt.rule, tt.from, diff)
		}
	}
}

func FuzzParseWhen(f *testing.F) {
	for _, seed := range []string{"2030-01-02T03:04:05Z", "01/02/2030", "30 7 * * 1-5", "@every 90s", "CRON_TZ=UTC 0 0 * * *", "TZ=", "@every -1s"} {
		f.Add(seed)
	}
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		w, err := schedule.ParseWhen(text, now)
		if err == nil && w.Rule != "" && !w.Time.After(now) {
			t.Errorf("%q: the next time %v is not after %v", text, w.Time, now)
		}
	})
}

func TestCommandsRunWhenTheyComeDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open(t, schedule.Options{})
		var r ran
		stop := b.Start(r.execute)
		defer stop()
		add(t, b, crows, time.Now().Add(time.Hour).Format(time.RFC3339), "command=late")
		add(t, b, jays, time.Now().Add(time.Minute).Format(time.RFC3339), "command=early")
		synctest.Wait()
		if len(r.list()) != 0 {
			t.Errorf("before its time: %q", r.list())
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if diff := cmp.Diff([]string{"Jays: early"}, r.list()); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]string{"Jays: early", "Crows: late"}, r.list()); diff != "" {
			t.Error(diff)
		}
		if left := len(b.List(crows.ID)) + len(b.List(jays.ID)); left != 0 {
			t.Errorf("%d are left", left)
		}
	})
}

func TestRulesRunAgainAndAgainUntilTheyAreRemoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open(t, schedule.Options{})
		var r ran
		stop := b.Start(r.execute)
		defer stop()
		add(t, b, crows, "@every 10m", "command=a")
		time.Sleep(35 * time.Minute)
		synctest.Wait()
		if len(r.list()) != 3 {
			t.Errorf("%q", r.list())
		}
		if err := b.Remove(t.Context(), crows.ID, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(r.list()) != 3 {
			t.Errorf("after it was removed: %q", r.list())
		}
	})
}

func TestABusyGroupIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open(t, schedule.Options{})
		r := &ran{busy: 5}
		stop := b.Start(r.execute)
		defer stop()
		add(t, b, crows, "1999-01-01", "command=a")
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if diff := cmp.Diff([]string{"Crows: a"}, r.list()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNothingRunsForGroupsThatMayNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		changed := map[string]rights.Caller{crows.ID.String(): crows, jays.ID.String(): jays}
		c := crows
		c.Permissions = 0
		changed[crows.ID.String()] = c
		delete(changed, jays.ID.String())
		b := open(t, schedule.Options{Group: func(id string) (rights.Caller, bool) { c, ok := changed[id]; return c, ok }})
		var r ran
		stop := b.Start(r.execute)
		defer stop()
		add(t, b, crows, "1999-01-01", "command=a")
		add(t, b, jays, "1999-01-01", "command=b")
		synctest.Wait()
		if len(r.list()) != 0 {
			t.Errorf("%q", r.list())
		}
	})
}

func TestWhatCameDueMeanwhileRunsOnceAfterARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), state.FileName)
	store, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	// Ten minutes ago, so that the rule came due several times since.
	b := open(t, schedule.Options{Store: store, Now: func() time.Time { return time.Now().Add(-10 * time.Minute) }})
	add(t, b, crows, time.Now().Add(-time.Minute).Format(time.RFC3339), "command=once&password=hushhush&group=crows")
	add(t, b, crows, "@every 1m", "command=rule&password=hushhush")
	add(t, b, jays, "2999-01-01", "command=later")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(path); err != nil || strings.Contains(string(kept), "hushhush") {
		t.Errorf("the password is in the file, or: %v", err)
	}

	for restart, want := range [][]string{{"Crows: once", "Crows: rule"}, nil} {
		if store, err = state.Open(path); err != nil {
			t.Fatal(err)
		}
		b := open(t, schedule.Options{Store: store})
		done := make(chan string, 10)
		stop := b.Start(func(_ context.Context, group string, q bus.Request) bus.Reply {
			caller, _ := find(group)
			done <- caller.Name + ": " + q.Pairs.Get("command")
			return bus.Reply{}
		})
		seen := map[string]bool{}
		for range want {
			select {
			case what := <-done:
				seen[what] = true
			case <-time.After(10 * time.Second):
				t.Fatal("nothing runs")
			}
		}
		stop()
		for _, what := range want {
			if !seen[what] {
				t.Errorf("start %d: %s did not run", restart, what)
			}
		}
		if len(done) > 0 {
			t.Errorf("start %d: more ran: %s", restart, <-done)
		}
		if n := len(b.List(crows.ID)); n != 1 {
			t.Errorf("start %d: %d are left, want the rule", restart, n)
		}
		if n := len(b.List(jays.ID)); n != 1 {
			t.Errorf("start %d: what is not due is gone", restart)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNothingRunsBeforeTheAgentIsReady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ready := make(chan struct{})
		b := open(t, schedule.Options{Ready: ready})
		var r ran
		stop := b.Start(r.execute)
		defer stop()
		add(t, b, crows, "1999-01-01", "command=a")
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(r.list()) != 0 {
			t.Errorf("%q", r.list())
		}
		close(ready)
		synctest.Wait()
		if len(r.list()) != 1 {
			t.Errorf("%q", r.list())
		}
	})
}

func TestAGroupHasItsOwnAndNotTooMany(t *testing.T) {
	t.Parallel()
	b := open(t, schedule.Options{})
	for _, when := range []string{"2030-01-01", "2032-01-01", "2031-01-01"} {
		add(t, b, crows, when, "command=a")
	}
	add(t, b, jays, "2040-01-01", "command=b")
	err := b.Add(t.Context(), crows, schedule.Schedule{When: schedule.When{Time: time.Now()}})
	if !errors.Is(err, schedule.ErrTooMany) {
		t.Errorf("a fourth: %v", err)
	}
	years := func(id grid.UUID) (years []int) {
		for _, s := range b.List(id) {
			years = append(years, s.Time.Year())
		}
		return years
	}
	if diff := cmp.Diff([]int{2032, 2031, 2030}, years(crows.ID)); diff != "" {
		t.Error(diff)
	}
	if err := b.Remove(t.Context(), crows.ID, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(t.Context(), crows.ID, 2); !errors.Is(err, schedule.ErrNone) {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff([]int{2032, 2030}, years(crows.ID)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{2040}, years(jays.ID)); diff != "" {
		t.Error(diff)
	}
}
