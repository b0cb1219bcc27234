package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/eclipse/paho.golang/paho"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

// words are a command as keys and values in turn. A value is a text, or a
// number, a truth or a list, which JSON has and text spells.
type words []any

type list []any

func (w words) get(key string) any {
	for i := 0; i < len(w); i += 2 {
		if w[i] == key {
			return w[i+1]
		}
	}
	return nil
}

// form writes the words as key-value text.
func (w words) form() string {
	var b strings.Builder
	for i := 0; i < len(w); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(w[i].(string)) + "=" + url.QueryEscape(spelt(w[i+1])))
	}
	return b.String()
}

func spelt(value any) string {
	switch v := value.(type) {
	case bool:
		return script.FormatBool(v)
	case list:
		cells := make([]string, len(v))
		for i, cell := range v {
			cells[i] = spelt(cell)
		}
		return script.FormatCSV(cells)
	}
	return fmt.Sprint(value)
}

// object writes the words as JSON, in their order and with what is repeated.
func (w words) object() string {
	var b strings.Builder
	for i, v := range w {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		b.WriteByte("{:,"[min(i, 2-i%2)])
		b.Write(text)
	}
	return b.String() + "}"
}

// answered is one key of an answer. A list is in data alone, and alone in JSON.
type answered struct {
	key, value string
	cells      []string
}

// readForm reads an answer that is key-value text.
func readForm(text string) ([]answered, error) {
	var all []answered
	for pair := range strings.SplitSeq(text, "&") {
		key, value, ok := strings.Cut(pair, "=")
		key, err1 := url.QueryUnescape(key)
		value, err2 := url.QueryUnescape(value)
		if !ok || err1 != nil || err2 != nil {
			return nil, fmt.Errorf("%q in %q is no key and value", pair, text)
		}
		all = append(all, answered{key: key, value: value})
	}
	return all, nil
}

