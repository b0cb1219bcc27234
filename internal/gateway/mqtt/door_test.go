package mqtt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/google/go-cmp/cmp"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/mqtt"
	"rookery/script"
)

func TestSubscribersHearWhatTheyAskedForAndNothingElse(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	both, one, all := h.call(), h.call(), h.call()
	both.hears("g/p/local", "g/p/message/json")
	one.hears("G/p/message")
	all.hears("G/p/#", "G/p/+")
	h.Notify("alert", "", "type=alert")
	h.Notify("local", "", "type=local&message=a+b%0D%0A")
	h.Notify("message", "other group", "type=message&n=1")
	h.Notify("message", "g", "type=message&n=2")
	both.hear("g/p/local", "type=local&message=a+b%0D%0A")
	both.hear("g/p/message/json", `{"type":"message","n":"2"}`)
	one.hear("G/p/message", "type=message&n=2")
	all.hear("G/p/local", "type=local&message=a+b%0D%0A")
	all.hear("G/p/message", "type=message&n=2")

	if _, err := both.Unsubscribe(both.ctx, &paho.Unsubscribe{Topics: []string{"g/p/local"}}); err != nil {
		t.Fatal(err)
	}
	h.Notify("local", "", "type=local&n=3")
	h.Notify("message", "", "type=message&n=4")
	both.hear("g/p/message/json", `{"type":"message","n":"4"}`)
	all.hear("G/p/local", "type=local&n=3")
	all.hear("G/p/message", "type=message&n=4")
	one.hear("G/p/message", "type=message&n=4")
	for _, c := range []*client{both, one, all} {
		c.silent()
	}
}

func TestFiltersThatAreNotTheGroupsAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	const refused = 0x87 // not authorized
	for name, tc := range map[string]struct {
		anonymous, in byte
		filter        string
	}{
		"a wrong password":             {refused, refused, "g/q/local"},
		"an unknown group":             {refused, refused, "h/p/local"},
		"a notification not granted":   {refused, refused, "g/p/alert"},
		"no notification":              {refused, refused, "g/p/"},
		"no password":                  {refused, refused, "g//local"},
		"everything":                   {refused, refused, "#"},
		"every group":                  {refused, refused, "+/p/local"},
		"every password":               {refused, refused, "g/+/local"},
		"every password of everybody":  {refused, refused, "+/+/local"},
		"everything under a group":     {refused, 1, "g/#"},
		"what the broker tells":        {refused, refused, "$SYS/#"},
		"a share of one":               {refused, refused, "$share/name/g/p/local"},
		"something after all":          {refused, refused, "g/p/#/json"},
		"a type with a wildcard in it": {refused, refused, "g/p/lo+"},
		"without a password":           {refused, 1, "g/local"},
		"without a password, as JSON":  {refused, 1, "G/local/json"},
		"another group's":              {refused, refused, "h/local"},
		"a good one":                   {1, 1, "g/p/local"},
		"a good one with wildcards":    {1, 1, "g/p/+/json"},
		"commands alone":               {1, 1, "g/p/commands"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			anonymous, in := h.dial(), h.dial()
			anonymous.connect(&paho.Connect{CleanStart: true, KeepAlive: 30})
			in.connect(login("g", "p"))
			for c, want := range map[*client]byte{anonymous: tc.anonymous, in: tc.in} {
				if diff := cmp.Diff([]byte{want, 1}, c.subscribe(1, tc.filter, "g/p/answers")); diff != "" {
					t.Errorf("%q (-want +got):\n%s", tc.filter, diff)
				}
			}
		})
	}
}

