package friend_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	nobody = "870b5fa9-0b32-491e-8848-465666ae1151"
	null   = "00000000-0000-0000-0000-000000000000"
)

func want(pairs ...string) script.Pairs {
	var ps script.Pairs
	for i := 0; i < len(pairs); i += 2 {
		ps.Add(pairs[i], pairs[i+1])
	}
	return ps
}

func TestEntriesOfEveryTypeAreKeptByTheGrid(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook"})
	birds, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: "Birds", Members: []grid.UUID{me}})
	if err != nil {
		t.Fatal(err)
	}
	crows, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: "Crows", Members: []grid.UUID{ada.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	w.Until(t, "the agent knows its groups", func() bool { return len(w.Agent.Groups()) == 1 })
	if got := w.Do(t, "command=getmutes"); len(got) != 0 {
		t.Fatalf("a new account mutes %v", got)
	}
	id, err := grid.ParseUUID(nobody)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		line string
		want grid.Mute
	}{
		{"type=Resident&agent=" + ada.ID().String(), grid.Mute{Type: grid.MuteResident, ID: ada.ID(), Name: "Ada Rook"}},
		{"type=resident&firstname=ADA&lastname=rook", grid.Mute{Type: grid.MuteResident, ID: ada.ID(), Name: "Ada Rook"}},
		{"type=ByName&name=Spam+Box", grid.Mute{Name: "Spam Box"}},
		{"type=Object&target=" + nobody + "&name=Noisy&flags=TextChat,Particles", grid.Mute{Type: grid.MuteObject, ID: id, Name: "Noisy", Flags: grid.MuteExceptTextChat | grid.MuteExceptParticles}},
		{"type=External&target=" + nobody + "&name=Caller&flags=all", grid.Mute{Type: grid.MuteExternal, ID: id, Name: "Caller", Flags: grid.MuteExceptAll}},
		{"type=Group&target=birds", grid.Mute{Type: grid.MuteGroup, ID: birds.ID(), Name: "Birds"}},
		{"type=Group&target=" + crows.ID().String(), grid.Mute{Type: grid.MuteGroup, ID: crows.ID(), Name: "Crows"}},
	} {
		w.Do(t, "command=mute&action=mute&"+tt.line)
		if got := w.Grid.Mutes(me); !slices.Equal(got, []grid.Mute{tt.want}) {
			t.Errorf("%s: the grid keeps %+v, want %+v", tt.line, got, tt.want)
		}
		cells := []string{tt.want.Name, tt.want.ID.String(), tt.want.Flags.String(), tt.want.Type.String()}
		if diff := cmp.Diff(cells, w.Do(t, "command=getmutes")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.line, diff)
		}
		w.Fails(t, "command=mute&action=mute&"+tt.line, script.ErrMuteEntryAlreadyExists)
		w.Do(t, "command=mute&action=unmute&"+tt.line)
		if got := w.Grid.Mutes(me); len(got) != 0 {
			t.Errorf("%s: the grid keeps %+v", tt.line, got)
		}
		w.Fails(t, "command=mute&action=unmute&"+tt.line, script.ErrMuteEntryNotFound)
	}
	// Of two entries with one name the id tells which is meant.
	w.Do(t, "command=mute&action=mute&type=Object&name=Object&target="+birds.ID().String())
	w.Do(t, "command=mute&action=mute&type=Object&name=Object&target="+crows.ID().String())
	w.Do(t, "command=mute&action=unmute&type=Object&name=Object&target="+crows.ID().String())
	if got := w.Grid.Mutes(me); len(got) != 1 || got[0].ID != birds.ID() {
		t.Errorf("left is %+v", got)
	}
	w.Do(t, "command=mute&action=unmute&type=ByName&name=object")
	if got := w.Grid.Mutes(me); len(got) != 0 {
		t.Errorf("left is %+v", got)
	}
}

