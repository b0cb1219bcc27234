package mqtt_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
	packets4 "github.com/mochi-mqtt/server/v2/packets"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/mqtt"
)

// stay is a CONNECT packet for a session that outlives its connection.
func stay(clientID string) *paho.Connect {
	packet := login("g", "p")
	packet.CleanStart = false
	packet.ClientID = clientID
	packet.Properties = &paho.ConnectProperties{SessionExpiryInterval: paho.Uint32(3600)}
	return packet
}

// come connects and tells whether the session was there.
func (c *client) come(packet *paho.Connect) bool {
	c.t.Helper()
	ack, err := c.Connect(c.ctx, packet)
	if err != nil {
		c.t.Fatalf("connect: %v", err)
	}
	return ack.SessionPresent
}

// leave breaks the connection off, as a client does that is killed.
func (c *client) leave() {
	_ = c.conn.Close()
	<-c.Done()
}

func (h *house) durables() []string {
	h.T.Helper()
	all, err := h.Bus.Durables(gatewaytest.Agent).List(h.T.Context(), "g")
	if err != nil {
		h.T.Fatal(err)
	}
	var names []string
	for _, k := range all {
		names = append(names, fmt.Sprint(k.Name, k.Types))
	}
	return names
}

func TestASessionThatStaysKeepsWhatItsClientMissed(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial()
	if c.come(stay("me")) {
		t.Error("there is a session of a client that never came")
	}
	c.hears("g/local", "g/message/json")
	live := h.call() // another client, which hears as ever
	live.hears("g/p/local")
	h.Notify("local", "", "type=local&n=1")
	h.Notify("message", "", "type=message&n=2")
	c.hear("g/local", "type=local&n=1&sequence=1")
	c.hear("g/message/json", `{"type":"message","n":"2","sequence":"2"}`)
	// Commands and answers come as ever, and are not kept.
	c.publish("g/local", "command=echo&message=hi")
	c.hear("g/local", "command=echo&message=hi")
	c.hear("g/local", "group=g&command=echo&data=hi&success=True")
	c.leave()

	for i := 3; i <= 300; i++ {
		h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
	}
	c = h.dial()
	if !c.come(stay("me")) {
		t.Error("the session is not there")
	}
	for i := 3; i <= 300; i++ {
		c.hear("g/local", fmt.Sprintf("type=local&n=%d&sequence=%d", i, i))
	}
	h.Notify("local", "", "type=local&n=301")
	c.hear("g/local", "type=local&n=301&sequence=301")
	c.silent()

	// Somebody else of the same name is somebody else.
	other := h.dial()
	packet := stay("me")
	packet.Username, packet.UsernameFlag, packet.Password, packet.PasswordFlag = "", false, nil, false
	ack, err := other.Connect(other.ctx, packet)
	if err != nil || ack.SessionPresent || ack.Properties.SessionExpiryInterval == nil || *ack.Properties.SessionExpiryInterval != 0 {
		t.Errorf("without a password: %+v, %v", ack, err)
	}
	live.hear("g/p/local", "type=local&n=1")
}