func TestUserNameAndPasswordAreThoseOfAGroup(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial()
	c.connect(login("G", "p"))
	c.hears("G/local", "g/message/json")
	topic := h.call()
	topic.hears("G/p/local")
	h.Notify("local", "", "type=local&n=1")
	h.Notify("message", "", "type=message&n=2")
	c.hear("G/local", "type=local&n=1")
	c.hear("g/message/json", `{"type":"message","n":"2"}`)
	topic.hear("G/p/local", "type=local&n=1")
	// A command without group and password has those of the connection.
	c.publish("G/local", "command=echo&message=x&_id=1")
	c.hear("G/local", "command=echo&message=x&_id=1")
	c.hear("G/local", "group=G&command=echo&data=x&success=True&_id=1")
	topic.publish("G/p/local", "command=echo&_id=2")
	topic.hear("G/p/local", "command=echo&_id=2")
	topic.hear("G/p/local", "group=G&command=echo&data=&success=True&_id=2")
	c.silent()

	for name, packet := range map[string]*paho.Connect{
		"a wrong password":   login("g", "q"),
		"an unknown group":   login("h", "p"),
		"a user name alone":  {CleanStart: true, KeepAlive: 30, Username: "g", UsernameFlag: true},
		"a will not granted": {CleanStart: true, KeepAlive: 30, WillMessage: &paho.WillMessage{Topic: "g/q/local", Payload: []byte("x")}},
	} {
		if ack, err := h.dial().Connect(t.Context(), packet); err == nil || ack == nil || ack.ReasonCode != 0x86 {
			t.Errorf("%s: %+v and %v, want reason 0x86", name, ack, err)
		}
	}
}

func TestOneLoginsWildcardIsNotAnotherTopicsPassword(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	in, topic := h.dial(), h.call()
	in.connect(login("g", "p"))
	in.hears("g/#")
	topic.hears("g/p/local")
	topic.publish("g/p/local", "command=echo&_id=1")
	topic.hear("g/p/local", "command=echo&_id=1")
	topic.hear("g/p/local", "group=g&command=echo&data=&success=True&_id=1")
	h.Notify("local", "", "type=local&n=1")
	topic.hear("g/p/local", "type=local&n=1")
	in.hear("g/local", "type=local&n=1")
	in.silent()
}

func TestCommandsAreAnsweredWhereTheyArePublished(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c, other := h.call(), h.call()
	c.hears("g/p/local")
	other.hears("g/p/+")
	command := "command=echo&group=G&password=p&message=h%C3%A9+l%0Ao&_id=7"
	answer := "group=G&command=echo&data=h%C3%A9+l%0Ao&success=True&_id=7"
	c.publish("g/p/local", command)
	for _, c := range []*client{c, other} {
		c.hear("g/p/local", command)
		c.hear("g/p/local", answer)
	}
	json := `{"command":"echo","group":"G","password":"p","message":"x"}`
	c.publish("g/p/commands", json)
	other.hear("g/p/commands", json)
	other.hear("g/p/commands", `{"group":"G","command":"echo","data":["x"],"success":"True"}`)
	c.publish("g/p/local", "command=echo&group=G&password=wrong")
	c.next()
	c.hearStart("g/p/local", "group=G&command=echo&error=access+denied&status=70001&success=False")
	c.publish("g/p/local", "hello")
	c.next()
	c.hearStart("g/p/local", "error=could+not+decode+message&status=70007&success=False")
	c.publish("g/p/local", "comand=echo")
	c.next()
	c.hearStart("g/p/local", "error=command+not+found&status=")
}

func TestAResponseTopicGetsTheAnswerAndItsCorrelationData(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.call()
	c.hears("g/p/answers")
	ask := func(response string) {
		t.Helper()
		if _, err := c.Publish(c.ctx, &paho.Publish{
			QoS: 2, Topic: "g/p/commands", Payload: []byte("command=echo&message=x"),
			Properties: &paho.PublishProperties{ResponseTopic: response, CorrelationData: []byte("17")},
		}); err != nil {
			t.Fatal(err)
		}
	}
	ask("g/p/answers")
	p := c.next()
	if p.Topic != "g/p/answers" || string(p.Payload) != "group=g&command=echo&data=x&success=True" || string(p.Properties.CorrelationData) != "17" {
		t.Errorf("got %v", p)
	}
	// A response topic that is not the group's is none.
	c.hears("g/p/commands")
	ask("h/p/answers")
	c.hear("g/p/commands", "command=echo&message=x")
	c.hear("g/p/commands", "group=g&command=echo&data=x&success=True")
}

func TestMessagesToOthersTopicsAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.call()
	for _, topic := range []string{"g/q/local", "h/p/local", "g/p/alert", "g/local", "local", "g/p/local/x"} {
		_, err := c.Publish(c.ctx, &paho.Publish{QoS: 1, Topic: topic, Payload: []byte("command=echo&group=G&password=p")})
		if err == nil || !strings.Contains(err.Error(), "not authorized") {
			t.Errorf("%s: %v", topic, err)
		}
	}
}

func TestWhoIsRefusedTooOftenIsSentAway(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	for name, ask := range map[string]func(c *client){
		"messages": func(c *client) {
			for range 100 {
				_, _ = c.Publish(c.ctx, &paho.Publish{Topic: "g/q/local", Payload: []byte("command=echo")})
			}
		},
		"subscriptions": func(c *client) {
			packet := &paho.Subscribe{}
			for i := range 100 {
				packet.Subscriptions = append(packet.Subscriptions, paho.SubscribeOptions{Topic: fmt.Sprintf("g/q%d/local", i)})
			}
			_, _ = c.Subscribe(c.ctx, packet)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := h.call()
			ctx, cancel := context.WithCancel(c.ctx)
			c.ctx = ctx
			asked := make(chan struct{})
			go func() {
				defer close(asked)
				ask(c)
			}()
			c.hearEnd()
			cancel() // no answer will come
			<-asked
		})
	}
}

func TestWhatTheDoorSentIsNotRunOrAnsweredWhenItComesBack(t *testing.T) {
	t.Parallel()
	// Out goes what does not decode on the way in.
	h := open(t, mqtt.Config{})
	h.Desk.Input = script.Filters{script.RFC1738, script.Base64}
	parrot := h.call()
	parrot.hears("g/p/local")
	command := script.EncodeLine(script.Pairs{{Key: "command", Value: "echo"}}, script.Filters{script.Base64, script.RFC1738})
	parrot.publish("g/p/local", command)
	parrot.hear("g/p/local", command)
	answer := string(parrot.next().Payload)
	if !strings.Contains(answer, "success=True") {
		t.Fatalf("got %q", answer)
	}
	h.Notify("local", "", "type=local&n=1")
	parrot.hear("g/p/local", "type=local&n=1")
	for _, text := range []string{answer, "type=local&n=1", answer} {
		parrot.publish("g/p/local", text)
		parrot.hear("g/p/local", text) // passed on, once
	}
	parrot.publish("g/p/local", command)
	parrot.hear("g/p/local", command)
	parrot.hear("g/p/local", answer)
	parrot.silent()
}

func TestALastWillIsACommandToo(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	watcher, dying := h.call(), h.dial()
	watcher.hears("g/p/commands")
	dying.connect(&paho.Connect{
		CleanStart: true, KeepAlive: 30,
		WillMessage:    &paho.WillMessage{Topic: "g/p/commands", Payload: []byte("command=echo&message=gone")},
		WillProperties: &paho.WillProperties{WillDelayInterval: paho.Uint32(3600)},
	})
	_ = dying.Disconnect(&paho.Disconnect{ReasonCode: 4}) // with the will, please
	watcher.hear("g/p/commands", "command=echo&message=gone")
	watcher.hear("g/p/commands", "group=g&command=echo&data=gone&success=True")
}