func TestWhatIsMutedIsNeitherObeyedNorTold(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	box := w.Prim(t, simgrid.PrimConfig{Name: "Box", Owner: me, Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	witness := w.Prim(t, simgrid.PrimConfig{Name: "Witness", Owner: me, Position: commandtest.Start.Add(grid.Vector3{X: 3})})
	speak := func(step string) (commands []string, told int) {
		t.Helper()
		order := func(path string) string {
			return "command=version&group=My+Group&password=mypassword&_step=" + step + "&_path=" + path
		}
		for _, err := range []error{
			box.Message(me, order("message")), box.OwnerSay(order("ownersay")), box.RegionSayTo(me, 0, order("regionsayto")),
			box.Message(me, step), box.OwnerSay(step), box.RegionSayTo(me, 0, step), box.Say(grid.ChatNormal, 0, step),
			witness.Message(me, "end "+step), witness.OwnerSay("end " + step),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		w.Heard(t, "objectim", want("message", "end "+step))
		w.Heard(t, "ownersay", want("message", "end "+step))
		for _, r := range w.Commands() {
			if r.Pairs.Get("_step") == step {
				commands = append(commands, r.Pairs.Get("_path"))
			}
		}
		for _, kind := range []string{"objectim", "ownersay", "regionsayto", "local"} {
			for _, n := range w.Told(t, kind) {
				if n.Get("message") == step {
					told++
				}
			}
		}
		return commands, told
	}
	all := []string{"message", "ownersay", "regionsayto"}
	if commands, told := speak("before"); !slices.Equal(commands, all) || told != 4 {
		t.Errorf("before: obeyed %v, told %d", commands, told)
	}
	w.Do(t, "command=mute&action=mute&type=Object&name=Box&target="+box.ID().String())
	if commands, told := speak("muted"); len(commands) != 0 || told != 0 {
		t.Errorf("muted: obeyed %v, told %d", commands, told)
	}
	w.Do(t, "command=mute&action=unmute&type=Object&name=Box&target="+box.ID().String())
	if commands, told := speak("after"); !slices.Equal(commands, all) || told != 4 {
		t.Errorf("after: obeyed %v, told %d", commands, told)
	}
	w.Do(t, "command=mute&action=mute&type=ByName&name=box&flags=TextChat,VoiceChat")
	if commands, told := speak("words excepted"); !slices.Equal(commands, all) || told != 4 {
		t.Errorf("words excepted: obeyed %v, told %d", commands, told)
	}
}

func TestAMutedAvatarIsNotHeard(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Position: commandtest.Start.Add(grid.Vector3{X: 2}), Answers: simgrid.AnswerNone})
	ben := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ben", Last: "Jay", Position: commandtest.Start.Add(grid.Vector3{X: 2}), Answers: simgrid.AnswerNone})
	w.Do(t, "command=batchmute&action=mute&type=Resident&mutes="+url.QueryEscape("Ada Rook,"+ada.ID().String()))
	for _, in := range []*simgrid.Inhabitant{ada, ben} {
		if err := in.Say(grid.ChatNormal, 0, "spoken"); err != nil {
			t.Fatal(err)
		}
		in.Message(me, "written")
	}
	w.Heard(t, "local", want("message", "spoken", "firstname", "Ben"))
	w.Heard(t, "message", want("message", "written", "firstname", "Ben"))
	for _, kind := range []string{"local", "message"} {
		for _, n := range w.Told(t, kind) {
			if n.Get("firstname") == "Ada" {
				t.Errorf("told %v", n)
			}
		}
	}
}

func TestSeveralEntriesAtOnce(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	batch := func(action, mutes string) []string {
		t.Helper()
		return w.Do(t, "command=batchmute&action="+action+"&flags=Particles&mutes="+url.QueryEscape(mutes))
	}
	if failed := batch("mute", "Box,"+null+",Chair,"+nobody+",Bad,id,Box,"+null+",odd"); !slices.Equal(failed, []string{"Bad", "Box", "odd"}) {
		t.Errorf("failed %v", failed)
	}
	id, _ := grid.ParseUUID(nobody)
	if got := w.Grid.Mutes(me); !slices.Equal(got, []grid.Mute{{Name: "Box", Flags: 4}, {Name: "Chair", ID: id, Flags: 4}}) {
		t.Errorf("the grid keeps %+v", got)
	}
	if failed := batch("unmute", "box,"+null+",Table,"+null+",whatever,"+nobody); !slices.Equal(failed, []string{"Table"}) {
		t.Errorf("failed %v", failed)
	}
	if got := w.Grid.Mutes(me); len(got) != 0 {
		t.Errorf("the grid keeps %+v", got)
	}
}

func TestWrongWordsAreExplained(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID.String()
	w.Agent.SetTimeouts(time.Second, 50*time.Millisecond) // how long nobody is asked for
	w.Refuses(
		t,
		commandtest.Refusal{Line: "command=mute&action=mute", Error: script.ErrUnknownMuteType, Says: "ByName, Resident"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Avatar", Error: script.ErrUnknownMuteType, Says: "none of ByName"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Resident", Error: script.ErrAgentNotFound, Says: "firstname and lastname"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Resident&agent=" + nobody, Error: script.ErrAgentNotFound},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Resident&agent=" + me, Error: script.ErrInvalidMuteTarget, Says: "itself"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Group", Error: script.ErrInvalidMuteTarget, Says: "target is missing"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Group&target=Owls", Error: script.ErrGroupNotFound, Says: `"Owls"`},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Group&target=" + nobody, Error: script.ErrGroupNotFound},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Object&name=x", Error: script.ErrInvalidMuteTarget, Says: "target is missing"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Object&name=x&target=x", Error: script.ErrInvalidMuteTarget, Says: "UUID"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Object&name=x&target=" + null, Error: script.ErrInvalidMuteTarget, Says: "UUID"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=Object&target=" + nobody, Error: script.ErrNoNameProvided, Says: "name is missing"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=ByName", Error: script.ErrNoNameProvided, Says: "name is missing"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=ByName&name=" + strings.Repeat("x", 255), Error: script.ErrInvalidMuteTarget, Says: "254 bytes"},
		commandtest.Refusal{Line: "command=mute&action=mute&type=ByName&name=x&flags=Text", Error: script.ErrInvalidParameter, Says: `"Text" is none of Default, TextChat`},
		commandtest.Refusal{Line: "command=mute&type=ByName&name=x", Error: script.ErrUnknownAction, Says: "mute, unmute"},
		commandtest.Refusal{Line: "command=mute&action=add&type=ByName&name=x", Error: script.ErrUnknownAction, Says: "mute, unmute"},
		commandtest.Refusal{Line: "command=batchmute&mutes=x," + null, Error: script.ErrUnknownAction, Says: "mute, unmute"},
		commandtest.Refusal{Line: "command=batchmute&action=mute", Error: script.ErrMissingParameter, Says: "mutes is missing"},
		commandtest.Refusal{Line: "command=batchmute&action=mute&type=x&mutes=x," + null, Error: script.ErrUnknownMuteType, Says: "ByName"},
	)
	if got := w.Grid.Mutes(w.Agent.Self().ID); len(got) != 0 {
		t.Errorf("the grid keeps %+v", got)
	}
}

func TestOffersOfFriendshipAreAnswered(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	seen := w.Watch(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook"})
	ben := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ben"})
	if got := w.Do(t, "command=getfriendshiprequests"); len(got) != 0 {
		t.Errorf("waiting are %v", got)
	}
	ada.OfferFriendship(me, "friends?")
	ben.OfferFriendship(me, "friends?")
	w.Until(t, "both offers", func() bool { return len(w.Agent.FriendshipOffers()) == 2 })
	offers := w.Agent.FriendshipOffers()
	want := []string{
		"Ada Rook", ada.ID().String(), offers[0].Session.String(), "Ben Resident", ben.ID().String(), offers[1].Session.String(),
	}
	if diff := cmp.Diff(want, w.Do(t, "command=getfriendshiprequests")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.Refuses(
		t,
		commandtest.Refusal{Line: "command=replytofriendshiprequest&agent=" + ada.ID().String(), Error: script.ErrUnknownAction, Says: "accept, decline"},
		commandtest.Refusal{Line: "command=replytofriendshiprequest&action=ignore", Error: script.ErrUnknownAction, Says: "accept, decline"},
		commandtest.Refusal{Line: "command=replytofriendshiprequest&action=accept", Error: script.ErrAgentNotFound},
		commandtest.Refusal{Line: "command=replytofriendshiprequest&action=accept&agent=" + nobody, Error: script.ErrFriendshipOfferNotFound},
	)
	w.Do(t, "command=replytofriendshiprequest&action=accept&firstname=ada&lastname=rook")
	w.Do(t, "command=replytofriendshiprequest&action=decline&agent="+ben.ID().String())
	commandtest.Saw(t, seen, func(e simgrid.FriendshipFormed) bool { return e.From == ada.ID() && e.By == me })
	commandtest.Saw(t, seen, func(e simgrid.FriendshipDeclined) bool { return e.From == ben.ID() && e.By == me })
	if got := w.Do(t, "command=getfriendshiprequests"); len(got) != 0 {
		t.Errorf("waiting are %v", got)
	}
	w.Fails(t, "command=replytofriendshiprequest&action=accept&agent="+ada.ID().String(), script.ErrFriendshipOfferNotFound)
}

func TestAGridThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=mute&action=mute&type=ByName&name=Box")
	w.Silence(t)
	w.Fails(t, "command=mute&action=mute&type=ByName&name=Chair&timeout=200", script.ErrTimeoutUpdatingMuteList)
	w.Fails(t, "command=mute&action=unmute&type=ByName&name=Box&timeout=200", script.ErrTimeoutUpdatingMuteList)
	if got := w.Do(t, "command=getmutes"); !slices.Equal(got, []string{"Box", null, "Default", "ByName"}) {
		t.Errorf("obeyed is %v", got)
	}
}

func TestAGridWithoutMuteLists(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Agent.SetTimeouts(time.Second, 50*time.Millisecond)
	w.Do(t, "command=getmutes")
	w.Grid.IgnoreMuteListRequests(true)
	w.Do(t, "command=logout")
	w.Fails(t, "command=mute&action=mute&type=ByName&name=Box", script.ErrNotConnected)
	w.Do(t, "command=login")
	w.Fails(t, "command=getmutes", script.ErrCouldNotRetrieveMuteList)
	w.Do(t, "command=mute&action=mute&type=ByName&name=Box")
	if answer := w.Fails(t, "command=getmutes", script.ErrCouldNotRetrieveMuteList); answer.Get("data") != "Box,"+null+",Default,ByName" {
		t.Errorf("obeyed is %v", answer)
	}
}
