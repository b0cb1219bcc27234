package agent_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/message"
	"rookery/simgrid"
)

func TestTheMuteListSurvivesLogins(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{OpenSim: opensim})
			b := w.bot("Deaf", nil)
			id := b.Self().ID
			if got, err := b.Mutes(w.ctx); err != nil || len(got) != 0 {
				t.Fatalf("a new account mutes %v, %v", got, err)
			}
			var want []grid.Mute
			for i := range 60 { // the file takes several packets
				m := grid.Mute{Type: grid.MuteObject, ID: uuid.New(), Name: fmt.Sprintf("Boîte|%d", i), Flags: grid.MuteFlags(i % 16)}
				want = append(want, m)
				must(t, b.Mute(w.ctx, m))
			}
			want[5].Type, want[5].Flags = grid.MuteResident, grid.MuteExceptAll
			must(t, b.Mute(w.ctx, want[5]))
			must(t, b.Unmute(w.ctx, want[7]))
			want = slices.Delete(want, 7, 8)
			heard(b, 0, func(e agent.MuteListChanged) bool { return slices.Equal(e.Mutes, want) })
			if got := w.Mutes(id); !slices.Equal(got, want) {
				t.Errorf("the grid keeps %v, want %v", got, want)
			}
			must(t, b.Logout(w.ctx))
			other := w.newBot("Deaf", nil)
			must(t, other.Login(w.ctx))
			if got, err := other.Mutes(w.ctx); err != nil || !slices.Equal(got, want) {
				t.Errorf("after another login %v, %v; want %v", got, err, want)
			}
			heard(other, 0, func(e agent.MuteListChanged) bool { return slices.Equal(e.Mutes, want) })
		})
	}
}

