package chatlog

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
)

func TestNothingWaitsForADiskThatHangs(t *testing.T) {
	t.Parallel()
	a, err := agent.New(agent.Config{LoginURI: "http://127.0.0.1:1/", Login: login.Params{First: "Test", Last: "Bot", Password: "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	l := Open(Options{Agent: a, Log: slog.New(slog.NewTextHandler(&said, nil))},
		Settings{Directory: t.TempDir(), Kinds: map[Kind]bool{Local: true, Message: true}})
	l.store.mu.Lock() // whoever writes waits
	const lines = 3 * queueLength
	for range lines {
		l.hear(agent.ChatHeard{FromName: "Jenny Nest", Kind: grid.ChatSourceAgent, Type: grid.ChatNormal, Message: "hello"})
	}
	for range lines { // those whose file is not known yet
		l.hear(agent.MessageSent{InstantMessage: agent.InstantMessage{FromName: "Test Bot", To: grid.UUID{1}, Message: "hello"}})
	}
	l.Set(l.store.settings())
	l.store.mu.Unlock()
	l.Close()
	if !regexp.MustCompile(`level=WARN msg="chat was not written: too much at a time" lines=\d+`).MatchString(said.String()) || strings.Count(said.String(), "\n") != 1 {
		t.Errorf("the log says\n%s", said.String())
	}
	files := tree(t, l.store.settings().Directory)
	if n := files["local/"+l.region(0)+".log"]; n < queueLength || n > queueLength+1 {
		t.Errorf("%d lines are written: %v in %s", n, files, filepath.Base(l.store.settings().Directory))
	}
}