func TestNothingIsKeptForASessionThatEnded(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	first := h.dial()
	ack, err := first.Connect(first.ctx, &paho.Connect{ClientID: "me", KeepAlive: 30, Properties: &paho.ConnectProperties{SessionExpiryInterval: paho.Uint32(3600)}})
	if err != nil || ack.Properties.SessionExpiryInterval == nil || *ack.Properties.SessionExpiryInterval != 0 {
		t.Fatalf("%+v, %v; want a session expiry of 0", ack, err)
	}
	first.hears("g/p/local")

	// The same client again: the first connection ends, and its subscriptions.
	second := h.dial()
	ack, err = second.Connect(second.ctx, &paho.Connect{ClientID: "me", KeepAlive: 30})
	if err != nil || ack.SessionPresent {
		t.Fatalf("%+v, %v", ack, err)
	}
	select {
	case reason := <-first.told:
		if reason != 0x8e { // session taken over
			t.Errorf("the first was told 0x%02x", reason)
		}
	case <-first.ctx.Done():
		t.Fatal("the first connection stays")
	}
	watcher := h.call()
	watcher.hears("g/p/local")
	h.Notify("local", "", "type=local&n=1")
	watcher.hear("g/p/local", "type=local&n=1")
	second.hears("g/p/local")
	h.Notify("local", "", "type=local&n=2")
	second.hear("g/p/local", "type=local&n=2")

	// A group's client is another one, whatever it calls itself.
	in := h.dial()
	packet := login("g", "p")
	packet.ClientID = "me"
	in.connect(packet)
	h.Notify("local", "", "type=local&n=3")
	second.hear("g/p/local", "type=local&n=3")

	// What is retained elsewhere is not here.
	second.hears("g/p/commands")
	if _, err := second.Publish(second.ctx, &paho.Publish{QoS: 1, Retain: true, Topic: "g/p/commands", Payload: []byte("command=echo")}); err != nil {
		t.Fatal(err)
	}
	second.hear("g/p/commands", "command=echo")
	second.hear("g/p/commands", "group=g&command=echo&data=&success=True")
	in.hears("g/p/commands")
	h.Notify("local", "", "type=local&n=4")
	second.hear("g/p/local", "type=local&n=4")
	in.silent()
}

func TestAClientThatNeverReadsIsSentAwayAndHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	for _, qos := range []byte{0, 1} {
		t.Run(fmt.Sprint("QoS ", qos), func(t *testing.T) {
			t.Parallel()
			h := open(t, mqtt.Config{QueueBytes: 64 << 10})
			deaf, good := h.call(), h.call()
			good.hears("g/p/local")
			deaf.subscribe(qos, "g/p/local")
			close(deaf.deaf)
			text := "type=local&message=" + strings.Repeat("x", 16<<10)
			for i := 0; h.door.Connections() > 1; i++ {
				if i == 10000 {
					t.Fatal("the deaf client stays")
				}
				h.Notify("local", "", fmt.Sprintf("%s&n=%d", text, i))
				good.hear("g/p/local", fmt.Sprintf("%s&n=%d", text, i))
			}
		})
	}
}

func TestCommandsOfOneClientRunBesideEachOtherUpToALimit(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{CommandsInFlight: 2})
	c := h.call()
	c.hears("g/p/answers")
	for i := range 6 {
		if _, err := c.Publish(c.ctx, &paho.Publish{
			QoS: 1, Topic: "g/p/commands", Payload: fmt.Appendf(nil, "command=wait&_id=%d", i),
			Properties: &paho.PublishProperties{ResponseTopic: "g/p/answers"},
		}); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			<-h.Running
		}
	}
	c.hears("g/p/local") // neither the broker nor the client waits for them
	close(h.Release)
	for range 6 {
		c.hearStart("g/p/answers", "group=g&command=wait&data=&success=True&_id=")
	}
	if h.Most() > 2 {
		t.Errorf("%d commands ran at a time", h.Most())
	}
}

