package metrics

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestWhatWasCountedIsScraped(t *testing.T) {
	t.Parallel()
	m := New("1.2.3")
	clients := 0
	m.Clients("tcp 127.0.0.1:1", func() int { return clients })
	m.Online("Robin Rook", func() bool { return true })
	m.Command("tcp", true, time.Millisecond)
	m.Command("tcp", true, time.Second)
	m.Command("http", false, time.Second)
	m.Handshake(false)
	m.Notification("Robin Rook", "local")
	clients = 7
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`rookery_info{version="1.2.3"} 1`,
		`rookery_commands_total{door="tcp",success="true"} 2`,
		`rookery_commands_total{door="http",success="false"} 1`,
		`rookery_command_seconds_count{door="tcp"} 2`,
		`rookery_handshakes_total{success="false"} 1`,
		`rookery_notifications_total{agent="Robin Rook",type="local"} 1`,
		`rookery_door_clients{door="tcp 127.0.0.1:1"} 7`,
		`rookery_agent_online{agent="Robin Rook"} 1`,
		"go_goroutines ",
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s is missing from\n%s", want, body)
		}
	}
	var none *Metrics // counts nothing, and breaks nothing
	none.Command("tcp", true, 0)
	none.Handshake(true)
	none.Notification("", "")
	none.Clients("", nil)
}
