package chatlog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/internal/chatlog"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { commandtest.Main(m) }

// written waits until a file holds a line.
func written(t *testing.T, w *commandtest.World, file, line string) {
	t.Helper()
	path := filepath.Join(w.ChatLogs, file)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(commandtest.Patience)
	for {
		text, err := os.ReadFile(path)
		for got := range strings.Lines(string(text)) {
			if stamp := regexp.MustCompile(`^\[\d\d-\d\d-\d{4} \d\d:\d\d:\d\d\] `).FindString(got); stamp != "" && got[len(stamp):] == line+"\n" {
				return
			}
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("no line %q in %s: %v\n%s", line, file, err, text)
		}
	}
}

func TestEverythingSaidIsWrittenToTheFileItBelongsTo(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Answers: simgrid.AnswerNone, Reply: func(simgrid.Heard, bool) string { return "" }})
	solo, err := w.Grid.AddInhabitant(simgrid.InhabitantConfig{First: "Solo", Region: "Heronry", Reply: func(simgrid.Heard, bool) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	lamp := w.Prim(t, simgrid.PrimConfig{Name: "Lamp", Owner: me, Position: commandtest.Start})
	group, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: "On the grid", ID: commandtest.GroupID, Members: []grid.UUID{me, ada.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: "Not configured", Members: []grid.UUID{me, ada.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	conference, err := w.Grid.AddConference("../Ada's table", me, ada.ID())
	if err != nil {
		t.Fatal(err)
	}
	w.Until(t, "the agent knows its groups", func() bool { return len(w.Agent.Groups()) == 2 })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(ada.Say(grid.ChatShout, 0, "hello : there"))
	must(ada.Say(grid.ChatNormal, 0, "one\ntwo"))
	must(lamp.Say(grid.ChatWhisper, 0, "flicker"))
	must(lamp.RegionSayTo(me, 0, "psst"))
	must(lamp.OwnerSay("on"))
	must(lamp.Message(me, "you have mail"))
	ada.Message(me, "in private")
	must(other.Say(ada.ID(), "not for files"))
	must(group.Say(ada.ID(), "to all"))
	must(conference.Say(ada.ID(), "to some"))
	w.Grid.Region("Rookery").RegionMessage(ada.ID(), "Ada Rook", "to the region")
	w.Do(t, "command=tell&entity=local&message=my+own")
	w.Do(t, "command=tell&entity=avatar&message=an+answer&agent="+ada.ID().String())
	w.Do(t, "command=tell&entity=avatar&message=out+of+the+blue&agent="+solo.ID().String()) // its name has to be asked for
	w.Do(t, "command=tell&entity=avatar&dialog=StartTyping&message=typing&agent="+ada.ID().String())

	id := lamp.ID().String()
	for _, tt := range []struct{ file, line string }{
		{"local/Rookery.log", "Ada Rook (Shout) : hello : there"},
		{"local/Rookery.log", "Ada Rook (Normal) : one"},
		{"local/Rookery.log", "Lamp (Whisper) : flicker"},
		{"local/Rookery.log", "Lamp (RegionSayTo) : psst"},
		{"local/Rookery.log", "Test Bot (Normal) : my own"},
		{"ownersay/" + id + ".log", "Lamp (" + id + ") (OwnerSay) : on"},
		{"im/" + id + ".log", "Lamp (" + id + ") : you have mail"},
		{"im/Ada Rook.log", "Ada Rook : in private"},
		{"im/Ada Rook.log", "Test Bot : an answer"},
		{"im/Solo Resident.log", "Test Bot : out of the blue"},
		{"group/My Group.log", "Ada Rook : to all"},
		{"conference/%2E.%2FAda's table.log", "Ada Rook : to some"},
		{"region/Rookery.log", "Ada Rook : to the region"},
	} {
		written(t, w, tt.file, tt.line)
	}
	w.ChatLog.Close()
	files := 0
	err = filepath.WalkDir(w.ChatLogs, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		for _, not := range []string{"not for files", "typing"} {
			if strings.Contains(string(text), not) {
				t.Errorf("%s is in %s", not, path)
			}
		}
		return err
	})
	if err != nil || files != 8 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestPasswordsOfCommandsAreNotWritten(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Answers: simgrid.AnswerNone, Reply: func(simgrid.Heard, bool) string { return "" }})
	lamp := w.Prim(t, simgrid.PrimConfig{Name: "Lamp", Owner: me, Position: commandtest.Start})
	const secret = "command=addconfigurationgroup&group=My+Group&password=hush-hush&secret=hush-hush"
	for _, err := range []error{
		lamp.OwnerSay(secret), lamp.RegionSayTo(me, 0, secret), lamp.Message(me, secret),
		lamp.Message(me, `{"command":"version","group":"My Group","password":"hush-hush"}`),
		ada.Say(grid.ChatNormal, 0, secret),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ada.Message(me, secret)
	ada.Message(me, "last")
	written(t, w, "im/Ada Rook.log", "Ada Rook : last")
	written(t, w, "im/Ada Rook.log", "Ada Rook : command=addconfigurationgroup&group=My+Group&password=***")
	written(t, w, "local/Rookery.log", "Ada Rook (Normal) : command=addconfigurationgroup&group=My+Group&password=***")
	w.ChatLog.Close()
	err := filepath.WalkDir(w.ChatLogs, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if text, _ := os.ReadFile(path); strings.Contains(string(text), "hush") {
			t.Errorf("%s holds a password:\n%s", path, text)
		}
		if strings.Contains(path, lamp.ID().String()) {
			t.Errorf("there is a file %s", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestMessagesThatWaitedAreWrittenWithTheTimeTheyWereSent(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Reply: func(simgrid.Heard, bool) string { return "" }})
	ctx, cancel := context.WithTimeout(t.Context(), commandtest.Patience)
	defer cancel()
	me := w.Agent.Self().ID
	seen := w.Watch(t)
	if err := w.Agent.Logout(ctx); err != nil {
		t.Fatal(err)
	}
	ada.Message(me, "when you wake up")
	commandtest.Saw(t, seen, func(e simgrid.MessageSent) bool { return e.To == me && !e.Delivered })
	if err := w.Agent.Login(ctx); err != nil {
		t.Fatal(err)
	}
	told := w.Heard(t, "message", script.Pairs{{Key: "message", Value: "when you wake up"}})
	written(t, w, "im/Ada Rook.log", "Ada Rook : when you wake up")
	found, err := w.ChatLog.Search(ctx, chatlog.Query{Kind: chatlog.Message})
	if err != nil || len(found) != 1 || script.FormatTime(found[0].Time) != told.Get("date") {
		t.Errorf("found %+v, %v, told %s", found, err, told.Get("date"))
	}
}

func TestSettingsChangeWhileItWrites(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Answers: simgrid.AnswerNone, Reply: func(simgrid.Heard, bool) string { return "" }})
	say := func(text string) {
		t.Helper()
		if err := ada.Say(grid.ChatNormal, 0, text); err != nil {
			t.Fatal(err)
		}
		ada.Message(w.Agent.Self().ID, text)
		w.Heard(t, "local", script.Pairs{{Key: "message", Value: text}})
		w.Heard(t, "message", script.Pairs{{Key: "message", Value: text}})
	}
	say("one")
	written(t, w, "local/Rookery.log", "Ada Rook (Normal) : one")
	written(t, w, "im/Ada Rook.log", "Ada Rook : one")
	w.ChatLog.Set(chatlog.Settings{})
	say("two")
	if _, err := w.ChatLog.Search(t.Context(), chatlog.Query{}); !errors.Is(err, chatlog.ErrOff) {
		t.Errorf("read: %v", err)
	}
	old := w.ChatLogs
	w.ChatLogs = filepath.Join(t.TempDir(), "elsewhere")
	w.ChatLog.Set(chatlog.Settings{Directory: w.ChatLogs, Kinds: map[chatlog.Kind]bool{chatlog.Message: true}})
	say("three")
	written(t, w, "im/Ada Rook.log", "Ada Rook : three")
	if _, err := os.Stat(filepath.Join(w.ChatLogs, "local")); err == nil {
		t.Error("local chat is written although it is not wanted")
	}
	for _, dir := range []string{old, w.ChatLogs} {
		if text, err := os.ReadFile(filepath.Join(dir, "im", "Ada Rook.log")); err != nil || strings.Contains(string(text), "two") {
			t.Errorf("%v: %s", err, text)
		}
	}
}

func TestADiskThatRefusesHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Answers: simgrid.AnswerNone, Reply: func(simgrid.Heard, bool) string { return "" }})
	written := func(text string) { written(t, w, "im/Ada Rook.log", "Ada Rook : "+text) }
	ada.Message(w.Agent.Self().ID, "one")
	written("one")
	im := filepath.Join(w.ChatLogs, "im")
	if err := os.Rename(im, im+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(im, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"two", "three"} {
		ada.Message(w.Agent.Self().ID, text)
		w.Heard(t, "message", script.Pairs{{Key: "message", Value: text}})
	}
	if err := ada.Say(grid.ChatNormal, 0, "meanwhile"); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond) // other kinds are written
	defer tick.Stop()
	late := time.After(commandtest.Patience)
	for {
		text, _ := os.ReadFile(filepath.Join(w.ChatLogs, "local", "Rookery.log"))
		if strings.Contains(string(text), "meanwhile") {
			break
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("local chat is not written")
		}
	}
	if err := os.Remove(im); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(im+".away", im); err != nil {
		t.Fatal(err)
	}
	ada.Message(w.Agent.Self().ID, "four")
	written("four")
}

// An agent that was never in a grid can be logged, and the log be closed twice.
func TestLogsOfAgentsThatAreAwayEnd(t *testing.T) {
	t.Parallel()
	a, err := agent.New(agent.Config{LoginURI: "http://127.0.0.1:1/", Login: login.Params{First: "Test", Last: "Bot", Password: "secret"}})
	if err != nil {
		t.Fatal(err)
	}
	l := chatlog.Open(chatlog.Options{Agent: a}, chatlog.Settings{Directory: t.TempDir(), Kinds: map[chatlog.Kind]bool{chatlog.Local: true}})
	l.Close()
	l.Close()
	l.Set(chatlog.Settings{})
}
