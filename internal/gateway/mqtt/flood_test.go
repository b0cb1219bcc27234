package mqtt_test

import (
	"fmt"
	"testing"

	"github.com/eclipse/paho.golang/paho"

	"rookery/internal/gateway/mqtt"
)

func TestAFloodReachesAClientThatReads(t *testing.T) {
	t.Parallel()
	for _, qos := range []byte{0, 1} {
		t.Run(fmt.Sprint("QoS ", qos), func(t *testing.T) {
			t.Parallel()
			h := open(t, mqtt.Config{})
			c := h.call()
			c.subscribe(qos, "g/p/local")
			const n = 20000
			for i := range n {
				h.Notify("local", "", fmt.Sprintf("type=local&message=what+a+fine+day&n=%d", i))
			}
			for i := range n {
				c.hear("g/p/local", fmt.Sprintf("type=local&message=what+a+fine+day&n=%d", i))
			}
		})
	}
}

func TestAClientThatWantsFewAtATimeGetsAllInOrder(t *testing.T) {
	t.Parallel()
	for _, qos := range []byte{1, 2} {
		t.Run(fmt.Sprint("QoS ", qos), func(t *testing.T) {
			t.Parallel()
			h := open(t, mqtt.Config{})
			c := h.dial()
			c.connect(&paho.Connect{CleanStart: true, KeepAlive: 30, Properties: &paho.ConnectProperties{ReceiveMaximum: paho.Uint16(2)}})
			c.subscribe(qos, "g/p/local")
			const n = 1000
			for i := range n {
				h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
			}
			for i := range n {
				p := c.next()
				if string(p.Payload) != fmt.Sprintf("type=local&n=%d", i) || p.QoS != qos {
					t.Fatalf("want number %d with QoS %d, got %q with QoS %d", i, qos, p.Payload, p.QoS)
				}
			}
		})
	}
}

func TestAClientThatNeverAcknowledgesIsSentAway(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{QueueBytes: 64 << 10})
	c := h.dial(func(cfg *paho.ClientConfig) { cfg.EnableManualAcknowledgment = true })
	c.connect(&paho.Connect{CleanStart: true, KeepAlive: 30})
	good := h.call()
	good.hears("g/p/local")
	c.hears("g/p/local")
	for i := 0; h.door.Connections() > 1; i++ {
		if i == 10000 {
			t.Fatal("the client stays")
		}
		h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
		good.hear("g/p/local", fmt.Sprintf("type=local&n=%d", i))
	}
	if reason := <-c.told; reason != 0x97 { // quota exceeded
		t.Errorf("told 0x%02x", reason)
	}
}

func TestASubscriptionDoesNotWaitForAcknowledgements(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	c := h.dial(func(cfg *paho.ClientConfig) { cfg.EnableManualAcknowledgment = true })
	c.connect(&paho.Connect{CleanStart: true, KeepAlive: 30})
	c.hears("g/p/local")
	for range 3 {
		h.Notify("local", "", "type=local")
		c.hear("g/p/local", "type=local")
	}
	c.hears("g/p/message")
	c.publish("g/p/message", "command=echo")
	c.hear("g/p/message", "command=echo")
	c.hear("g/p/message", "group=g&command=echo&data=&success=True")
}
