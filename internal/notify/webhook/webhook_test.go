package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/access"
	"rookery/internal/bus"
	"rookery/internal/outbox"
	"rookery/internal/query"
	"rookery/internal/reach"
	"rookery/internal/rights"
	"rookery/internal/state"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

var (
	ann = uuid.MustParse("11111111-1111-4111-8111-111111111111")
	bob = uuid.MustParse("22222222-2222-4222-8222-222222222222")
)

func group(id grid.UUID, name string, held rights.Permission, hears ...string) access.Group {
	return access.Group{Name: name, ID: id, Password: "x", Permissions: held, Notifications: hears, Workers: 1}
}

// desk is a book with what stands around it.
type desk struct {
	*Book
	groups *access.Access
	outbox *outbox.Outbox
	store  *state.Store
}

func newDesk(t *testing.T, path string, change func(*Options)) *desk {
	t.Helper()
	groups, err := access.New(access.Settings{Groups: []access.Group{
		group(ann, "Ann", rights.Notifications, "local", "message", "heartbeat"),
		group(bob, "Bob", rights.Notifications, "local"),
	}})
	must(t, err)
	store, err := state.Open(path)
	must(t, err)
	here, err := reach.ParseAllowed("127.0.0.1")
	must(t, err)
	box := outbox.New(outbox.Options{InOrder: true, Reach: reach.NewPolicy(here)})
	o := Options{Agent: "Robin Rook", Store: store, Group: groups.Group, Outbox: box, Filters: script.DefaultFilters(), Prune: true}
	if change != nil {
		change(&o)
	}
	book, err := Open(t.Context(), o)
	must(t, err)
	d := &desk{book, groups, box, store}
	t.Cleanup(func() { d.close(t) })
	return d
}

func (d *desk) close(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := d.outbox.Close(ctx); err != nil {
		t.Error(err)
	}
	_ = d.store.Close()
}

func anywhere(t *testing.T) string { return filepath.Join(t.TempDir(), state.FileName) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ear is a receiver of posts; it answers with status.
func ear(t *testing.T, status int) (url string, heard chan string) {
	t.Helper()
	heard = make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- r.Header.Get("Content-Type") + "|" + string(body)
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.URL, heard
}

func await(t *testing.T, heard chan string) string {
	t.Helper()
	select {
	case text := <-heard:
		_, body, _ := strings.Cut(text, "|")
		return body
	case <-time.After(patience):
		t.Fatal("nothing was posted")
		panic("unreachable")
	}
}

// say tells a notification as the notifier does.
func (d *desk) say(kind, group, message string, raw query.Object) {
	pairs := script.Pairs{{Key: "message", Value: message}, {Key: "type", Value: kind}, {Key: "notification", Value: kind}}
	d.Tell(bus.Notification{Type: kind, Group: group, Text: script.AppendLine(nil, pairs, script.DefaultFilters())}, pairs, raw)
}

type event struct{ text, from string }

var fields = query.NewTable(
	query.Member[event]{Name: "Message", Of: func(e event) any { return e.text }},
	query.Member[event]{Name: "FromName", Of: func(e event) any { return e.from }},
)

func TestEachURLHearsWhatItAskedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, anywhere(t), nil)
	plain, heardPlain := ear(t, 200)
	burnt, heardBurnt := ear(t, 200)
	rawURL, heardRaw := ear(t, 200)
	must(t, d.Add(t.Context(), ann, []string{"local", "message"}, Registration{URL: plain}))
	must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: burnt, Afterburn: script.Pairs{{Key: "_id", Value: "a b"}, {Key: "message", Value: "not this"}}}))
	must(t, d.Add(t.Context(), bob, []string{"local"}, Registration{URL: rawURL, Data: []string{"FromName", "Nothing", "Message"}, Afterburn: script.Pairs{{Key: "_x", Value: "y"}}}))

	d.say("local", bus.EveryGroup, "hello, you", fields.Of(event{"hello, you", "Jenny"}))
	if got := await(t, heardPlain); got != "message=hello%2C+you&type=local&notification=local" {
		t.Errorf("plain: %s", got)
	}
	if got := await(t, heardBurnt); got != "message=hello%2C+you&type=local&notification=local&_id=a+b" {
		t.Errorf("with afterburn: %s", got)
	}
	if got := await(t, heardRaw); got != "data=FromName%2CJenny%2CMessage%2C%22hello%2C+you%22&type=local&notification=local&_x=y" {
		t.Errorf("raw: %s", got)
	}
	// Without raw fields the usual keys; with none of the fields asked for, nothing.
	d.say("local", bus.EveryGroup, "again", nil)
	if got := await(t, heardRaw); got != "message=again&type=local&notification=local&_x=y" {
		t.Errorf("without raw fields: %s", got)
	}
	d.say("local", bus.EveryGroup, "third", fields.Of(event{}))
	d.say("local", bus.EveryGroup, "fourth", fields.Of(event{"fourth", ""}))
	if got := await(t, heardRaw); !strings.Contains(got, "fourth") {
		t.Errorf("without the fields: %s", got)
	}
}

func TestOnlyTheGroupOfANotificationHearsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, anywhere(t), nil)
	url, heard := ear(t, 200)
	must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: url}))
	d.say("local", bob.String(), "for Bob", nil)
	d.say("message", bus.EveryGroup, "not registered", nil)
	d.say("local", ann.String(), "for Ann", nil)
	if got := await(t, heard); !strings.Contains(got, "for+Ann") {
		t.Errorf("heard %s", got)
	}
}

func TestRightsAreThoseOfTheMoment(t *testing.T) {
	t.Parallel()
	d := newDesk(t, anywhere(t), nil)
	url, heard := ear(t, 200)
	must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: url}))
	for i, now := range [][]access.Group{
		{group(ann, "Ann", rights.Notifications, "message")},           // not that notification any more
		{group(ann, "Ann", rights.All&^rights.Notifications, "local")}, // not the command any more
		{group(bob, "Bob", rights.All, "local")},                       // no such group any more
	} {
		must(t, d.groups.Update(access.Settings{Groups: now}))
		d.say("local", bus.EveryGroup, fmt.Sprint("secret ", i), nil)
	}
	must(t, d.groups.Update(access.Settings{Groups: []access.Group{group(ann, "Ann", rights.Notifications, "local")}}))
	d.say("local", bus.EveryGroup, "public", nil)
	if got := await(t, heard); !strings.Contains(got, "public") {
		t.Errorf("heard %s", got)
	}
}

func TestFiltersOfOutputHold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, anywhere(t), func(o *Options) { o.Filters = script.Filters{script.Base64, script.RFC3986} })
	url, heard := ear(t, 200)
	must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: url}))
	d.say("local", bus.EveryGroup, "hi", nil)
	select {
	case got := <-heard:
		if got != "text/plain; charset=utf-8|bWVzc2FnZQ%3D%3D=aGk%3D&dHlwZQ%3D%3D=bG9jYWw%3D&bm90aWZpY2F0aW9u=bG9jYWw%3D" {
			t.Error(got)
		}
	case <-time.After(patience):
		t.Fatal("nothing was posted")
	}
}

func TestRegistrationsSurviveARestart(t *testing.T) {
	t.Parallel()
	path := anywhere(t)
	d := newDesk(t, path, nil)
	full := Registration{URL: "http://example.com/1", Tags: []string{"a", "b,c"}, Afterburn: script.Pairs{{Key: "_b", Value: "2"}, {Key: "_a", Value: "é&="}}, Data: []string{"IM.Message"}}
	must(t, d.Add(t.Context(), ann, []string{"local", "message"}, full))
	must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: "http://example.com/2"}))
	must(t, d.Add(t.Context(), bob, []string{"local"}, Registration{URL: "http://example.com/3"}))
	must(t, d.Remove(t.Context(), bob, Match{}))
	want := d.List(ann, Match{})
	d.close(t)

	d = newDesk(t, path, nil)
	if diff := cmp.Diff(want, d.List(ann, Match{})); diff != "" || len(want) != 2 {
		t.Errorf("%d notifications (-before +after):\n%s", len(want), diff)
	}
	if got := d.List(bob, Match{}); len(got) != 0 {
		t.Errorf("what was removed: %v", got)
	}
	d.close(t)
	other := newDesk(t, path, func(o *Options) { o.Agent = "Wren Hollow" })
	if got := other.List(ann, Match{}); len(got) != 0 {
		t.Errorf("another agent's: %v", got)
	}
}

