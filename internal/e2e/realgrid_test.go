package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rookery/script"
)

// realGrid is a grid outside of this project, with two accounts that nobody
// else uses meanwhile. The environment says which:
//
//	ROOKERY_GRID_LOGIN_URI   the login address
//	ROOKERY_GRID_FIRST, _LAST, _PASSWORD      one account
//	ROOKERY_GRID_FIRST2, _LAST2, _PASSWORD2   the other
//	ROOKERY_GRID_START       where both begin, last by default
//	ROOKERY_GRID_REGION2     another region, to teleport to
type realGrid struct {
	uri, start, other string
	accounts          [2]account
}

type account struct{ first, last, password string }

func theRealGrid(t *testing.T) realGrid {
	t.Helper()
	get := func(name string) string {
		v := os.Getenv("ROOKERY_GRID_" + name)
		if v == "" {
			t.Skipf("ROOKERY_GRID_%s is not set: no real grid to log into", name)
		}
		return v
	}
	g := realGrid{uri: get("LOGIN_URI"), start: os.Getenv("ROOKERY_GRID_START"), other: os.Getenv("ROOKERY_GRID_REGION2")}
	for i, suffix := range []string{"", "2"} {
		g.accounts[i] = account{get("FIRST" + suffix), get("LAST" + suffix), get("PASSWORD" + suffix)}
	}
	if g.start == "" {
		g.start = "last"
	}
	return g
}

// configure writes a configuration with one agent, a group for it and a plain door.
func (g realGrid) configure(t *testing.T, who account) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	text := fmt.Sprintf(`
[[agents]]
grid = %q
avatar = %q
password = %q
start = [%q, "last", "home"]

[[groups]]
name = "Speakers"
uuid = "11111111-1111-4111-8111-111111111111"
password = "s"
permissions = ["talk", "movement", "land", "grooming", "interact", "directory", "system"]
notifications = ["local", "message", "typing", "teleport", "login", "avatars"]

[tcp]
address = "127.0.0.1:0"
%s`, g.uri, who.first+" "+who.last, who.password, g.start, plainDoor)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// agentOf is a running program and two conversations with it: one hears, one commands.
type agentOf struct {
	*process
	account
	news, door *talker
	asked      int
}

func (g realGrid) enter(t *testing.T, who account, path string) *agentOf {
	t.Helper()
	a := &agentOf{process: start(t, "run", "--config", path), account: who}
	a.news, a.door = dialPlain(t, a.ready.TCP), dialPlain(t, a.ready.TCP)
	a.news.say("type=local,message,typing,teleport,login" + speakers)
	a.news.await("the handshake's answer", has("success=True"))
	return a
}

// do sends a command and returns its answer, which must be a success.
func (a *agentOf) do(pairs ...string) script.Pairs {
	a.t.Helper()
	got := a.try(pairs...)
	if got.Get("success") != "True" {
		a.t.Fatalf("%s: %v was answered with %v", a.first, pairs, got)
	}
	return got
}

func (a *agentOf) try(pairs ...string) script.Pairs {
	a.t.Helper()
	var p script.Pairs
	for _, kv := range pairs {
		key, value, _ := strings.Cut(kv, "=")
		p.Add(key, value)
	}
	a.asked++
	id := fmt.Sprint(a.asked)
	p.Add("_id", id)
	a.door.say(script.EncodeLine(p, script.DefaultFilters()) + speakers)
	return a.door.await("the answer to "+p.Encode(), has("_id="+id))
}

// data asks for one value of getregiondata or getselfdata.
func (a *agentOf) data(command, name string) string {
	a.t.Helper()
	fields := script.ParseCSV(a.do("command="+command, "data="+name).Get("data"))
	if len(fields) != 2 {
		a.t.Fatalf("%s of %s: %q", command, name, fields)
	}
	return fields[1]
}

func TestTwoAgentsMeetOnARealGrid(t *testing.T) {
	g := theRealGrid(t)
	paths := [2]string{g.configure(t, g.accounts[0]), g.configure(t, g.accounts[1])}
	a, b := g.enter(t, g.accounts[0], paths[0]), g.enter(t, g.accounts[1], paths[1])
	home := a.data("getregiondata", "Name")
	b.goTo(home)

	t.Log("chat, both ways")
	for _, pair := range [][2]*agentOf{{a, b}, {b, a}} {
		text := "hällo from " + pair[0].first
		pair[0].do("command=tell", "entity=local", "type=Shout", "message="+text)
		heard := pair[1].news.await("the chat", has("type=local", "message="+text))
		if heard.Get("firstname") != pair[0].first || heard.Get("lastname") != pair[0].last {
			t.Errorf("heard %v", heard)
		}
	}

	t.Log("instant messages, both ways")
	a.writeTo(b, "psst, you & <others>")
	b.writeTo(a, "what is it?")

	t.Log("teleports")
	for _, region := range []string{g.other, home} {
		if g.other == "" {
			t.Log("none: ROOKERY_GRID_REGION2 is not set")
			break
		}
		a.goTo(region)
		text := "now in " + region
		a.do("command=tell", "entity=local", "message="+text)
		a.news.await("its own words", has("type=local", "message="+text))
	}
	refused := a.try("command=teleport", "entity=region", "region=No Such Region Anywhere", "position=<1, 2, 3>")
	if refused.Get("success") != "False" || refused.Get("error") == "" {
		t.Errorf("a teleport to nowhere was answered with %v", refused)
	}

	t.Log("a login at once after a logout")
	a.stop()
	a = g.enter(t, g.accounts[0], paths[0])
	a.writeTo(b, "back from a logout")

	t.Log("a login at once after a power cut")
	a.kill()
	a = g.enter(t, g.accounts[0], paths[0])
	a.writeTo(b, "back from a power cut")
	b.writeTo(a, "welcome back")

	t.Log("a logout and a login by command")
	a.do("command=logout")
	a.do("command=login")
	a.writeTo(b, "back by command")
	b.writeTo(a, "once more")
}

// goTo teleports to a region unless the agent is there.
func (a *agentOf) goTo(region string) {
	a.t.Helper()
	if strings.EqualFold(a.data("getregiondata", "Name"), region) {
		return
	}
	a.do("command=teleport", "entity=region", "region="+region, "position=<100, 110, 30>")
	if at := a.data("getregiondata", "Name"); !strings.EqualFold(at, region) {
		a.t.Fatalf("%s is in %s, not in %s", a.first, at, region)
	}
}

// writeTo sends an instant message and waits until the other program tells of it.
func (a *agentOf) writeTo(b *agentOf, text string) {
	a.t.Helper()
	a.do("command=tell", "entity=avatar", "firstname="+b.first, "lastname="+b.last, "message="+text)
	got := b.news.await("the message", has("type=message", "message="+text))
	if got.Get("firstname") != a.first || got.Get("lastname") != a.last {
		a.t.Errorf("%s received %v", b.first, got)
	}
}
