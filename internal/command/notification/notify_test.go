package notification_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ear hears posts.
type ear struct {
	*httptest.Server
	heard chan script.Pairs
}

func newEar(t *testing.T) ear {
	e := ear{heard: make(chan script.Pairs, 100)}
	e.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		pairs, err := script.DecodeLine(string(body), script.DefaultFilters())
		if err != nil || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded; charset=utf-8" {
			t.Errorf("%v of %s: %s", err, r.Header, body)
		}
		e.heard <- pairs
	}))
	t.Cleanup(e.Close)
	return e
}

func (e ear) await(t *testing.T) script.Pairs {
	t.Helper()
	select {
	case pairs := <-e.heard:
		return pairs
	case <-time.After(commandtest.Patience):
		t.Fatal("nothing was posted")
		return nil
	}
}

func TestNotifyPostsWhatHappens(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	usual, raw := newEar(t), newEar(t)
	w.Do(t, commandtest.Line("notify", "action", "set", "type", "Local", "URL", usual.URL, "afterburn", `_me,"a, b",_empty,,password,no,_odd`))
	w.Do(t, commandtest.Line("notify", "action", "add", "type", "local", "URL", raw.URL, "data", "Message,Type,Simulator.Name"))
	w.Do(t, "command=tell&entity=local&message=hello+there")

	got := usual.await(t)
	if got.Get("message") != "hello there" || got.Get("type") != "local" || got.Get("_me") != "a, b" || got.Has("_empty") || got.Has("password") || got.Has("_odd") {
		t.Errorf("%v", got)
	}
	if last := got[len(got)-1]; last.Key != "_me" {
		t.Errorf("afterburn is not last: %v", got)
	}
	got = raw.await(t)
	if got.Get("data") != `Message,"hello there",Type,Normal,Simulator.Name,Rookery` || got.Has("message") || got.Get("notification") != "local" {
		t.Errorf("%v", got)
	}

	// Connections hear the usual keys all the same.
	heard := w.Heard(t, "local", script.Pairs{{Key: "message", Value: "hello there"}})
	if heard.Has("_me") || heard.Has("data") {
		t.Errorf("others hear %v", heard)
	}

	w.Do(t, commandtest.Line("notify", "action", "remove", "URL", usual.URL))
	w.Do(t, "command=tell&entity=local&message=again")
	if got := raw.await(t); !strings.Contains(got.Get("data"), "again") {
		t.Errorf("%v", got)
	}
	w.Do(t, commandtest.Line("notify", "action", "set", "type", "local", "URL", usual.URL))
	w.Do(t, "command=tell&entity=local&message=third")
	if got := usual.await(t); got.Get("message") != "third" {
		t.Errorf("after it was removed it heard %v", got)
	}
}

func TestNotifyListsAndChanges(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	const u = "https://example.com/"
	list := func(want string, more ...string) {
		t.Helper()
		answer := w.Ask(t, commandtest.Line("notify", append([]string{"action", "list"}, more...)...))
		if got := answer.Get("data"); answer.Get("success") != "True" || got != want || answer.Has("data") != (want != "") {
			t.Errorf("%v: %v, want %s", more, answer, want)
		}
	}
	list("")
	w.Do(t, commandtest.Line("notify", "action", "add", "type", "message,local,LOCAL,", "URL", u+"1", "tag", "red,blue,red"))
	w.Do(t, commandtest.Line("notify", "action", "add", "type", "local", "URL", u+"2", "tag", "blue"))
	w.Do(t, commandtest.Line("notify", "action", "add", "type", "local", "URL", u+"1", "tag", "lost"))
	list("local," + u + "1," + u + "2,red,blue,message," + u + "1,red,blue")
	list("local,"+u+"1,"+u+"2", "type", "local")
	list("blue,"+u+"1,"+u+"2,blue,"+u+"1", "tag", "blue,lost")
	list("local,"+u+"1", "type", "local", "tag", "red")
	list("", "type", "sit")

	w.Do(t, commandtest.Line("notify", "action", "update", "URL", u+"1", "type", "local", "tag", "green"))
	list("local," + u + "1," + u + "2,green,blue,message," + u + "1,red,blue")
	w.Do(t, commandtest.Line("notify", "action", "REMOVE", "tag", "red"))
	list("local," + u + "1," + u + "2,green,blue")
	w.Do(t, commandtest.Line("notify", "action", "remove", "type", "message"))
	w.Do(t, commandtest.Line("notify", "action", "remove", "type", "local", "URL", "com/2"))
	list("local," + u + "1,green")
	w.Do(t, commandtest.Line("notify", "action", "set", "type", "local,sit", "URL", " "+u+"3\n"))
	list("local," + u + "3,sit," + u + "3")
	w.Do(t, commandtest.Line("notify", "action", "clear", "type", "sit"))
	list("local," + u + "3")
	w.Do(t, commandtest.Line("notify", "action", "clear"))
	list("")
	w.Do(t, commandtest.Line("notify", "action", "set", "type", "local,sit", "URL", u+"3"))
	w.Do(t, commandtest.Line("notify", "action", "purge", "URL", "anything"))
	list("")
}