// urls shows a group's registrations as "type url[tags] …".
func (d *desk) urls(group grid.UUID, m Match) string {
	var words []string
	for _, l := range d.List(group, m) {
		words = append(words, l.Type+":")
		for _, r := range l.Registrations {
			words = append(words, r.URL+strings.Join(r.Tags, "/"))
		}
	}
	return strings.Join(words, " ")
}

func TestChangesAreAsTheWordsSay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, anywhere(t), func(o *Options) { o.Most = 6 })
	ctx := t.Context()
	both := []string{"local", "message"}
	check := func(want string) {
		t.Helper()
		if got := d.urls(ann, Match{}); got != want {
			t.Errorf("registered are %q, want %q", got, want)
		}
	}
	must(t, d.Add(ctx, ann, both, Registration{URL: "u1", Tags: []string{"x"}}))
	must(t, d.Add(ctx, ann, []string{"local"}, Registration{URL: "u2", Tags: []string{"y"}}))
	must(t, d.Add(ctx, ann, []string{"local"}, Registration{URL: "u1", Tags: []string{"other"}, Data: []string{"New"}}))
	check("local: u1x u2y message: u1x")
	if got := d.List(ann, Match{Types: []string{"local"}})[0].Registrations[0].Data; !slices.Equal(got, []string{"New"}) {
		t.Errorf("added again with data %v", got)
	}
	must(t, d.Update(ctx, ann, nil, Registration{URL: "u1", Tags: []string{"z"}}))
	check("local: u1z u2y message: u1z")
	must(t, d.Update(ctx, ann, []string{"message"}, Registration{URL: "u1", Tags: []string{"w"}}))
	check("local: u1z u2y message: u1w")
	if err := d.Update(ctx, ann, both, Registration{URL: "u2", Tags: []string{"never"}}); !errors.Is(err, ErrNotRegistered) {
		t.Errorf("update of what is not there: %v", err)
	}
	if err := d.Update(ctx, ann, nil, Registration{URL: "u9"}); !errors.Is(err, ErrNotRegistered) {
		t.Errorf("update of what is nowhere: %v", err)
	}
	check("local: u1z u2y message: u1w")
	if got := d.urls(ann, Match{Tags: []string{"y", "w"}}); got != "local: u2y message: u1w" {
		t.Errorf("by tags: %q", got)
	}
	must(t, d.Remove(ctx, ann, Match{Types: []string{"message"}, Tags: []string{"z"}}))
	check("local: u1z u2y message: u1w")
	must(t, d.Remove(ctx, ann, Match{Tags: []string{"z"}}))
	check("local: u2y message: u1w")
	must(t, d.Set(ctx, ann, []string{"local"}, Registration{URL: "u3"}))
	check("local: u3 message: u1w")
	must(t, d.Remove(ctx, ann, Match{URL: "1"}))
	check("local: u3")
	for i := range 5 {
		must(t, d.Add(ctx, ann, []string{"message"}, Registration{URL: fmt.Sprint("m", i)}))
	}
	if err := d.Add(ctx, ann, []string{"message"}, Registration{URL: "m9"}); !errors.Is(err, ErrTooMany) {
		t.Errorf("beyond the limit: %v", err)
	}
	must(t, d.Remove(ctx, bob, Match{}))
	must(t, d.Remove(ctx, ann, Match{}))
	check("")
}

