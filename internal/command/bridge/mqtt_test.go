package bridge_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"rookery/internal/bridge/brokertest"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

// to is line for a broker.
func to(m *brokertest.Mosquitto, pairs ...string) string {
	return commandtest.Line("MQTT", append([]string{"host", "127.0.0.1", "port", strconv.Itoa(m.Port)}, pairs...)...)
}

func TestWhatIsPublishedArrives(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	m := brokertest.Start(t, brokertest.Options{User: "u", Password: "&=%", ACL: "user u\ntopic readwrite a/#\n"})
	sub := m.Subscribe("a/#", "%q %r %t %x")
	for _, tc := range []struct {
		more []string
		want string
	}{
		{[]string{"topic", "a/ü", "payload", "é & ="}, "1 0 a/ü c3a92026203d"},
		{[]string{"topic", "a/b", "payload", "72,105,0,255", "type", "bytes", "qos", "2"}, "2 0 a/b 486900ff"},
		{[]string{"topic", "a/b", "payload", "x", "retain", "True", "qos", "0"}, "0 0 a/b 78"},
		{[]string{"topic", "a/b", "retain", "True"}, "1 0 a/b "},
	} {
		if answer := w.Ask(t, to(m, append([]string{"action", "publish", "username", "u", "secret", "&=%"}, tc.more...)...)); answer.Get("success") != "True" || answer.Has("data") {
			t.Fatalf("%v", answer)
		}
		sub.Hears(tc.want)
	}

	answer := w.Fails(t, to(m, "action", "publish", "username", "u", "secret", "&=%", "topic", "b", "payload", "x"), script.ErrCouldNotSendMessage)
	if !strings.Contains(answer.Get("error"), "the broker refuses to publish to the topic: not authorized") {
		t.Errorf("%v", answer)
	}
	for _, secret := range []string{"wrong", ""} {
		answer = w.Fails(t, to(m, "action", "publish", "username", "u", "secret", secret, "topic", "a", "payload", "x"), script.ErrUnableToAuthenticate)
		if strings.Contains(fmt.Sprint(answer), "wrong") {
			t.Errorf("the secret comes back: %v", answer)
		}
	}
}

func TestEncryptedBrokersMustProveWhoTheyAre(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	m := brokertest.Start(t, brokertest.Options{TLS: true})
	answer := w.Fails(t, to(m, "action", "publish", "topic", "a", "payload", "x", "tls", "True"), script.ErrCouldNotSendMessage)
	if !strings.Contains(answer.Get("error"), "unknown authority") {
		t.Errorf("%v", answer)
	}
	w.Fails(t, to(m, "action", "publish", "topic", "a", "payload", "x", "tls", "True", "insecure", "True"), script.ErrInvalidParameter)
}