func TestWhoHasNoPasswordMakesRoomForOthers(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{MaxConnections: 2})
	idle, in := h.call(), h.call()
	in.hears("g/p/local")
	next := h.call()
	idle.hearEnd()
	next.hears("g/p/local")
	if ack, err := h.dial().Connect(t.Context(), &paho.Connect{CleanStart: true, KeepAlive: 30}); err == nil || ack == nil || ack.ReasonCode != 0x89 {
		t.Errorf("%+v and %v, want reason 0x89, server busy", ack, err)
	}
	h.Notify("local", "", "type=local")
	in.hear("g/p/local", "type=local")
	next.hear("g/p/local", "type=local")
}

func TestAPacketThatIsTooLargeEndsTheConnection(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{MaxMessage: 1000})
	c := h.call()
	c.hears("g/p/local")
	_, _ = c.Publish(c.ctx, &paho.Publish{Topic: "g/p/local", Payload: make([]byte, 2000)})
	c.hearEnd()
}

func TestClosingEndsRunningCommandsAnswersThemAndSaysGoodbye(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.call()
	c.hears("g/p/answers")
	c.publish("g/p/answers", "command=wait&_id=1")
	<-h.Running
	ctx, cancel := context.WithTimeout(t.Context(), gatewaytest.Patience)
	defer cancel()
	if err := h.door.Close(ctx); err != nil {
		t.Fatal(err)
	}
	c.hear("g/p/answers", "command=wait&_id=1")
	c.hearStart("g/p/answers", "group=g&command=wait&error=command+timed+out")
	select {
	case reason := <-c.told:
		if reason != 0x8b { // server shutting down
			t.Errorf("told 0x%02x", reason)
		}
	case <-time.After(gatewaytest.Patience):
		t.Error("no goodbye")
	}
}

func TestAClientThatDoesNotReadDoesNotHoldUpTheClosing(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{QueueBytes: 64 << 20})
	deaf, good := h.call(), h.call()
	deaf.hears("g/p/local")
	good.hears("g/p/local")
	close(deaf.deaf)
	text := "type=local&message=" + strings.Repeat("x", 60<<10)
	for range 200 {
		h.Notify("local", "", text)
		good.next()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.door.Close(ctx); err == nil {
		t.Error("the client read nothing, and the door closed as if it had")
	}
}

func TestWrongAddressesAreNamed(t *testing.T) {
	t.Parallel()
	h := gatewaytest.New(t)
	for _, address := range []string{"1883", "127.0.0.1:70000", "192.0.2.1:0"} {
		if _, err := mqtt.Open(mqtt.Config{Address: address}, h.Desk); err == nil || !strings.Contains(err.Error(), address) {
			t.Errorf("address %q: error %v", address, err)
		}
	}
}

func TestPasswordsAreNotLogged(t *testing.T) {
	t.Parallel()
	h := gatewaytest.New(t)
	log := &lockedBuffer{}
	h.Desk.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	door, err := mqtt.Open(mqtt.Config{Address: "127.0.0.1:0"}, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	w := &house{h, door}
	c, in := w.call(), w.dial()
	in.connect(login("g", "p"))
	in.hears("g/local")
	c.subscribe(1, "g/secret1/local", "g/secret2/+", "secret3", "g/p/#")
	_, _ = c.Publish(c.ctx, &paho.Publish{QoS: 1, Topic: "g/secret4/local", Payload: []byte("command=echo&password=secret5&group=g")})
	c.publish("g/p/local", "command=echo&password=secret6&group=g")
	c.next()
	c.next()
	if _, err := w.dial().Connect(t.Context(), login("g", "secret7")); err == nil {
		t.Error("a wrong password was let in")
	}
	if err := door.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); strings.Contains(text, "secret") || !strings.Contains(text, "refused") {
		t.Errorf("the log is:\n%s", text)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestACommandThatDoesNotEndDoesNotHoldUpTheClosing(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.call()
	c.publish("g/p/answers", "command=cling")
	<-h.Running
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.door.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that its time is over", err)
	}
	c.hearEnd()
	close(h.Release)
}