// From a muted source nothing is heard; what is said after it tells that it
// would have come.
func TestTheMutedAreNotHeard(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := grid.Vector3{X: 130, Y: 128, Z: 22}
			w := newWorld(t, simgrid.Config{OpenSim: opensim, Inhabitants: []simgrid.InhabitantConfig{
				{First: "Ada", Last: "Rook", Region: "Rookery", Position: at, Answers: simgrid.AnswerNone},
				{First: "Ben", Region: "Rookery", Position: at, Answers: simgrid.AnswerNone},
			}})
			ada, ben := w.Inhabitant("Ada", "Rook"), w.Inhabitant("Ben", "")
			b := w.bot("Deaf", startAt("Rookery", 128, 128, 22))
			me := b.Self().ID
			prim := func(name string, owner grid.UUID) *simgrid.Prim {
				p, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: name, Owner: owner, Position: at})
				must(t, err)
				heard(b, 0, func(e agent.ObjectAppeared) bool { return e.Object.ID == p.ID() })
				return p
			}
			adas, mine, spam, witness := prim("Ada's", ada.ID()), prim("Mine", me), prim("Spam Box", uuid.New()), prim("Witness", uuid.New())
			speak := func(text string) {
				_ = ada.Say(grid.ChatNormal, 0, "ada "+text)
				_ = ada.Say(grid.ChatStartTyping, 0, "")
				ada.Typing(me, true)
				ada.Message(me, "ada "+text)
				ada.Typing(me, false)
				_ = ben.Say(grid.ChatNormal, 0, "ben "+text)
				ben.Message(me, "ben "+text)
				for _, p := range []*simgrid.Prim{adas, mine, spam} {
					must(t, p.Say(grid.ChatNormal, 0, "prim "+text))
					must(t, p.RegionSayTo(me, 0, "prim "+text))
					must(t, p.Message(me, "prim "+text))
				}
				must(t, mine.OwnerSay("prim "+text))
				must(t, witness.Say(grid.ChatNormal, 0, "end "+text))
				must(t, witness.Message(me, "end "+text))
				heard(b, 0, func(e agent.ChatHeard) bool { return e.Message == "end "+text })
				heard(b, 0, func(e agent.ObjectMessage) bool { return e.Message == "end "+text })
			}
			counts := func(text string) (n map[string]int) {
				n = make(map[string]int)
				for _, e := range all[agent.ChatHeard](b) {
					if strings.HasSuffix(e.Message, " "+text) {
						n[e.FromName+" chat"]++
					}
				}
				for _, e := range all[agent.MessageReceived](b) {
					if strings.HasSuffix(e.Message, " "+text) {
						n[e.FromName+" message"]++
					}
				}
				for _, e := range all[agent.ObjectMessage](b) {
					if strings.HasSuffix(e.Message, " "+text) {
						n[e.FromName+" message"]++
					}
				}
				delete(n, "Witness chat")
				delete(n, "Witness message")
				return n
			}
			all := map[string]int{
				"Ada Rook chat": 1, "Ada Rook message": 1, "Ben Resident chat": 1, "Ben Resident message": 1,
				"Ada's chat": 2, "Ada's message": 1, "Mine chat": 3, "Mine message": 1, "Spam Box chat": 2, "Spam Box message": 1,
			}
			without := func(names ...string) map[string]int {
				n := make(map[string]int)
				for k, v := range all {
					if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(k, name+" ") }) {
						n[k] = v
					}
				}
				return n
			}
			for i, step := range []struct {
				do   string
				mute grid.Mute
				want map[string]int
			}{
				{"nobody", grid.Mute{}, all},
				{"an object", grid.Mute{Type: grid.MuteObject, ID: mine.ID(), Name: "Mine"}, without("Mine")},
				{"an avatar and its objects", grid.Mute{Type: grid.MuteResident, ID: ada.ID(), Name: "Ada Rook"}, without("Ada Rook", "Ada's")},
				{"a name", grid.Mute{Name: "spam box"}, without("Spam Box")},
				{"the name of an avatar", grid.Mute{Name: "Ben"}, without("Ben Resident")},
				{"all but words", grid.Mute{Type: grid.MuteResident, ID: ada.ID(), Name: "Ada Rook", Flags: grid.MuteExceptTextChat}, all},
				{"all but sounds", grid.Mute{Type: grid.MuteResident, ID: ada.ID(), Name: "Ada Rook", Flags: grid.MuteExceptAll &^ grid.MuteExceptTextChat}, without("Ada Rook", "Ada's")},
				{"nobody any more", grid.Mute{}, all},
			} {
				if step.mute != (grid.Mute{}) {
					must(t, b.Mute(w.ctx, step.mute))
				}
				text, typed := fmt.Sprint("text ", i), len(typings(b))
				speak(text)
				want := step.want
				if opensim && want["Ada's message"] == 0 {
					// There the message names the object, and nothing tells whose it is.
					want["Ada's message"] = 1
				}
				if got := counts(text); !mapsEqual(got, want) {
					t.Errorf("%s muted: heard %v, want %v", step.do, got, want)
				}
				silent := step.want["Ada Rook chat"] == 0
				if typed := len(typings(b)) - typed; silent != (typed == 0) {
					t.Errorf("%s muted: heard %d times of typing", step.do, typed)
				}
				if step.mute != (grid.Mute{}) {
					must(t, b.Unmute(w.ctx, step.mute))
				}
			}
		})
	}
}

func typings(b *bot) []agent.TypingChanged { return all[agent.TypingChanged](b) }

func mapsEqual(a, b map[string]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

func TestMessagesOfTheMutedThatWaitedAreNotHeard(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{OpenSim: opensim, Inhabitants: []simgrid.InhabitantConfig{
				{First: "Ada", Last: "Rook", Region: "Rookery"}, {First: "Ben", Last: "Wren", Region: "Rookery"},
			}})
			ada, ben := w.Inhabitant("Ada", "Rook"), w.Inhabitant("Ben", "Wren")
			b := w.newBot("Deaf", nil)
			id := w.Account("Deaf", "Bot").ID()
			must(t, w.SetMutes(id, []grid.Mute{{Type: grid.MuteResident, ID: ada.ID(), Name: "Ada Rook"}}))
			ada.Message(id, "buy this")
			_, err := ada.Give(id, simgrid.Item{Name: "Spam", Type: grid.AssetNotecard})
			must(t, err)
			ben.Message(id, "hello")
			must(t, b.Login(w.ctx))
			heard(b, 0, func(e agent.MessageReceived) bool { return e.Message == "hello" })
			await(w, func(e simgrid.ItemPlaced) bool { return e.Item.Name == "Spam" && e.Item.Parent == "Trash" })
			if got := all[agent.MessageReceived](b); len(got) != 1 {
				t.Errorf("heard %v", got)
			}
			if got := b.InventoryOffers(); len(got) != 0 {
				t.Errorf("offered is %v", got)
			}
		})
	}
}

func TestOffersOfTheMutedDoNotCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{
		{First: "Ada", Last: "Rook", Region: "Rookery"}, {First: "Ben", Last: "Wren", Region: "Rookery"},
	}})
	ada, ben := w.Inhabitant("Ada", "Rook"), w.Inhabitant("Ben", "Wren")
	b := w.bot("Deaf", nil)
	id := b.Self().ID
	birds, err := w.AddGroup(simgrid.GroupConfig{Name: "Birds", Members: []grid.UUID{ada.ID(), ben.ID()}})
	must(t, err)
	must(t, b.Mute(w.ctx, grid.Mute{Type: grid.MuteResident, ID: ada.ID(), Name: "Ada Rook"}))
	for _, in := range []*simgrid.Inhabitant{ada, ben} {
		in.OfferFriendship(id, "")
		in.Lure(id, "")
		in.InviteToGroup(id, birds)
		_, err := in.Give(id, simgrid.Item{Name: in.Name(), Type: grid.AssetNotecard})
		must(t, err)
	}
	heard(b, 0, func(e agent.InventoryOffered) bool { return e.From == ben.ID() && e.Message == "Ben Wren" })
	if n := []int{len(b.FriendshipOffers()), len(b.Lures()), len(b.Invitations()), len(b.InventoryOffers())}; !slices.Equal(n, []int{1, 1, 1, 1}) {
		t.Errorf("waiting are %v", n)
	}
	if got := b.Invitations(); len(got) == 1 && got[0].FromName != "Ben Wren" {
		t.Errorf("invited by %s", got[0].FromName)
	}
	await(w, func(e simgrid.ItemPlaced) bool { return e.Item.Name == "Ada Rook" && e.Item.Parent == "Trash" })
	// A muted group is not heard either.
	must(t, b.Mute(w.ctx, grid.Mute{Type: grid.MuteGroup, ID: birds.ID(), Name: "Birds"}))
	must(t, w.Send(id, &message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: birds.ID()},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			FromGroup: true, ToAgentID: id, Dialog: uint8(grid.IMGroupNotice), ID: uuid.New(), Message: message.Bytes("Sale|today"), BinaryBucket: []byte{0},
		},
	}))
	ben.Message(id, "end")
	heard(b, 0, func(e agent.MessageReceived) bool { return e.Message == "end" })
	for _, e := range all[agent.DialogReceived](b) {
		if e.Dialog == grid.IMGroupNotice {
			t.Errorf("heard a notice of a muted group: %+v", e)
		}
	}
}

func TestMuteEntriesMustNameSomebody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Deaf", nil)
	if err := b.Mute(w.ctx, grid.Mute{}); err == nil {
		t.Error("nobody was muted")
	}
	for _, name := range []string{strings.Repeat("x", 255), "two\nlines", "nul\x00"} {
		if err := b.Mute(w.ctx, grid.Mute{Name: name}); !errors.Is(err, agent.ErrTooLong) {
			t.Errorf("%q: %v", name, err)
		}
	}
	must(t, b.Logout(w.ctx))
	if err := b.Mute(w.ctx, grid.Mute{Name: "Box"}); !errors.Is(err, agent.ErrOffline) {
		t.Errorf("offline: %v", err)
	}
}

// Where a grid has no mute lists it does not answer, and the agent must neither
// wait for long nor lose what waits for its login.
func TestAGridWithoutMuteListsDelaysOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Deaf", func(c *agent.Config) { c.DataTimeout = 100 * time.Millisecond })
	if _, err := b.Mutes(w.ctx); err != nil {
		t.Fatal(err)
	}
	// The list is known now; another session finds the grid silent.
	must(t, b.Logout(w.ctx))
	w.IgnoreMuteListRequests(true)
	sender := w.bot("Sender", nil)
	must(t, sender.InstantMessage(w.ctx, w.Account("Deaf", "Bot").ID(), "still here"))
	await(w, func(e simgrid.MessageSent) bool { return e.Text == "still here" && !e.Delivered })
	must(t, b.Login(w.ctx))
	heard(b, 0, func(e agent.MessageReceived) bool { return e.Message == "still here" })
	if _, err := b.Mutes(w.ctx); !errors.Is(err, agent.ErrTimeout) {
		t.Errorf("%v, want a timeout", err)
	}
	w.IgnoreMuteListRequests(false)
	if _, err := b.Mutes(w.ctx); err != nil {
		t.Errorf("when the grid answers again: %v", err)
	}
}
