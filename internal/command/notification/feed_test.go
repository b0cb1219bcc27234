package notification_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

// press publishes a feed.
type press struct {
	*httptest.Server
	document atomic.Value
}

func newPress(t *testing.T) *press {
	p := &press{}
	p.publish("old")
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page" {
			_, _ = io.WriteString(w, "<html>")
			return
		}
		_, _ = io.WriteString(w, p.document.Load().(string))
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *press) publish(titles ...string) {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel>`)
	for _, title := range titles {
		fmt.Fprintf(&b, `<item><guid>%[1]s</guid><title>%[1]s</title><description>about %[1]s</description><link>http://x.example/%[1]s</link>`+
			`<pubDate>Tue, 09 Jul 2024 06:11:12 EDT</pubDate></item>`, title)
	}
	p.document.Store(b.String() + `</channel></rss>`)
}

// feedLine writes the command feed.
func feedLine(pairs ...string) string {
	return commandtest.Line("feed", pairs...)
}

func TestFeedTellsTheGroupWhatIsNew(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	p, raw := newPress(t), newEar(t)
	w.Do(t, commandtest.Line("notify", "action", "set", "type", "feed", "URL", raw.URL, "data", "Title,Name,Date"))
	w.Do(t, feedLine("action", "add", "name", "The news", "URL", p.URL))
	w.Do(t, feedLine("action", "ADD", "name", "theirs", "URL", p.URL, "group", commandtest.Partial, "password", commandtest.PartialPass))
	p.publish("new", "old")
	got := w.Heard(t, "feed", script.Pairs{{Key: "title", Value: "new"}})
	want := "title=new&summary=about new&name=The news&date=2024-07-09T10:11:12.000000Z&link=http://x.example/new&type=feed&notification=feed"
	if got.Encode() != want {
		t.Errorf("%s\nwant %s", got.Encode(), want)
	}
	if got := raw.await(t).Get("data"); got != `Title,new,Name,"The news",Date,2024-07-09T10:11:12.000000Z` {
		t.Errorf("%s", got)
	}
	w.Do(t, feedLine("action", "remove", "URL", p.URL))
	w.Do(t, feedLine("action", "add", "name", "again", "URL", p.URL))
	p.publish("newest")
	w.Heard(t, "feed", script.Pairs{{Key: "title", Value: "newest"}, {Key: "name", Value: "again"}})
	// The other group may not hear of it.
	if told := w.Told(t, "feed"); len(told) != 2 {
		t.Errorf("%v", told)
	}
}

func TestFeedListsAndRemoves(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	p := newPress(t)
	if answer := w.Ask(t, feedLine("action", "list")); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("%v", answer)
	}
	w.Do(t, feedLine("action", "add", "name", "b, the second", "URL", p.URL+"/2"))
	w.Do(t, feedLine("action", "add", "name", "a", "URL", " "+p.URL+"/1 "))
	if got, want := w.Do(t, feedLine("action", "list")), []string{"a", p.URL + "/1", "b, the second", p.URL + "/2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	w.Fails(t, feedLine("action", "add", "name", "c", "URL", p.URL+"/3"), script.ErrBusy)
	w.Fails(t, feedLine("action", "add", "name", "c", "URL", p.URL+"/1"), script.ErrAlreadySubscribedToFeed)
	w.Do(t, feedLine("action", "remove", "URL", p.URL))
	w.Do(t, feedLine("action", "remove", "URL", p.URL+"/1"))
	if got := w.Do(t, feedLine("action", "list")); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

func TestFeedRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	p := newPress(t)
	add := func(name, url string) string { return feedLine("action", "add", "name", name, "URL", url) }
	w.Refuses(t, []commandtest.Refusal{
		{Line: feedLine(), Error: script.ErrUnknownAction, Says: "add, remove, list"},
		{Line: feedLine("action", "get"), Error: script.ErrUnknownAction},
		{Line: feedLine("action", "add"), Error: script.ErrNoNameProvided, Says: "name is missing"},
		{Line: add(" ", p.URL), Error: script.ErrNoNameProvided},
		{Line: add(strings.Repeat("n", 257), p.URL), Error: script.ErrNameTooLarge, Says: "allowed are 256"},
		{Line: add("n", ""), Error: script.ErrInvalidURLProvided, Says: "URL is missing"},
		{Line: add("n", "nowhere"), Error: script.ErrInvalidURLProvided, Says: "allowed are http and https"},
		{Line: add("n", "file:///etc/passwd"), Error: script.ErrInvalidURLProvided, Says: "allowed are http and https"},
		{Line: add("n", "http://10.0.0.1/"), Error: script.ErrInvalidURLProvided, Says: "private address"},
		{Line: add("n", p.URL+"/"+strings.Repeat("x", 4096)), Error: script.ErrInvalidURLProvided, Says: "allowed are 4096"},
		{Line: add("n", p.URL+"/page"), Error: script.ErrInvalidFeedProvided, Says: "neither RSS, Atom nor JSON Feed"},
		{Line: feedLine("action", "remove"), Error: script.ErrInvalidURLProvided, Says: "URL is missing"},
	}...)
}
