package tcp_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/tcp"
)

const inbox = gatewaytest.Hello + "&subscription=in+box"

func TestADurableSubscriberHearsOnReturnWhatItMissed(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	c := h.call()
	c.say(inbox + "\n")
	c.hear("success=True&subscription=in+box&from=1\r\n")
	h.Notify("local", "", "type=local&n=1")
	h.Notify("local", "other group", "type=local&n=x")
	h.Notify("message", "g", "type=message&n=2")
	c.hear("type=local&n=1&sequence=1\r\n")
	c.hear("type=message&n=2&sequence=2\r\n")
	// Commands work as on every connection.
	c.say("group=g&password=p&command=echo&message=hi&_id=7\r\n")
	c.hear("group=g&command=echo&data=hi&success=True&_id=7\r\n")
	c.conn.Close()
	for i := 3; i <= 1000; i++ {
		h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
	}
	c = h.call()
	c.say(inbox + "&from=2\n")
	c.hear("success=True&subscription=in+box&from=2\r\n")
	c.hear("type=message&n=2&sequence=2\r\n")
	for i := 3; i <= 1000; i++ {
		c.hear(fmt.Sprintf("type=local&n=%d&sequence=%d\r\n", i, i))
	}
}

func TestTheLastClientToComeHasTheDurableSubscription(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	first := h.call()
	first.say(inbox + "\n")
	first.hear("success=True&subscription=in+box&from=1\r\n")
	second := h.call()
	second.say(inbox + "\n")
	second.hear("success=True&subscription=in+box&from=1\r\n")
	rest, err := io.ReadAll(first.in)
	if err != nil || !strings.HasPrefix(string(rest), "success=False&error=not+available+here%3A+another+client") {
		t.Errorf("the first client was told %q, %v", rest, err)
	}
	h.Notify("local", "", "type=local&n=1")
	second.hear("type=local&n=1&sequence=1\r\n")
}

func TestWrongDurableHandshakesAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	for line, want := range map[string]string{
		inbox + "&from=0":               "a+whole+number+from+1",
		inbox + "&from=-1":              "a+whole+number+from+1",
		inbox + "&from=soon":            "%22soon%22",
		inbox + "&from=9":               "the+newest+sequence+is+0",
		gatewaytest.Hello + "&from=1":   "none+is+named",
		inbox + strings.Repeat("x", 65): "1+to+64",
	} {
		c := h.call()
		c.say(line + "\n")
		answer, err := c.in.ReadString('\n')
		if err != nil || !strings.HasPrefix(answer, "success=False&error=invalid+parameter") || !strings.Contains(answer, want) || !strings.Contains(answer, "status=70003") {
			t.Errorf("%s: %q, %v", line, answer, err)
		}
		c.hearEnd()
	}
}

func TestADurableSubscriberMayBeAsSlowAsItLikes(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{QueueBytes: 64 << 10})
	slow, quick := h.call(), h.call()
	_ = slow.conn.(*net.TCPConn).SetReadBuffer(64 << 10)
	slow.say(inbox + "\n")
	slow.hear("success=True&subscription=in+box&from=1\r\n")
	quick.say(hello)
	quick.hear("success=True\r\n")
	text := strings.Repeat("x", 10<<10)
	const n = 600 // with the small buffers below, more than queue and sockets hold
	for i := 1; i <= n; i++ {
		line := fmt.Sprintf("type=local&n=%d&text=%s", i, text)
		h.Notify("local", "", line)
		quick.hear(line + "\r\n")
	}
	slow.say("group=g&password=p&command=echo&message=hi&_id=7\r\n")
	answered := false
	for i := 1; i <= n; i++ {
		line, err := slow.in.ReadString('\n')
		if err == nil && strings.HasPrefix(line, "group=g&command=echo") {
			answered = true
			line, err = slow.in.ReadString('\n')
		}
		if want := fmt.Sprintf("type=local&n=%d&text=%s&sequence=%d\r\n", i, text, i); err != nil || line != want {
			t.Fatalf("want %s, got %s and %v", brief(want), brief(line), err)
		}
	}
	if !answered {
		slow.hear("group=g&command=echo&data=hi&success=True&_id=7\r\n")
	}
}

func TestRawFieldsAreToldToThoseWhoAskForThem(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	usual, raw := h.call(), h.call()
	usual.say(hello)
	usual.hear("success=True\r\n")
	raw.say(gatewaytest.Hello + "&data=" + "From,+Message" + "\n")
	raw.hear("success=True\r\n")
	views := h.Bus.Views(gatewaytest.Agent)
	if len(views) != 1 || strings.Join(views[0].Fields, "|") != "From|Message" {
		t.Fatalf("the agent is asked for %v", views)
	}
	h.NotifyIn(views[0].ID, "local", "data=From%2CAnn&type=local")
	h.Notify("local", "", "type=local&n=1")
	h.NotifyIn(views[0].ID, "local", "data=From%2CBob&type=local")
	usual.hear("type=local&n=1\r\n")
	raw.hear("data=From%2CAnn&type=local\r\n")
	raw.hear("data=From%2CBob&type=local\r\n")
	raw.conn.Close()
	gatewaytest.Until(t, "nobody looks any more", func() bool { return len(h.Bus.Views(gatewaytest.Agent)) == 0 })
}