func TestWhatCannotBeKeptIsNotChanged(t *testing.T) {
	t.Parallel()
	d := newDesk(t, anywhere(t), nil)
	must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: "u1"}))
	must(t, d.store.Close())
	if err := d.Set(t.Context(), ann, []string{"local"}, Registration{URL: "u2"}); err == nil {
		t.Error("kept in a closed file")
	}
	if got := d.urls(ann, Match{}); got != "local: u1" {
		t.Errorf("registered are %q", got)
	}
}

func TestAURLWhoseReceiverIsGoneIsForgotten(t *testing.T) {
	t.Parallel()
	for name, prune := range map[string]bool{"when wanted": true, "only then": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, anywhere(t), func(o *Options) { o.Prune = prune })
			gone, heard := ear(t, http.StatusGone)
			missing, heardMissing := ear(t, http.StatusNotFound)
			must(t, d.Add(t.Context(), ann, []string{"local", "message"}, Registration{URL: gone}))
			must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: missing}))
			d.say("local", bus.EveryGroup, "one", nil)
			d.say("local", bus.EveryGroup, "two", nil)
			await(t, heard)
			await(t, heardMissing)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			must(t, d.outbox.Close(ctx)) // what became of the posts has been told
			want := "local: " + missing
			if !prune {
				want = "local: " + gone + " " + missing + " message: " + gone
			}
			if got := d.urls(ann, Match{}); got != want {
				t.Errorf("registered are %q, want %q", got, want)
			}
		})
	}
}

func TestAScriptsURLIsGoneWhenItIsNotFound(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"http://simhost-0123456789abcdef.agni.secondlife.io:12046/cap/bd9fd1b6": true,
		"https://sim9876.aditi.lindenlab.com:12043/cap/bd9fd1b6/x":              true,
		"http://example.com/cap/bd9fd1b6":                                       false,
		"http://grid.example:9000/lslhttp/8b0f2cc1-8b1b-4f5e-8a0c-0a8d6c7e1f11": true,
		"https://[::1]:9001/lslhttps/8b0f2cc1-8b1b-4f5e-8a0c-0a8d6c7e1f11/x?y":  true,
		"http://example.com/lslhttp/":                                           false,
		"http://example.com/lslhttp/8b0f2cc1-8b1b-4f5e-8a0c-0a8d6c7e1f11x":      false,
		"http://example.com/x/lslhttp/8b0f2cc1-8b1b-4f5e-8a0c-0a8d6c7e1f11/":    false,
		"http://evil.example/x.agni.secondlife.io/cap/1":                        false,
	} {
		if got := gone(url, http.StatusNotFound); got != want {
			t.Errorf("%s: %v, want %v", url, got, want)
		}
		if !gone(url, http.StatusGone) || gone(url, http.StatusForbidden) || gone(url, 0) {
			t.Errorf("%s: other statuses", url)
		}
	}
}

// A flood for a receiver that hangs costs what its queue holds, and no time.
func TestAFloodForAReceiverThatHangsIsBounded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer s.Close()
	defer close(release)
	d := newDesk(t, anywhere(t), nil)
	url, heard := ear(t, 200)
	must(t, d.Add(t.Context(), ann, []string{"local"}, Registration{URL: s.URL}))
	must(t, d.Add(t.Context(), ann, []string{"message"}, Registration{URL: url}))
	const flood = 100_000
	for range flood {
		d.say("local", bus.EveryGroup, "spam", nil)
	}
	if got := d.outbox.Stats(); got.Waiting != 100 || got.Dropped != flood-100 {
		t.Errorf("%+v", got)
	}
	d.say("message", bus.EveryGroup, "news", nil)
	if got := await(t, heard); !strings.Contains(got, "news") {
		t.Error(got)
	}
}

func BenchmarkTellNobody(b *testing.B) {
	book, err := Open(b.Context(), Options{Group: func(string) (rights.Caller, bool) { return rights.Caller{}, false }})
	if err != nil {
		b.Fatal(err)
	}
	n := bus.Notification{Type: "terse", Group: bus.EveryGroup}
	for b.Loop() {
		book.Tell(n, nil, nil)
	}
}