func TestWhatIsNotAcknowledgedComesAgain(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	const n = 2000 // more than may be on the way
	c := h.dial(func(cfg *paho.ClientConfig) {
		cfg.EnableManualAcknowledgment = true
	})
	packet := stay("me")
	packet.Properties.ReceiveMaximum = paho.Uint16(100)
	c.come(packet)
	c.hears("g/local")
	for i := 1; i <= n; i++ {
		h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
	}
	// 150 can only come when 50 were acknowledged.
	for i := 1; i <= 150; i++ {
		p := c.next()
		if want := fmt.Sprintf("type=local&n=%d&sequence=%d", i, i); string(p.Payload) != want {
			t.Fatalf("want %s, got %s", want, p.Payload)
		}
		if i <= 50 {
			if err := c.Ack(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.leave()

	c = h.dial()
	packet = stay("me")
	packet.Properties.ReceiveMaximum = paho.Uint16(500)
	if !c.come(packet) {
		t.Error("the session is not there")
	}
	for i := 51; i <= n; i++ {
		c.hear("g/local", fmt.Sprintf("type=local&n=%d&sequence=%d", i, i))
	}
	c.silent()
	c.leave()

	// A client that knows better is believed.
	c = h.dial()
	packet = stay("me")
	packet.Properties.User = paho.UserProperties{{Key: "from", Value: "1999"}}
	c.come(packet)
	c.hear("g/local", "type=local&n=1999&sequence=1999")
	c.hear("g/local", "type=local&n=2000&sequence=2000")
}

func TestASessionEndsWhenItsClientSaysSo(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial()
	c.come(stay("me"))
	c.hears("g/local")
	if got := h.durables(); len(got) != 1 || got[0] != "mqtt:me[local]" {
		t.Errorf("kept are %v", got)
	}
	if _, err := c.Unsubscribe(c.ctx, &paho.Unsubscribe{Topics: []string{"g/local"}}); err != nil {
		t.Fatal(err)
	}
	c.hears("g/message")
	if got := h.durables(); len(got) != 1 || got[0] != "mqtt:me[message]" {
		t.Errorf("kept are %v", got)
	}
	_ = c.Disconnect(&paho.Disconnect{Properties: &paho.DisconnectProperties{SessionExpiryInterval: paho.Uint32(0)}})
	<-c.Done()
	gatewaytest.Until(t, "the session is forgotten", func() bool { return len(h.durables()) == 0 })

	c = h.dial()
	if c.come(stay("me")) {
		t.Error("the session is still there")
	}
	c.hears("g/local")
	c.leave()
	clean := stay("me")
	clean.CleanStart = true
	c = h.dial()
	if c.come(clean) {
		t.Error("a clean start finds a session")
	}
	if got := h.durables(); len(got) != 0 {
		t.Errorf("kept are %v", got)
	}
}

func TestExactlyOnceIsNotPromisedForASessionThatStays(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial()
	c.come(stay("me"))
	if got := c.subscribe(2, "g/local", "g/p/message", "g/nonsense"); string(got) != string([]byte{1, 2, packets.SubackNotauthorized}) {
		t.Errorf("granted %v", got)
	}
	if got := h.durables(); len(got) != 1 || got[0] != "mqtt:me[local]" {
		t.Errorf("kept are %v", got)
	}
}

func TestAWrongFromIsExplained(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial()
	c.come(stay("me"))
	c.hears("g/local")
	c.leave()
	for from, want := range map[string]string{"soon": `from: "soon": want a sequence`, "0": "want a sequence", "9": "the newest sequence is 0"} {
		told := make(chan string, 1)
		c := h.dial(func(cfg *paho.ClientConfig) {
			cfg.OnServerDisconnect = func(d *paho.Disconnect) { told <- d.Properties.ReasonString }
		})
		packet := stay("me")
		packet.Properties.RequestProblemInfo = true
		packet.Properties.User = paho.UserProperties{{Key: "from", Value: from}}
		c.come(packet)
		select {
		case reason := <-told:
			if !strings.Contains(reason, want) {
				t.Errorf("from %q: %q, want %q in it", from, reason, want)
			}
		case <-c.ctx.Done():
			t.Errorf("from %q: the client stays", from)
		}
	}
	if got := h.durables(); len(got) != 1 || got[0] != "mqtt:me[local]" {
		t.Errorf("kept are %v", got)
	}
}

func TestAClientWhoseSessionIsRemovedIsSentAway(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial()
	c.come(stay("me"))
	c.hears("g/local")
	if err := h.Bus.Durables(gatewaytest.Agent).Remove(t.Context(), "g", "mqtt:me"); err != nil {
		t.Fatal(err)
	}
	select {
	case reason := <-c.told:
		if reason != packets.DisconnectSessionTakenOver {
			t.Errorf("told 0x%02x", reason)
		}
	case <-c.ctx.Done():
		t.Fatal("the client stays, and would hear nothing any more")
	}
}

// The session that a client ends is not the one that it begins next.
func TestAClientThatForgetsItsSessionMayBeginAnotherAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial()
	c.come(stay("me"))
	for i := range 50 {
		c.hears("g/local")
		h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
		// Where the new connection overtakes the end of the old one, what was not
		// acknowledged there comes again.
		for !strings.HasPrefix(string(c.next().Payload), fmt.Sprintf("type=local&n=%d&sequence=", i)) {
		}
		next := h.dial()
		_ = c.Disconnect(&paho.Disconnect{Properties: &paho.DisconnectProperties{SessionExpiryInterval: paho.Uint32(0)}})
		next.come(stay("me"))
		c = next
	}
}

func TestAClientWithManyCommandsMayConnectAgain(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{CommandsInFlight: 1})
	c := h.raw(4)
	again := func(p *packets4.ConnectParams) { p.ClientIdentifier = "me" }
	c.connect(again)
	for range 40 { // so many that the client is not read any more
		c.say(publish(0, 0, "g/p/commands", "command=wait"))
	}
	<-h.Running
	if ack := h.raw(4).connect(again); ack.ReasonCode != 0 {
		t.Errorf("refused with 0x%02x", ack.ReasonCode)
	}
	gatewaytest.Until(t, "the first connection has gone", func() bool { return h.door.Connections() == 1 })
	close(h.Release)
}
