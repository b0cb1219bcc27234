package websocket_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"rookery/internal/gateway/gatewaytest"
	wsdoor "rookery/internal/gateway/websocket"
)

func TestADurableSubscriberHearsOnReturnWhatItMissed(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{})
	c := h.call("/g/p/local,message?subscription=in+box")
	c.hear("success=True&subscription=in+box&from=1")
	h.Notify("local", "", "type=local&n=1")
	c.hear("type=local&n=1&sequence=1")
	c.say("group=g&password=p&command=echo&message=hi")
	c.hear("group=g&command=echo&data=hi&success=True")
	_ = c.conn.Close(websocket.StatusNormalClosure, "")
	for i := 2; i <= 500; i++ {
		h.Notify("message", "", fmt.Sprintf("type=message&n=%d", i))
	}
	c = h.call("/")
	c.say(`{"group":"g","password":"p","type":"local,message","subscription":"in box","from":"2"}`)
	c.hear(`{"success":"True","subscription":"in box","from":"2"}`)
	for i := 2; i <= 500; i++ {
		c.hear(fmt.Sprintf(`{"type":"message","n":"%d","sequence":"%d"}`, i, i))
	}
	// The last one to come has it.
	second := h.call("/g/p/local,message?subscription=in%20box&from=501")
	second.hear("success=True&subscription=in+box&from=501")
	c.hear(`{"success":"False","error":"not available here: another client has the durable subscription now, or it was removed","status":"70016"}`)
	c.hearEnd(websocket.StatusPolicyViolation)
}

func TestADurableSubscriberMayBeSlow(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{QueueBytes: 64 << 10})
	slow, quick := h.call("/g/p/local?subscription=x"), h.call("/g/p/local")
	slow.hear("success=True&subscription=x&from=1")
	quick.hear("success=True")
	text := strings.Repeat("x", 10<<10)
	const n = 300
	for i := 1; i <= n; i++ {
		line := fmt.Sprintf("type=local&n=%d&text=%s", i, text)
		h.Notify("local", "", line)
		quick.hear(line)
	}
	for i := 1; i <= n; i++ {
		slow.hear(fmt.Sprintf("type=local&n=%d&text=%s&sequence=%d", i, text, i))
	}
}

func TestRawFieldsMayBeAskedForInThePath(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{})
	c := h.call("/g/p/local?data=" + url.QueryEscape("From,Message"))
	c.hear("success=True")
	views := h.Bus.Views(gatewaytest.Agent)
	if len(views) != 1 || strings.Join(views[0].Fields, "|") != "From|Message" {
		t.Fatalf("the agent is asked for %v", views)
	}
	h.Notify("local", "", "type=local&n=1")
	h.NotifyIn(views[0].ID, "local", "data=From%2CAnn&type=local")
	c.hear("data=From%2CAnn&type=local")
}
