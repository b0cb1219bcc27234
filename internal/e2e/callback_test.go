package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rookery/script"
	"rookery/simgrid"
)

const tellers = `
[[groups]]
name = "Tellers"
uuid = "33333333-3333-4333-8333-333333333333"
password = "t"
permissions = ["talk", "notifications"]
notifications = ["local"]
`

const teller = "&group=tellers&password=t"

// outgoing is a plain TCP door and an outbox that may post to this machine.
func outgoing(more string) string {
	return plainDoor + "[outgoing]\nallow_private = [\"127.0.0.0/8\"]\n" + more
}

// post is what a receiver got.
type post struct {
	script.Pairs
	header http.Header
}

// receiver is a web server that scripts let Rookery post to.
type receiver struct {
	*httptest.Server
	t     *testing.T
	posts chan post
}

// newReceiver starts one; answer may be nil.
func newReceiver(t *testing.T, answer http.HandlerFunc) *receiver {
	r := &receiver{t: t, posts: make(chan post, 1000)}
	r.Server = httptest.NewServer(r.handler(answer))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) handler(answer http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		pairs, err := script.DecodeLine(string(body), script.DefaultFilters())
		if err != nil {
			r.t.Errorf("posted was %q: %v", body, err)
		}
		r.posts <- post{pairs, q.Header}
		if answer != nil {
			answer(w, q)
		}
	})
}

func (r *receiver) await(what string) post {
	r.t.Helper()
	select {
	case p := <-r.posts:
		return p
	case <-time.After(patience):
		r.t.Fatalf("%s was never posted", what)
		return post{}
	}
}

// command says a command and awaits its answer.
func (k *talker) command(id, line string) script.Pairs {
	k.t.Helper()
	k.say("command=" + line + teller + "&_id=" + id)
	return k.await("the answer of "+line, has("_id="+id))
}

// do is command for what must succeed.
func (k *talker) do(id, line string) script.Pairs {
	k.t.Helper()
	answer := k.command(id, line)
	if answer.Get("success") != "True" {
		k.t.Fatalf("%s: %v", line, answer)
	}
	return answer
}

func TestAnAnswerIsPostedToItsCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(outgoing(""), tellers))
	r := newReceiver(t, nil)
	k := dialPlain(t, p.ready.TCP)

	answer := k.do("1", "tell&entity=local&message=hello&callback="+url.QueryEscape(r.URL+"/cap?x=y"))
	got := r.await("the answer")
	if got.Encode() != answer.Encode() {
		t.Errorf("posted was %v, answered %v", got.Pairs, answer)
	}
	if got.header.Get("Content-Type") != "application/x-www-form-urlencoded; charset=utf-8" ||
		!strings.HasPrefix(got.header.Get("User-Agent"), "Rookery/") {
		t.Errorf("header %v", got.header)
	}
	k.command("2", "tell&entity=nobody&callback="+url.QueryEscape(r.URL))
	if got := r.await("the answer of a command that fails"); got.Get("success") != "False" || got.Get("_id") != "2" {
		t.Errorf("%v", got.Pairs)
	}

	// A wrong URL fails the command before it does anything.
	answer = k.command("3", "tell&entity=local&message=never&callback=nowhere")
	if answer.Get("success") != "False" || answer.Get("status") != "65303" {
		t.Errorf("%v", answer)
	}
	k.do("4", "tell&entity=local&message=after")
	awaitEvent(w, func(e simgrid.ChatSpoken) bool {
		if e.Text == "never" {
			t.Error("the command with the wrong URL ran")
		}
		return e.Text == "after"
	})
}

func TestRegisteredURLsHearNotificationsAcrossRestarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Relogin: simgrid.KickOld})
	path := w.configure(outgoing(""), tellers)
	usual, raw := newReceiver(t, nil), newReceiver(t, nil)

	p := start(t, "run", "--config", path)
	k := dialPlain(t, p.ready.TCP)
	k.do("1", "notify&action=set&type=local&URL="+url.QueryEscape(usual.URL)+"&tag=mine&afterburn=_mark,x")
	k.do("2", "notify&action=add&type=local&URL="+url.QueryEscape(raw.URL)+"&data=FromName,Message")
	say := func(k *talker, text string) {
		t.Helper()
		k.do(text, "tell&entity=local&message="+text)
		if got := usual.await(text); got.Get("message") != text || got.Get("type") != "local" || got.Get("firstname") != "Robin" || got.Get("_mark") != "x" {
			t.Errorf("posted was %v", got.Pairs)
		}
		if got := raw.await(text); got.Get("data") != `FromName,"Robin Rook",Message,`+text {
			t.Errorf("posted raw was %v", got.Pairs)
		}
	}
	say(k, "first")
	p.stop()

	p = start(t, "run", "--config", path)
	k = dialPlain(t, p.ready.TCP)
	say(k, "second")
	p.kill()

	p = start(t, "run", "--config", path)
	k = dialPlain(t, p.ready.TCP)
	say(k, "third")
	if got, want := k.do("l", "notify&action=list").Get("data"), "local,"+usual.URL+","+raw.URL+",mine"; got != want {
		t.Errorf("list: %s, want %s", got, want)
	}
	k.do("3", "notify&action=remove&tag=mine")
	k.do("4", "tell&entity=local&message=fourth")
	if got := raw.await("fourth"); !strings.Contains(got.Get("data"), "fourth") {
		t.Errorf("%v", got.Pairs)
	}
	k.do("5", "notify&action=purge")
	p.stop()

	p = start(t, "run", "--config", path)
	k = dialPlain(t, p.ready.TCP)
	if got := k.do("6", "notify&action=list"); got.Has("data") {
		t.Errorf("list after purge and restart: %v", got)
	}
	if n := len(usual.posts); n != 0 {
		t.Errorf("%d posts to the URL that was removed", n)
	}
}

