package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"rookery/script"
	"rookery/simgrid"
)

const readers = `
[[groups]]
name = "Readers"
uuid = "44444444-4444-4444-8444-444444444444"
password = "r"
permissions = ["feed", "bridge"]
notifications = ["feed"]

[[groups]]
name = "Others"
uuid = "55555555-5555-4555-8555-555555555555"
password = "o"
permissions = ["feed"]
notifications = ["feed"]
`

// newsServer publishes a feed with an item for each title.
func newsServer(t *testing.T) (s *httptest.Server, publish func(titles ...string)) {
	var document atomic.Value
	publish = func(titles ...string) {
		var b strings.Builder
		b.WriteString(`<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">`)
		for _, title := range titles {
			fmt.Fprintf(&b, `<entry><id>urn:%[1]s</id><title>%[1]s</title><summary>about %[1]s</summary><updated>2024-07-09T12:11:12+02:00</updated></entry>`, title)
		}
		document.Store(b.String() + `</feed>`)
	}
	publish("old")
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, document.Load())
	}))
	t.Cleanup(s.Close)
	return s, publish
}

func TestNewsOfAFeedReachTheGroupThatSubscribed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Relogin: simgrid.KickOld})
	path := w.configure(outgoing("[feeds]\ninterval = \"1s\"\n"), readers)
	hers, publish := newsServer(t)
	theirs, publishTheirs := newsServer(t)
	const asReader, asOther = "&group=Readers&password=r", "&group=Others&password=o"
	listen := func(p *process, as string) *talker {
		t.Helper()
		k := dialPlain(t, p.ready.TCP)
		k.say("type=feed" + as)
		k.await("the handshake's answer", has("success=True"))
		return k
	}
	ask := func(k *talker, id, line string) script.Pairs {
		t.Helper()
		k.say(line + "&_id=" + id)
		return k.await(line, has("_id="+id))
	}

	p := start(t, "run", "--config", path)
	reader := listen(p, asReader)
	for i, line := range []string{
		"command=feed&action=add&name=hers&URL=" + url.QueryEscape(hers.URL) + asReader,
		"command=feed&action=add&name=theirs&URL=" + url.QueryEscape(theirs.URL) + asOther,
	} {
		if answer := ask(reader, fmt.Sprint("a", i), line); answer.Get("success") != "True" {
			t.Fatalf("%v", answer)
		}
	}
	publish("first", "old")
	got := reader.await("the first item", has("type=feed", "notification=feed", "title=first", "name=hers"))
	if got.Get("summary") != "about first" || got.Get("date") != "2024-07-09T10:11:12.000000Z" {
		t.Errorf("%v", got)
	}
	p.kill()

	// What was told is not told again, and the other group hears of its own feed
	// alone.
	p = start(t, "run", "--config", path)
	reader = listen(p, asReader)
	other := listen(p, asOther)
	publish("second", "first", "old")
	publishTheirs("third", "old")
	if got := reader.await("an item", has("type=feed")); got.Get("title") != "second" {
		t.Errorf("the first that is heard after a restart is %v", got)
	}
	if got := other.await("an item", has("type=feed")); got.Get("title") != "third" || got.Get("name") != "theirs" {
		t.Errorf("the other group hears %v", got)
	}
	if answer := ask(reader, "l", "command=feed&action=list"+asReader); answer.Get("data") != "hers,"+hers.URL {
		t.Errorf("%v", answer)
	}

	// The same server by hand.
	if answer := ask(reader, "h", "command=HTTP&output=status,body&URL="+url.QueryEscape(theirs.URL)+asReader); !strings.HasPrefix(answer.Get("data"), "status,200,body,") || !strings.Contains(answer.Get("data"), "<title>third</title>") {
		t.Errorf("%v", answer)
	}
	// Without the permission it is quiet.
	rewrite(t, path, replacing(`permissions = ["feed", "bridge"]`, `permissions = ["bridge"]`))
	p.logged("configuration changed", "groups[0].permissions")
	if answer := ask(reader, "n", "command=feed&action=list"+asReader); answer.Get("status") != "48467" {
		t.Errorf("%v", answer)
	}
	rewrite(t, path, replacing(`interval = "1s"`, `interval = "2s"`))
	p.logged("configuration changed", "feeds.interval")
}
