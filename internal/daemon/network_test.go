package daemon

import (
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"rookery/agent"
	"rookery/internal/config"
)

func TestAgentsUseTheAddressTheyAreGiven(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("needs more than one loopback address")
	}
	const address = "127.0.0.7"
	n := networkOf(address)
	defer n.close()
	var from string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { from = r.RemoteAddr }))
	defer server.Close()
	answer, err := n.http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if host, _, _ := net.SplitHostPort(from); host != address {
		t.Errorf("HTTP comes from %s", from)
	}
	pc, err := n.listenPacket()
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	if host, _, _ := net.SplitHostPort(pc.LocalAddr().String()); host != address {
		t.Errorf("UDP comes from %s", pc.LocalAddr())
	}
	if n := networkOf(""); n.http != nil || n.listenPacket != nil {
		t.Errorf("without an address: %+v", n)
	}
}

func TestTheSettingsAskForTheThrottleThatAgentsHaveThemselves(t *testing.T) {
	t.Parallel()
	if got := throttle(config.Default().Throttle); got != agent.DefaultThrottle {
		t.Errorf("the settings have %+v, agents %+v", got, agent.DefaultThrottle)
	}
}