func TestAReceiverThatComesUpLateGetsItsPost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(outgoing("[outgoing.callbacks]\nbackoff = \"10ms\"\nmax_backoff = \"50ms\"\nretries = 100\n"), tellers))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	k := dialPlain(t, p.ready.TCP)
	k.do("1", "tell&entity=local&message=hello&callback="+url.QueryEscape("http://"+l.Addr().String()))
	for range 3 { // down: connections break off
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	r := &receiver{t: t, posts: make(chan post, 10)}
	var busy atomic.Int32
	s := &http.Server{Handler: r.handler(func(w http.ResponseWriter, _ *http.Request) {
		if busy.Add(1) == 1 { // up, but not ready
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	r.await("the first try that gets through")
	if got := r.await("the answer"); got.Get("_id") != "1" || got.Get("success") != "True" {
		t.Errorf("%v", got.Pairs)
	}
}

func TestAReceiverThatHangsDelaysNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(outgoing("[outgoing.notifications.posts]\nqueue = 5\n"), tellers))
	release := make(chan struct{})
	hangs := newReceiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	works := newReceiver(t, nil)

	k := dialPlain(t, p.ready.TCP)
	for i, r := range []*receiver{hangs, works} {
		k.do(fmt.Sprint("r", i), "notify&action=add&type=local&URL="+url.QueryEscape(r.URL))
	}
	for i := range 20 {
		text := fmt.Sprint("line", i)
		k.do(text, "tell&entity=local&message="+text+"&callback="+url.QueryEscape(hangs.URL))
		if got := works.await(text); got.Get("message") != text {
			t.Fatalf("got %v, want %s", got.Pairs, text)
		}
	}
	if log := p.log.String(); !strings.Contains(log, "posts are dropped") {
		t.Error("the log does not tell of what was dropped")
	}
}

func TestPrivateAddressesArePostedToOnlyWhereAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(plainDoor, tellers))
	r := newReceiver(t, nil)
	_, port, err := net.SplitHostPort(r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	k := dialPlain(t, p.ready.TCP)
	for i, line := range []string{
		"version&callback=" + url.QueryEscape(r.URL),
		"notify&action=set&type=local&URL=" + url.QueryEscape(r.URL),
		"notify&action=set&type=local&URL=" + url.QueryEscape("http://[::1]:"+port),
		"version&callback=" + url.QueryEscape("http://169.254.169.254/latest/meta-data"),
	} {
		answer := k.command(fmt.Sprint(i), line)
		if answer.Get("status") != "65303" || !strings.Contains(answer.Get("error"), "private address") {
			t.Errorf("%s: %v", line, answer)
		}
	}
	// By name it shows when it is dialled.
	k.do("n", "version&callback="+url.QueryEscape("http://localhost:"+port))
	p.stop()
	if log := p.log.String(); len(r.posts) != 0 || !strings.Contains(log, "private address 127.0.0.1") && !strings.Contains(log, "private address ::1") {
		t.Errorf("%d posts; the log:\n%s", len(r.posts), log)
	}
}

func TestWhatWaitsToBePostedIsTriedOnceMoreAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(outgoing("[outgoing.callbacks]\nbackoff = \"1h\"\nmax_backoff = \"1h\"\n"), tellers))
	var tries atomic.Int32
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	k := dialPlain(t, p.ready.TCP)
	k.do("1", "version&callback="+url.QueryEscape(r.URL))
	r.await("the first try")
	p.stop()
	if got := r.await("the last try"); got.Get("_id") != "1" {
		t.Errorf("%v", got.Pairs)
	}
}

func TestASecondProgramDoesNotShareTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	path := w.configure(plainDoor, tellers)
	start(t, "run", "--config", path)
	_, errOut, code := rookery(t, nil, "run", "--config", path)
	if code == 0 || !strings.Contains(errOut, "another Rookery runs with the same state directory") {
		t.Errorf("exit code %d:\n%s", code, errOut)
	}
}