func TestWrongUseIsExplained(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	m := brokertest.Start(t, brokertest.Options{})
	nobody := strconv.Itoa(brokertest.NobodysPort(t))
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	silent := strconv.Itoa(deaf.Addr().(*net.TCPAddr).Port)
	publish := func(more ...string) string {
		return to(m, append([]string{"action", "publish"}, more...)...)
	}
	subscribe := func(more ...string) string {
		return to(m, append([]string{"action", "subscribe"}, more...)...)
	}
	const id = "8b0f2cc1-8b1b-4f5e-8a0c-0a8d6c7e1f11"
	w.Refuses(t, []commandtest.Refusal{
		{Line: commandtest.Line("MQTT"), Error: script.ErrUnknownAction, Says: "publish, subscribe, unsubscribe, list"},
		{Line: commandtest.Line("MQTT", "action", "hang"), Error: script.ErrUnknownAction, Says: "hang"},
		{Line: commandtest.Line("MQTT", "action", "publish", "topic", "a", "payload", "x"), Error: script.ErrNoServerProvided, Says: "host is missing"},
		{Line: commandtest.Line("MQTT", "action", "subscribe", "topic", "a"), Error: script.ErrNoServerProvided},
		{Line: commandtest.Line("MQTT", "action", "publish", "host", "mqtt://example.com", "topic", "a", "payload", "x"), Error: script.ErrInvalidParameter, Says: "alone, such as broker.example.com"},
		{Line: commandtest.Line("MQTT", "action", "publish", "host", "127.0.0.1:1883", "topic", "a", "payload", "x"), Error: script.ErrInvalidParameter, Says: "the parameter port"},
		{Line: commandtest.Line("MQTT", "action", "publish", "host", "[::1]:1883", "topic", "a", "payload", "x"), Error: script.ErrInvalidParameter, Says: "the parameter port"},
		{Line: commandtest.Line("MQTT", "action", "publish", "host", "10.1.2.3", "topic", "a", "payload", "x"), Error: script.ErrInvalidParameter, Says: "outgoing.allow_private"},
		{Line: commandtest.Line("MQTT", "action", "subscribe", "host", "localhost", "port", nobody, "topic", "a"), Error: script.ErrCouldNotSendMessage, Says: "connection refused"},
		{Line: commandtest.Line("MQTT", "action", "publish", "host", "127.0.0.1", "port", silent, "topic", "a", "payload", "x", "timeout", "50"), Error: script.ErrTimeout, Says: "connect to 127.0.0.1"},
		{Line: commandtest.Line("MQTT", "action", "publish", "host", "127.0.0.1", "port", "65536", "topic", "a", "payload", "x"), Error: script.ErrInvalidParameter, Says: "port"},
		{Line: publish("payload", "x"), Error: script.ErrMissingParameter, Says: "topic is missing"},
		{Line: publish("topic", "a/#", "payload", "x"), Error: script.ErrInvalidParameter, Says: "wildcard"},
		{Line: publish("topic", "a"), Error: script.ErrNoMessageProvided, Says: "only with retain"},
		{Line: publish("topic", "a", "payload", "1,256", "type", "bytes"), Error: script.ErrInvalidParameter, Says: "0 to 255"},
		{Line: publish("topic", "a", "payload", "x", "type", "words"), Error: script.ErrInvalidParameter, Says: "text, bytes"},
		{Line: publish("topic", "a", "payload", "x", "qos", "3"), Error: script.ErrInvalidParameter, Says: "qos"},
		{Line: publish("topic", "a", "payload", strings.Repeat("x", 65537)), Error: script.ErrMessageTooLong, Says: "allowed are 65536"},
		{Line: publish("topic", "a", "payload", "x", "secret", "s"), Error: script.ErrInvalidParameter, Says: "secret without username"},
		{Line: publish("topic", "a", "payload", "x", "insecure", "True"), Error: script.ErrInvalidParameter, Says: "without tls"},
		{Line: publish("topic", "a", "payload", "x", "tls", "True", "insecure", "True"), Error: script.ErrInvalidParameter, Says: "bridge.allow_insecure"},
		{Line: publish("topic", "a", "payload", "x", "id", id), Error: script.ErrInvalidParameter, Says: "both host and id"},
		{Line: commandtest.Line("MQTT", "action", "publish", "topic", "a", "payload", "x", "id", id), Error: script.ErrSessionNotFound},
		{Line: commandtest.Line("MQTT", "action", "publish", "topic", "a", "payload", "x", "id", "1"), Error: script.ErrInvalidParameter, Says: "id"},
		{Line: commandtest.Line("MQTT", "action", "unsubscribe"), Error: script.ErrMissingParameter, Says: "id is missing"},
		{Line: commandtest.Line("MQTT", "action", "unsubscribe", "id", id), Error: script.ErrSessionNotFound, Says: "no such subscription"},
		{Line: subscribe(), Error: script.ErrMissingParameter, Says: "topic is missing"},
		{Line: subscribe("topic", "a/#/b"), Error: script.ErrInvalidParameter, Says: "# must be all of the last level"},
		{Line: subscribe("topic", "a/#", "notifications", "local"), Error: script.ErrInvalidParameter, Says: "cannot be published there"},
		{Line: subscribe("topic", "a", "notifications", "local,telepathy"), Error: script.ErrInvalidNotificationTypes, Says: "telepathy"},
		{Line: subscribe("topic", "a", "format", "xml"), Error: script.ErrInvalidParameter, Says: "was, json"},
		{Line: subscribe("topic", "a", "willpayload", "x"), Error: script.ErrMissingParameter, Says: "willtopic is missing"},
		{Line: subscribe("topic", "a", "willtopic", "+"), Error: script.ErrInvalidParameter, Says: "willtopic"},
		{Line: subscribe("topic", "a", "URL", "ftp://x"), Error: script.ErrInvalidURLProvided, Says: "http and https"},
		{Line: subscribe("topic", "a", "execute", "maybe"), Error: script.ErrInvalidParameter, Says: "execute"},
	}...)
	partial := []string{"group", commandtest.Partial, "password", commandtest.PartialPass, "topic", "a"}
	answer := w.Fails(t, subscribe(append(partial, "notifications", "sit,local,alert")...), script.ErrNotificationNotAllowed)
	if answer.Get("data") != "sit,alert" {
		t.Errorf("%v", answer)
	}
	w.Fails(t, subscribe(partial...), script.ErrNotificationNotAllowed)
	w.Fails(t, subscribe(append(partial, "notifications", "local", "URL", "https://example.com/")...), script.ErrNotificationNotAllowed)
	if got := w.Ask(t, commandtest.Line("MQTT", "action", "list")); got.Get("success") != "True" || got.Has("data") {
		t.Errorf("there are subscriptions: %v", got)
	}
}

