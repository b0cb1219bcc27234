package notify

import (
	"flag"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/agent"
	"rookery/grid"
	gridlogin "rookery/grid/login"
	"rookery/internal/bus"
	"rookery/internal/feed"
	"rookery/internal/rights"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the reference anew")

const reference = "../../docs/notifications.md"

func TestReferenceIsUpToDate(t *testing.T) {
	t.Parallel()
	want := Markdown()
	if *update {
		if err := os.WriteFile(reference, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is out of date; run go test ./internal/notify -update (-want +got):\n%s", reference, diff)
	}
}

func TestKindsAreKnownByName(t *testing.T) {
	t.Parallel()
	for i, k := range Kinds() {
		if n, err := rights.ParseNotification(k.Name); err != nil || n.Name != k.Name {
			t.Errorf("%s: %+v, %v", k.Name, n, err)
		}
		if i > 0 && Kinds()[i-1].Name >= k.Name {
			t.Errorf("%s is out of order", k.Name)
		}
	}
}

func offline(t testing.TB) *agent.Agent {
	t.Helper()
	a, err := agent.New(agent.Config{
		LoginURI: "http://127.0.0.1:1/", Login: gridlogin.Params{First: "Test", Last: "Bot", Password: "x"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var (
	someone = uuid.MustParse("870b5fa9-0b32-491e-8848-465666ae1151")
	thing   = uuid.MustParse("ee0af3af-9881-476b-9482-a8048f64b3f5")
	moment  = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
)

const (
	somebody  = "870b5fa9-0b32-491e-8848-465666ae1151"
	something = "ee0af3af-9881-476b-9482-a8048f64b3f5"
)

// Each event becomes exactly these texts, in the order of the kinds.
func TestEventsBecomeTexts(t *testing.T) {
	t.Parallel()
	place := grid.Vector3{X: 1.5, Y: 2, Z: 3}
	avatar := agent.Avatar{ID: someone, Name: agent.Name{First: "Ada", Last: "Rook"}, Position: place, Rotation: grid.Identity}
	object := agent.Object{ID: thing, PCode: grid.PCodePrim, Position: place, Rotation: grid.Identity}
	command := "command=version&group=My+Group&password=mypassword"
	for _, tt := range []struct {
		promise string
		event   any
		want    []string
	}{
		{
			"an avatar that speaks has two names",
			agent.ChatHeard{FromName: "Ada Rook", Source: someone, Owner: someone, Kind: grid.ChatSourceAgent, Type: grid.ChatWhisper, Audible: grid.ChatAudibleFully, Position: place, Message: "a&b"},
			[]string{"firstname=Ada&lastname=Rook&message=a%26b&owner=" + somebody + "&item=" + somebody +
				"&position=%3C1.5%2C+2%2C+3%3E&entity=Agent&audible=Fully&volume=Whisper&type=local&notification=local"},
		},
		{
			"an object that speaks has one, and no message makes no key",
			agent.ChatHeard{FromName: "The Door", Source: thing, Owner: someone, Kind: grid.ChatSourceObject, Type: grid.ChatShout, Audible: grid.ChatAudibleBarely},
			[]string{"name=The+Door&owner=" + somebody + "&item=" + something +
				"&position=%3C0%2C+0%2C+0%3E&entity=Object&audible=Barely&volume=Shout&type=local&notification=local"},
		},
		{
			"the language is told when it is plain",
			agent.MessageReceived{InstantMessage: agent.InstantMessage{From: someone, FromName: "ada.rook", Time: moment, Message: "Guten Morgen, ich hoffe, es geht Ihnen heute gut und Sie haben gut geschlafen."}},
			[]string{"firstname=ada&lastname=rook&agent=" + somebody +
				"&message=Guten+Morgen%2C+ich+hoffe%2C+es+geht+Ihnen+heute+gut+und+Sie+haben+gut+geschlafen." +
				"&language=deu&date=2024-05-06T07%3A08%3A09.000000Z&type=message&notification=message"},
		},
		{
			"a message has the time it was sent, a single name the last name Resident",
			agent.MessageReceived{InstantMessage: agent.InstantMessage{From: someone, FromName: "Ada", Time: moment, Message: "hi", Offline: true}},
			[]string{"firstname=Ada&lastname=Resident&agent=" + somebody + "&message=hi&date=2024-05-06T07%3A08%3A09.000000Z&type=message&notification=message"},
		},
		{
			"a command sent as message by an avatar is told",
			agent.MessageReceived{InstantMessage: agent.InstantMessage{From: someone, FromName: "Ada Rook", Time: moment, Message: "command=a&group=b&password=c"}},
			[]string{"firstname=Ada&lastname=Rook&agent=" + somebody + "&message=command%3Da%26group%3Db%26password%3Dc&date=2024-05-06T07%3A08%3A09.000000Z&type=message&notification=message"},
		},
		{
			"what the owner alone hears is no local chat",
			agent.ChatHeard{FromName: "Door", Source: thing, Owner: someone, Kind: grid.ChatSourceObject, Type: grid.ChatOwnerSay, Position: place, Message: "psst"},
			[]string{"message=psst&item=" + something + "&name=Door&position=%3C1.5%2C+2%2C+3%3E&type=ownersay&notification=ownersay"},
		},
		{
			"what one avatar alone hears neither",
			agent.ChatHeard{FromName: "Door", Source: thing, Owner: someone, Kind: grid.ChatSourceObject, Type: grid.ChatRegionSayTo, Position: place, Message: "psst"},
			[]string{"message=psst&owner=" + somebody + "&item=" + something + "&name=Door&position=%3C1.5%2C+2%2C+3%3E&type=regionsayto&notification=regionsayto"},
		},
		{"a command said to the owner is nobody's business", agent.ChatHeard{Type: grid.ChatOwnerSay, Message: command}, nil},
		{"a command said to one avatar neither", agent.ChatHeard{Type: grid.ChatRegionSayTo, Message: command}, nil},
		{"a command sent by an object neither", agent.ObjectMessage{InstantMessage: agent.InstantMessage{Message: command}, Object: thing}, nil},
		{"script errors are no chat", agent.ChatHeard{Type: grid.ChatDebug, Message: "stack overflow"}, nil},
		{
			"a message of an object tells its owner",
			agent.ObjectMessage{InstantMessage: agent.InstantMessage{From: someone, FromName: "Door", Message: "ding"}, Object: thing, Owner: someone},
			[]string{"owner=" + somebody + "&item=" + something + "&name=Door&message=ding&type=objectim&notification=objectim"},
		},
		{
			"or its sender on grids that do not tell the owner",
			agent.ObjectMessage{InstantMessage: agent.InstantMessage{From: thing, FromName: "Door", Message: "ding"}, Object: thing},
			[]string{"owner=" + something + "&item=" + something + "&name=Door&message=ding&type=objectim&notification=objectim"},
		},
		{
			"typing in chat",
			agent.TypingChanged{Agent: someone, FromName: "Ada Rook", Start: true},
			[]string{"agent=" + somebody + "&firstname=Ada&lastname=Rook&action=start&entity=local&type=typing&notification=typing"},
		},
		{
			"typing in a message",
			agent.TypingChanged{Agent: someone, FromName: "Ada Rook", IM: true},
			[]string{"agent=" + somebody + "&firstname=Ada&lastname=Rook&action=stop&entity=message&type=typing&notification=typing"},
		},
		{"typing of who has no name is not told", agent.TypingChanged{Agent: someone, Start: true}, nil},
		{
			"a login that failed says why",
			agent.LoginProgress{Status: agent.LoginFailed, Message: "no such avatar", Reason: "key"},
			[]string{"status=Failed&message=no+such+avatar&fail=key&action=login&type=login&notification=login"},
		},
		{"a logout", agent.LoggedOut{}, []string{"action=logout&type=login&notification=login"}},
		{
			"a logout that lost something: every cell of the list is there",
			agent.LoggedOut{Items: []grid.UUID{someone, thing}},
			[]string{"item=Index%2C0%2CGuid%2C" + somebody + "%2CIndex%2C1%2CGuid%2C" + something + "&action=logout&type=login&notification=login"},
		},
		{
			"an avatar that comes",
			agent.AvatarAppeared{Avatar: avatar},
			[]string{"firstname=Ada&lastname=Rook&id=" + somebody + "&position=%3C1.5%2C+2%2C+3%3E&rotation=%3C0%2C+0%2C+0%2C+1%3E&entity=Avatar&action=appear&type=avatars&notification=avatars"},
		},
		{
			"an avatar that goes",
			agent.AvatarGone{Avatar: avatar},
			[]string{"firstname=Ada&lastname=Rook&id=" + somebody + "&position=%3C1.5%2C+2%2C+3%3E&rotation=%3C0%2C+0%2C+0%2C+1%3E&entity=Avatar&action=vanish&type=avatars&notification=avatars"},
		},
		{
			"an object that comes, its owner not known",
			agent.ObjectAppeared{Object: object},
			[]string{"owner=00000000-0000-0000-0000-000000000000&id=" + something + "&position=%3C1.5%2C+2%2C+3%3E&rotation=%3C0%2C+0%2C+0%2C+1%3E&entity=Prim&action=appear&type=primitives&notification=primitives"},
		},
		{
			"an object that goes",
			agent.ObjectGone{Object: object},
			[]string{"owner=00000000-0000-0000-0000-000000000000&id=" + something + "&position=%3C1.5%2C+2%2C+3%3E&rotation=%3C0%2C+0%2C+0%2C+1%3E&entity=Prim&action=vanish&type=primitives&notification=primitives"},
		},
		{"an alert", agent.Alert{Message: "No room"}, []string{"message=No+room&type=alert&notification=alert"}},
		{"an alert without words", agent.Alert{}, nil},
		{
			"sitting down: seats that are not known are left out",
			agent.SitChanged{Avatar: avatar, New: thing, Seated: true},
			[]string{"firstname=Ada&lastname=Rook&agent=" + somebody + "&new=" + something + "&type=sit&notification=sit"},
		},
		{
			"standing up",
			agent.SitChanged{Avatar: avatar, Old: thing},
			[]string{"firstname=Ada&lastname=Rook&agent=" + somebody + "&old=" + something + "&type=sit&notification=sit"},
		},
		{"the first region", agent.RegionChanged{New: "Rookery"}, []string{"new=Rookery&action=changed&type=crossing&notification=crossing"}},
		{
			"over a border",
			agent.RegionCrossed{Old: "Rookery", New: "Heronry"},
			[]string{"old=Rookery&new=Heronry&action=crossed&type=crossing&notification=crossing"},
		},
		{
			"a teleport",
			agent.TeleportProgress{Status: agent.TeleportProgressed, Flags: grid.TeleportViaLocation | grid.TeleportIsFlying, Message: "resolving"},
			[]string{"status=Progress&flags=ViaLocation%2C+IsFlying&message=resolving&type=teleport&notification=teleport"},
		},
		{"a teleport without flags", agent.TeleportProgress{Status: agent.TeleportFinished}, []string{"status=Finished&flags=Default&type=teleport&notification=teleport"}},
		{
			"a move",
			agent.TerseUpdate{ID: thing, PCode: grid.PCodePrim, Position: place, Rotation: grid.Identity},
			[]string{"id=" + something + "&position=%3C1.5%2C+2%2C+3%3E&rotation=%3C0%2C+0%2C+0%2C+1%3E&entity=Prim&type=terse&notification=terse"},
		},
		{"what no notification tells", agent.BalanceChanged{Balance: 5}, nil},
	} {
		var told []string
		n := newNotifier(Options{Agent: offline(t), Publish: func(b bus.Notification) {
			told = append(told, string(b.Text))
			if b.Group != bus.EveryGroup {
				t.Errorf("%s: for group %q", tt.promise, b.Group)
			}
			declared(t, b)
		}})
		n.hear(tt.event)
		if diff := cmp.Diff(tt.want, told); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.promise, diff)
		}
	}
}

// declared holds the keys that were told against those that are documented.
func declared(t *testing.T, b bus.Notification) {
	t.Helper()
	pairs, err := b.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range kinds {
		if k.Name == b.Type {
			for _, key := range k.Keys {
				names = append(names, key.Name)
			}
		}
	}
	names = append(names, "type", "notification")
	at := 0
	for _, p := range pairs {
		i := slices.Index(names[at:], p.Key)
		if i < 0 {
			t.Errorf("%s: key %s is not documented, or out of order", b.Type, p.Key)
			continue
		}
		at += i + 1
	}
}

func TestUnwantedNotificationsAreNotMade(t *testing.T) {
	t.Parallel()
	var told []string
	n := newNotifier(Options{
		Agent:   offline(t),
		Publish: func(b bus.Notification) { told = append(told, b.Type) },
		Wanted:  func(name string) bool { return name == "alert" },
	})
	n.hear(agent.Alert{Message: "x"})
	n.hear(agent.LoggedOut{})
	if !slices.Equal(told, []string{"alert"}) {
		t.Errorf("told %v", told)
	}
}

func TestPanicCostsOneNotificationOnly(t *testing.T) {
	t.Parallel()
	var told []string
	var log strings.Builder
	n := newNotifier(Options{
		Agent:   offline(t),
		Publish: func(b bus.Notification) { told = append(told, b.Type) },
		Log:     slog.New(slog.NewTextHandler(&log, nil)),
	})
	bad := on(func(*Notifier, agent.Alert) script.Pairs { panic("ouch") })
	n.byEvt[bad.event] = append([]named{{"bad", bad}}, n.byEvt[bad.event]...)
	n.hear(agent.Alert{Message: "x"})
	if !slices.Equal(told, []string{"alert"}) || !strings.Contains(log.String(), "ouch") {
		t.Errorf("told %v, logged %q", told, log.String())
	}
}

func TestHeartbeatTellsThatTheProgramIsAlive(t *testing.T) {
	t.Parallel()
	heard := make(chan bus.Notification)
	done := make(chan struct{})
	stop := Start(Options{
		Agent: offline(t),
		Publish: func(b bus.Notification) {
			select {
			case heard <- b:
			case <-done:
			}
		},
		Heartbeat: time.Millisecond,
		Commands:  func() (int64, int64) { return 2, 40 },
		Version:   "1.2.3.4",
	})
	b := <-heard
	close(done)
	stop()
	pairs, err := b.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	declared(t, b)
	for key, want := range map[string]string{
		"type": "heartbeat", "executing": "2", "totalcommands": "40", "version": "1.2.3.4", "executingrlv": "0", "totalrlv": "0",
	} {
		if got := pairs.Get(key); got != want {
			t.Errorf("%s=%s, want %s", key, got, want)
		}
	}
	for _, key := range []string{"ram", "beats"} {
		if n, err := script.ParseInt(pairs.Get(key), 1, 1<<50); err != nil || n == 0 {
			t.Errorf("%s=%s", key, pairs.Get(key))
		}
	}
	for _, key := range []string{"cpu", "uptime"} {
		if _, err := script.ParseInt(pairs.Get(key), 0, 1<<50); err != nil {
			t.Error(err)
		}
	}
}

func TestASourceIsToldBesideTheAgent(t *testing.T) {
	t.Parallel()
	var told []bus.Notification
	var say func(any)
	stopped := false
	stop := Start(Options{
		Agent: offline(t), Publish: func(n bus.Notification) { told = append(told, n) },
		Sources: []Source{func(hear func(any)) func() {
			say = hear
			return func() { stopped = true }
		}},
	})
	say(feed.News{Group: someone, Feed: "Weather", Item: feed.Item{Title: "Rain & more", Summary: "<b>Wet</b>", Date: moment.In(time.FixedZone("", 3600)), Link: "http://x.example/1"}})
	say(feed.News{Group: thing, Feed: "Weather", Item: feed.Item{Summary: "Wet"}})
	say("of no type that anybody makes something of")
	stop()
	var got []string
	for _, n := range told {
		declared(t, n)
		got = append(got, n.Group+" "+string(n.Text))
	}
	if diff := cmp.Diff([]string{
		somebody + " title=Rain+%26+more&summary=%3Cb%3EWet%3C%2Fb%3E&name=Weather&date=2024-05-06T07%3A08%3A09.000000Z&link=http%3A%2F%2Fx.example%2F1&type=feed&notification=feed",
		something + " summary=Wet&name=Weather&type=feed&notification=feed",
	}, got); diff != "" {
		t.Error(diff)
	}
	if !stopped {
		t.Error("the source was not stopped")
	}
}

func TestNothingIsToldAfterStop(t *testing.T) {
	t.Parallel()
	stopped := make(chan struct{})
	stop := Start(Options{Agent: offline(t), Heartbeat: time.Millisecond, Publish: func(bus.Notification) {
		select {
		case <-stopped:
			t.Error("told after stop")
		default:
		}
	}})
	stop()
	close(stopped)
}