// readObject reads an answer that is JSON.
func readObject(text string) ([]answered, error) {
	var all []answered
	dec := json.NewDecoder(strings.NewReader(text))
	if t, err := dec.Token(); t != json.Delim('{') {
		return nil, fmt.Errorf("%q is no object (%v)", text, err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		a := answered{key: key.(string)}
		to := any(&a.value)
		if a.key == "data" {
			to = &a.cells
		}
		if err := dec.Decode(to); err != nil {
			return nil, fmt.Errorf("%s in %q: %w", key, text, err)
		}
		all = append(all, a)
	}
	return all, nil
}

// timeless takes the time out of an answer, which must have one.
func timeless(t *testing.T, answer []answered) []answered {
	t.Helper()
	i := slices.IndexFunc(answer, func(a answered) bool { return a.key == "time" })
	if i < 0 {
		t.Errorf("no time in %v", answer)
		return answer
	}
	if _, err := time.Parse(time.RFC3339Nano, answer[i].value); err != nil {
		t.Errorf("time: %v", err)
	}
	return slices.Delete(slices.Clone(answer), i, i+1)
}

// same tells whether two answers are, and compares lists where one has them.
func same(a, b []answered) bool {
	return slices.EqualFunc(a, b, func(a, b answered) bool {
		if a.key != b.key {
			return false
		}
		if a.cells == nil && b.cells == nil {
			return a.value == b.value
		}
		return slices.Equal(a.list(), b.list())
	})
}

func (a answered) list() []string {
	if a.cells != nil {
		return a.cells
	}
	return script.ParseCSV(a.value)
}

// door is one way to give a command and to have the answer.
type door struct {
	name string
	// ask gives a command and returns the answer.
	ask func(w words) []answered
	// tell, in the world alone, gives a command that nobody is to answer.
	tell func(w words)
}

// from is an address of this machine. Wrong passwords are counted by address, and
// each door is to have a count of its own.
func from(n int) net.IP { return net.IPv4(127, 0, 1, byte(n)) }

// doors opens a client at every door of a program. What is posted are the answers
// to objects in the world.
func doors(t *testing.T, w *world, p *process) (all []door, posted *receiver) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(cancel)
	must := func(what string, err error) {
		if err != nil {
			t.Helper()
			t.Fatalf("%s: %v", what, err)
		}
	}
	form := func(text string) []answered {
		t.Helper()
		answer, err := readForm(strings.TrimRight(text, "\r\n"))
		must("read the answer", err)
		return answer
	}
	object := func(text string) []answered {
		t.Helper()
		answer, err := readObject(text)
		must("read the answer", err)
		return answer
	}
	dial := func(n int, address string) net.Conn {
		t.Helper()
		network := "tcp"
		var local net.Addr = &net.TCPAddr{IP: from(n)}
		if address == p.ready.UDP {
			network, local = "udp", &net.UDPAddr{IP: from(n)}
		}
		conn, err := (&net.Dialer{LocalAddr: local}).DialContext(ctx, network, address)
		must("dial", err)
		t.Cleanup(func() { conn.Close() })
		deadline, _ := ctx.Deadline()
		_ = conn.SetDeadline(deadline)
		return conn
	}

	line := func(n int, write func(words) string, read func(string) []answered) func(w words) []answered {
		conn := dial(n, p.ready.TCP)
		lines := bufio.NewReader(conn)
		return func(w words) []answered {
			_, err := io.WriteString(conn, write(w)+"\n")
			must("TCP", err)
			answer, err := lines.ReadString('\n')
			must("TCP", err)
			return read(answer)
		}
	}
	all = append(all,
		door{name: "TCP text", ask: line(1, words.form, form)},
		door{name: "TCP JSON", ask: line(10, words.object, object)})

	post := func(n int, kind string, write func(words) string, read func(string) []answered) func(w words) []answered {
		client := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: from(n)}}).DialContext}}
		t.Cleanup(client.CloseIdleConnections)
		return func(w words) []answered {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.ready.HTTP, strings.NewReader(write(w)))
			must("HTTP", err)
			r.Header.Set("Content-Type", kind)
			resp, err := client.Do(r)
			must("HTTP", err)
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			must("HTTP", err)
			return read(string(body))
		}
	}
	all = append(all,
		door{name: "HTTP form", ask: post(2, "application/x-www-form-urlencoded", words.form, form)},
		door{name: "HTTP JSON", ask: post(3, "application/json", words.object, object)})

	message := func(n int, write func(words) string, read func(string) []answered) func(w words) []answered {
		client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return dial(n, p.ready.WebSocket), nil }}}
		conn, _, err := websocket.Dial(ctx, "ws://"+p.ready.WebSocket, &websocket.DialOptions{HTTPClient: client})
		must("WebSocket", err)
		conn.SetReadLimit(1 << 20)
		return func(w words) []answered {
			must("WebSocket", conn.Write(ctx, websocket.MessageText, []byte(write(w))))
			_, answer, err := conn.Read(ctx)
			must("WebSocket", err)
			return read(string(answer))
		}
	}
	all = append(all,
		door{name: "WebSocket text", ask: message(4, words.form, form)},
		door{name: "WebSocket JSON", ask: message(5, words.object, object)})

	publish := func(n int, group string, write func(words) string, read func(string) []answered) func(w words) []answered {
		answers := make(chan *paho.Publish, 10)
		client := paho.NewClient(paho.ClientConfig{
			Conn: dial(n, p.ready.MQTT),
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(r paho.PublishReceived) (bool, error) {
				answers <- r.Packet
				return true, nil
			}},
		})
		_, err := client.Connect(ctx, &paho.Connect{CleanStart: true, KeepAlive: 60})
		must("MQTT", err)
		t.Cleanup(func() { _ = client.Disconnect(&paho.Disconnect{}) })
		_, err = client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: group + "/a/answers", QoS: 1}}})
		must("MQTT", err)
		asked := 0
		return func(w words) []answered {
			asked++
			mark := fmt.Append(nil, asked)
			_, err := client.Publish(ctx, &paho.Publish{
				Topic: group + "/a/commands", QoS: 1, Payload: []byte(write(w)),
				Properties: &paho.PublishProperties{ResponseTopic: group + "/a/answers", CorrelationData: mark},
			})
			must("MQTT", err)
			select {
			case answer := <-answers:
				if !bytes.Equal(answer.Properties.CorrelationData, mark) {
					t.Errorf("MQTT: the answer to %q, want that to %q", answer.Properties.CorrelationData, mark)
				}
				return read(string(answer.Payload))
			case <-ctx.Done():
				t.Fatal("MQTT: no answer")
				return nil
			}
		}
	}
	all = append(all,
		door{name: "MQTT text", ask: publish(6, "All", words.form, form)},
		door{name: "MQTT JSON", ask: publish(7, "all", words.object, object)})

	datagram := func(n int, write func(words) string, read func(string) []answered) func(w words) []answered {
		conn := dial(n, p.ready.UDP)
		buffer := make([]byte, 1<<16)
		return func(w words) []answered {
			_, err := io.WriteString(conn, write(w))
			must("UDP", err)
			n, err := conn.Read(buffer)
			must("UDP", err)
			return read(string(buffer[:n]))
		}
	}
	all = append(all,
		door{name: "UDP text", ask: datagram(8, words.form, form)},
		door{name: "UDP JSON", ask: datagram(9, words.object, object)})

	posted = newReceiver(t, nil)
	box, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Asker", Owner: w.agent, Position: grid.Vector3{X: 129, Y: 128, Z: 25}})
	must("in the world", err)
	tell := func(w words) {
		must("in the world", box.OwnerSay(append(slices.Clone(w), "callback", posted.URL).form()))
	}
	all = append(all, door{name: "in the world", tell: tell, ask: func(w words) []answered {
		tell(w)
		var answer []answered
		for _, pair := range posted.await(fmt.Sprint(w)).Pairs {
			answer = append(answer, answered{key: pair.Key, value: pair.Value})
		}
		return answer
	}})
	return all, posted
}