func TestNotifyTakesAllOrNothing(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, commandtest.Line("notify", "action", "add", "type", "sit", "URL", "https://example.com/"))
	for _, action := range []string{"add", "set"} {
		answer := w.Fails(t, commandtest.Line("notify", "action", action, "type", "local,telepathy,sit", "URL", "https://example.com/new"), script.ErrInvalidNotificationTypes)
		if answer.Get("data") != "telepathy" || !strings.Contains(answer.Get("error"), "allowed are alert, region") {
			t.Errorf("%v", answer)
		}
		answer = w.Fails(t, commandtest.Line("notify", "action", action, "type", "local,sit,alert", "URL", "https://example.com/new",
			"group", commandtest.Partial, "password", commandtest.PartialPass), script.ErrNotificationNotAllowed)
		if answer.Get("data") != "sit,alert" {
			t.Errorf("%v", answer)
		}
	}
	if got := w.Ask(t, commandtest.Line("notify", "action", "list")).Get("data"); got != "sit,https://example.com/" {
		t.Errorf("registered are %s", got)
	}
	if got := w.Ask(t, commandtest.Line("notify", "action", "list", "group", commandtest.Partial, "password", commandtest.PartialPass)).Get("data"); got != "" {
		t.Errorf("the other group's are %s", got)
	}
}

func TestRegistrationsAreBounded(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for i := range 1000 / 4 {
		w.Do(t, commandtest.Line("notify", "action", "add", "type", "local,sit,message,alert", "URL", fmt.Sprint("https://example.com/", i)))
	}
	answer := w.Fails(t, commandtest.Line("notify", "action", "add", "type", "local", "URL", "https://example.com/more"), script.ErrBusy)
	if !strings.Contains(answer.Get("error"), "1000") {
		t.Errorf("%v", answer)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	const u = "https://example.com/"
	w.Refuses(t, []commandtest.Refusal{
		{Line: commandtest.Line("notify"), Error: script.ErrUnknownAction, Says: "add, set, update, remove, clear, purge, list"},
		{Line: commandtest.Line("notify", "action", "fly"), Error: script.ErrUnknownAction, Says: `"fly"`},
		{Line: commandtest.Line("notify", "action", "add"), Error: script.ErrInvalidURLProvided, Says: "https://example.com/path"}, // the URL first
		{Line: commandtest.Line("notify", "action", "set", "URL", "example.com", "type", "nothing"), Error: script.ErrInvalidURLProvided, Says: "http and https"},
		{Line: commandtest.Line("notify", "action", "set", "URL", "ftp://example.com/", "type", "local"), Error: script.ErrInvalidURLProvided, Says: "http and https"},
		{Line: commandtest.Line("notify", "action", "set", "URL", "http://192.168.1.1/", "type", "local"), Error: script.ErrInvalidURLProvided, Says: "private address 192.168.1.1"},
		{Line: commandtest.Line("notify", "action", "set", "URL", u+strings.Repeat("x", 5000), "type", "local"), Error: script.ErrInvalidURLProvided, Says: "4096"},
		{Line: commandtest.Line("notify", "action", "set", "URL", u), Error: script.ErrInvalidNotificationTypes, Says: "type is missing"},
		{Line: commandtest.Line("notify", "action", "add", "URL", u, "type", ","), Error: script.ErrInvalidNotificationTypes},
		{Line: commandtest.Line("notify", "action", "list", "type", "locale"), Error: script.ErrInvalidNotificationTypes, Says: "locale"},
		{Line: commandtest.Line("notify", "action", "remove"), Error: script.ErrInvalidNotificationTypes, Says: "purge"},
		{Line: commandtest.Line("notify", "action", "set", "URL", "http://127.0.0.1:99999/", "type", "local"), Error: script.ErrInvalidURLProvided, Says: "from 1 to 65535"},
		{Line: commandtest.Line("notify", "action", "set", "URL", u, "type", "local", "afterburn", "_x,"+strings.Repeat("x", 16<<10)), Error: script.ErrInvalidParameter, Says: "allowed are 16384"},
		{Line: commandtest.Line("notify", "action", "update", "URL", u), Error: script.ErrInvalidURLProvided, Says: "not registered"},
		{Line: commandtest.Line("notify", "action", "update", "URL", u, "type", "local"), Error: script.ErrInvalidURLProvided, Says: "for local"},
	}...)
}