func TestASubscriptionTellsAndPublishes(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	m := brokertest.Start(t, brokertest.Options{User: "u", Password: "geheim"})
	posted := make(chan script.Pairs, 10)
	ear := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		pairs, _ := script.DecodeLine(string(body), script.DefaultFilters())
		posted <- pairs
	}))
	defer ear.Close()
	login := []string{"action", "subscribe", "username", "u", "secret", "geheim"}
	words := w.Do(t, to(m, append(login, "topic", "bot", "notifications", "local,Typing,local", "URL", ear.URL)...))[0]
	const objects = "8b0f2cc1-8b1b-4f5e-8a0c-0a8d6c7e1f11"
	if got := w.Do(t, to(m, append(login, "topic", "bot/json", "notifications", "local", "format", "JSON", "qos", "2", "id", strings.ToUpper(objects))...)); got[0] != objects {
		t.Errorf("the id is %v", got)
	}
	text, json := m.Subscribe("bot", "%p"), m.Subscribe("bot/json", "%p")

	w.Do(t, "command=tell&entity=local&message=hello+%26+%3D")
	w.Heard(t, "local", script.Pairs{{Key: "message", Value: "hello & ="}})
	pairs, err := script.DecodeLine(text.Next(), script.DefaultFilters())
	if err != nil || pairs.Get("message") != "hello & =" || pairs.Get("type") != "local" || pairs.Get("notification") != "local" {
		t.Errorf("published is %v, %v", pairs, err)
	}
	pairs, err = script.ParseJSON([]byte(json.Next()))
	if err != nil || pairs.Get("message") != "hello & =" || pairs.Get("type") != "local" {
		t.Errorf("published is %v, %v", pairs, err)
	}

	m.Publish("-q", "1", "-t", "bot", "-m", "ça va?")
	want := script.Pairs{{Key: "group", Value: commandtest.Group}, {Key: "ID", Value: words}, {Key: "topic", Value: "bot"}, {Key: "payload", Value: "ça va?"}, {Key: "type", Value: "mqtt"}, {Key: "notification", Value: "mqtt"}}
	heard := w.Heard(t, "mqtt", want)
	if len(heard) != len(want) {
		t.Errorf("told is %v", heard)
	}
	select {
	case got := <-posted:
		if got.Get("payload") != "ça va?" || got.Get("ID") != words {
			t.Errorf("posted is %v", got)
		}
	case <-time.After(commandtest.Patience):
		t.Error("nothing was posted")
	}

	text.Hears("ça va?")
	w.Do(t, commandtest.Line("MQTT", "action", "publish", "id", words, "topic", "bot", "payload", "by its connection"))
	text.Hears("by its connection")

	cells := w.Do(t, commandtest.Line("MQTT", "action", "list"))
	for cells[0] != objects {
		cells = append(cells[11:], cells[:11]...)
	}
	port := strconv.Itoa(m.Port)
	if got, want := script.FormatCSV(cells), script.FormatCSV([]string{
		objects, "127.0.0.1", port, "bot/json", "2", "u", "text", "False", "local", "True", "",
		words, "127.0.0.1", port, "bot", "1", "u", "text", "False", "local,typing", "True", "",
	}); got != want {
		t.Errorf("listed is\n%s, want\n%s", got, want)
	}
	if got := w.Ask(t, commandtest.Line("MQTT", "action", "list", "group", commandtest.Partial, "password", commandtest.PartialPass)); got.Has("data") {
		t.Errorf("another group sees %v", got)
	}
	w.Do(t, commandtest.Line("MQTT", "action", "unsubscribe", "id", words))
	w.Do(t, "command=tell&entity=local&message=again")
	json.Next()
	text.Silent()
	for i := range 4 {
		w.Do(t, to(m, append(login, "topic", fmt.Sprint(i))...))
	}
	answer := w.Fails(t, to(m, append(login, "topic", "more")...), script.ErrBusy)
	if !strings.Contains(answer.Get("error"), "a group may have 5") {
		t.Errorf("%v", answer)
	}
}

func TestCommandsOverABrokerMoveTheAgent(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	m := brokertest.Start(t, brokertest.Options{})
	seen := w.Watch(t)
	w.Do(t, to(m, "action", "subscribe", "topic", "orders", "execute", "True"))
	sub := m.Subscribe("orders", "%p")
	order := "command=tell&group=My+Group&password=mypassword&entity=local&message=over+the+wire&_id=7"
	m.Publish("-q", "1", "-t", "orders", "-m", order)
	commandtest.Saw(t, seen, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.Agent.Self().ID && e.Text == "over the wire" })
	sub.Hears(order)
	answer, err := script.DecodeLine(sub.Next(), script.DefaultFilters())
	if err != nil || answer.Get("success") != "True" || answer.Get("_id") != "7" || answer.Get("command") != "tell" || answer.Has("password") {
		t.Errorf("the answer is %v, %v", answer, err)
	}
	m.Publish("-q", "1", "-t", "orders", "-m", "command=tell&group=My+Group&password=wrong&entity=local&message=no")
	sub.Next()
	if answer, _ = script.DecodeLine(sub.Next(), script.DefaultFilters()); answer.Get("status") != strconv.Itoa(script.ErrAccessDenied.Status) {
		t.Errorf("the answer is %v", answer)
	}
	for _, n := range w.Told(t, "mqtt") {
		t.Errorf("a command was told: %v", n)
	}
}
