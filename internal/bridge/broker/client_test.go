package broker_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/bridge/broker"
	"rookery/internal/bridge/brokertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// versions are the kinds of brokers that everything must work with.
var versions = map[string]brokertest.OldBroker{
	"MQTT 5.0":                         brokertest.Knows,
	"MQTT 3.1.1":                       brokertest.Answers,
	"MQTT 3.1.1 without a word for it": brokertest.Ends,
}

func forEachVersion(t *testing.T, test func(t *testing.T, m *brokertest.Mosquitto, p *brokertest.Proxy)) {
	brokertest.Need(t)
	for name, version := range versions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := brokertest.Start(t, brokertest.Options{})
			test(t, m, brokertest.StartProxy(t, m, version))
		})
	}
}

// ears collect what a client receives.
type ears chan broker.Message

func (e ears) next(t *testing.T) broker.Message {
	t.Helper()
	select {
	case m := <-e:
		return m
	case <-time.After(brokertest.Patience):
		t.Fatal("nothing was received")
		return broker.Message{}
	}
}

func (e ears) hear(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if m := e.next(t); m.Topic+" "+string(m.Payload) != w {
			t.Fatalf("received %q at %q, want %q", m.Payload, m.Topic, w)
		}
	}
}

func (e ears) silent(t *testing.T) {
	t.Helper()
	select {
	case m := <-e:
		t.Fatalf("received %q at %q", m.Payload, m.Topic)
	default:
	}
}

func at(port int) broker.Server {
	return broker.Server{Host: "127.0.0.1", Port: port, Client: "rookery-" + strconv.Itoa(port)}
}

// config is a client of everything below "a".
func config(t *testing.T, port int) (broker.Config, ears) {
	heard := make(ears, 10000)
	return broker.Config{
		Server: at(port), Filter: "a/#", QoS: 2, QueueBytes: 1 << 20, Backoff: 10 * time.Millisecond, MaxBackoff: 100 * time.Millisecond,
		Receive: func(_ *broker.Client, m broker.Message) { heard <- m },
		Log:     slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, heard
}

func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), brokertest.Patience)
	t.Cleanup(cancel)
	return ctx
}

func connect(t *testing.T, cfg broker.Config) *broker.Client {
	t.Helper()
	c, err := broker.Connect(patient(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(c, false) })
	return c
}

func end(c *broker.Client, forget bool) {
	ctx, cancel := context.WithTimeout(context.Background(), brokertest.Patience)
	defer cancel()
	c.Close(ctx, forget)
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.After(brokertest.Patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%s: not in %v", what, brokertest.Patience)
		}
	}
}

func TestMessagesGoBothWaysWithEveryQualityOfService(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, m *brokertest.Mosquitto, p *brokertest.Proxy) {
		cfg, heard := config(t, p.Port)
		c := connect(t, cfg)
		sub := m.Subscribe("b/#", "%q %r %t %p")
		for qos := range byte(3) {
			m.Publish("-q", strconv.Itoa(int(qos)), "-t", "a/in", "-m", fmt.Sprintf("héllo %d", qos))
			got := heard.next(t)
			if want := fmt.Sprintf("héllo %d", qos); got.Topic != "a/in" || string(got.Payload) != want || got.QoS != qos || got.Retain {
				t.Errorf("received %+v, want %q with quality %d", got, want, qos)
			}
			if err := c.Publish(patient(t), broker.Message{Topic: "b/out", Payload: []byte("ça va"), QoS: qos}); err != nil {
				t.Error(err)
			}
			sub.Hears(fmt.Sprintf("%d 0 b/out ça va", qos))
			if err := broker.Publish(patient(t), broker.Network{}, broker.Server{Host: "127.0.0.1", Port: p.Port},
				broker.Message{Topic: "b/once", Payload: []byte{0, 255, '\n' + 1}, QoS: qos}); err != nil {
				t.Error(err)
			}
			if got := sub.Next(); !strings.HasPrefix(got, fmt.Sprintf("%d 0 b/once ", qos)) {
				t.Errorf("heard %q", got)
			}
		}
		// An empty message, one that is kept, and one too large for one write.
		large := strings.Repeat("x", 200000)
		for _, msg := range []broker.Message{{Topic: "b/empty", QoS: 1}, {Topic: "b/kept", Payload: []byte("k"), QoS: 1, Retain: true}, {Topic: "b/large", Payload: []byte(large), QoS: 1}} {
			if err := c.Publish(patient(t), msg); err != nil {
				t.Error(err)
			}
		}
		sub.Hears("1 0 b/empty ", "1 0 b/kept k", "1 0 b/large "+large)
		m.Subscribe("b/kept", "%r %p").Hears("1 k")
		heard.silent(t)
	})
}

func TestTheAnswersOfTheBrokerAreClear(t *testing.T) {
	t.Parallel()
	brokertest.Need(t)
	locked := brokertest.Start(t, brokertest.Options{User: "ann", Password: "pw", ACL: "user ann\ntopic read a/#\ntopic readwrite ok/#\n"})
	old := brokertest.StartProxy(t, locked, brokertest.Answers)
	encrypted := brokertest.Start(t, brokertest.Options{TLS: true})
	ann := func(port int, password string) broker.Server {
		return broker.Server{Host: "127.0.0.1", Port: port, User: "ann", Secret: broker.Secret(password), Client: "c"}
	}
	tls := broker.Server{Host: "127.0.0.1", Port: encrypted.Port, TLS: true}
	for name, tc := range map[string]struct {
		server broker.Server
		topic  string
		is     error
		says   string
	}{
		"nobody listens":                 {server: at(brokertest.NobodysPort(t)), topic: "a", is: syscall.ECONNREFUSED, says: "connection refused"},
		"no password":                    {server: at(locked.Port), topic: "a", is: broker.ErrLogin, says: "not authorized (0x87)"},
		"a wrong password":               {server: ann(locked.Port, "no"), topic: "a", is: broker.ErrLogin, says: "the broker refuses to let the client in: not authorized (0x87)"},
		"a wrong password, MQTT 3.1.1":   {server: ann(old.Port, "no"), topic: "a", is: broker.ErrLogin, says: "not authorized (0x87)"},
		"a topic that is not allowed":    {server: ann(locked.Port, "pw"), topic: "secret", says: "the broker refuses to publish to the topic: not authorized (0x87)"},
		"an authority nobody knows":      {server: tls, topic: "a", says: "certificate signed by unknown authority"},
		"encryption that is not wanted":  {server: broker.Server{Host: "127.0.0.1", Port: locked.Port, TLS: true}, topic: "a", says: "connect to 127.0.0.1:"},
		"no encryption though it should": {server: at(encrypted.Port), topic: "a", says: "the broker closed the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := broker.Publish(patient(t), broker.Network{}, tc.server, broker.Message{Topic: tc.topic, Payload: []byte("x"), QoS: 1})
			if err == nil || !strings.Contains(err.Error(), tc.says) || tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("%v; want %q", err, tc.says)
			}
			if err != nil && strings.Contains(err.Error(), string(tc.server.Secret)) && tc.server.Secret != "" && tc.server.Secret != "no" {
				t.Errorf("the password is in %q", err)
			}
		})
	}
	for name, server := range map[string]broker.Server{"5.0": ann(locked.Port, "pw"), "3.1.1": ann(old.Port, "pw")} {
		if err := broker.Publish(patient(t), broker.Network{}, server, broker.Message{Topic: "ok/x", QoS: 2}); err != nil {
			t.Errorf("what is allowed, MQTT %s: %v", name, err)
		}
	}
	for name, network := range map[string]broker.Network{"its authority": {Roots: encrypted.Roots()}, "no check": {}} {
		server := tls
		server.Insecure = network.Roots == nil
		if err := broker.Publish(patient(t), network, server, broker.Message{Topic: "ok/x", QoS: 1}); err != nil {
			t.Errorf("TLS with %s: %v", name, err)
		}
	}
}

func TestABrokerThatDoesNotAnswerIsNotAwaitedForEver(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err = broker.Publish(ctx, broker.Network{}, at(l.Addr().(*net.TCPAddr).Port), broker.Message{Topic: "a"})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	cfg, _ := config(t, l.Addr().(*net.TCPAddr).Port)
	ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err = broker.Connect(ctx, cfg); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestAKilledBrokerLosesNothingThatIsPromised(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, m *brokertest.Mosquitto, p *brokertest.Proxy) {
		sub := m.Subscribe("b", "%p", "-c", "-i", "far-side", "-V", "5", "-x", "3600")
		cfg, heard := config(t, p.Port)
		c := connect(t, cfg)
		send := func(from, to int) {
			for i := from; i < to; i++ {
				if err := c.Send(broker.Message{Topic: "b", Payload: []byte(strconv.Itoa(i)), QoS: 1}); err != nil {
					t.Fatal(err)
				}
			}
		}
		send(0, 100)
		for got := 0; got < 100; {
			if sub.Next() == strconv.Itoa(got) {
				got++
			}
		}
		m.Kill()
		await(t, "the client notices", func() bool { return !c.State().Connected })
		send(100, 150)
		m.Restart()
		await(t, "the client is back", func() bool { return c.State().Connected })
		send(150, 200)
		m.Publish("-q", "1", "-t", "a/x", "-m", "after")
		heard.hear(t, "a/x after")
		// What was sent is there, in order; at least once is not exactly once.
		for got := 100; got < 200; {
			switch n, _ := strconv.Atoi(sub.Next()); {
			case n == got:
				got++
			case n > got:
				t.Fatalf("%d was lost before %d", got, n)
			}
		}
	})
}

func TestWhatIsPublishedWhileTheClientIsAwayComesWhenItIsBack(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, m *brokertest.Mosquitto, p *brokertest.Proxy) {
		cfg, heard := config(t, p.Port)
		c := connect(t, cfg)
		end(c, false)
		m.Publish("-q", "1", "-t", "a/x", "-m", "1")
		m.Publish("-q", "2", "-t", "a/x", "-m", "2")
		heard.silent(t)
		c = connect(t, cfg)
		heard.hear(t, "a/x 1", "a/x 2")

		// Unless nothing of it is wanted.
		end(c, false)
		m.Publish("-q", "1", "-t", "a/x", "-m", "3")
		cfg.Fresh = true
		c = connect(t, cfg)
		m.Publish("-q", "1", "-t", "a/x", "-m", "4")
		heard.hear(t, "a/x 4")
		end(c, true)
		m.Publish("-q", "1", "-t", "a/x", "-m", "5")
		cfg.Fresh = false
		connect(t, cfg)
		m.Publish("-q", "1", "-t", "a/x", "-m", "6")
		heard.hear(t, "a/x 6")
		heard.silent(t)
	})
}

// TestEveryMessageArrivesExactlyOnceOverALineThatBreaks sends numbers both ways
// while connections are cut at any byte.
func TestEveryMessageArrivesExactlyOnceOverALineThatBreaks(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, m *brokertest.Mosquitto, p *brokertest.Proxy) {
		const messages = 400
		sub := m.Subscribe("b", "%p")
		cfg, heard := config(t, p.Port)
		cfg.MaxBackoff = cfg.Backoff
		c := connect(t, cfg)
		p.CutAfter(func() int { return 1500 + rand.N(4500) })
		p.Cut()
		var numbers strings.Builder
		for i := range messages {
			numbers.WriteString(strconv.Itoa(i) + "\n")
			if err := c.Send(broker.Message{Topic: "b", Payload: []byte(strconv.Itoa(i)), QoS: 2}); err != nil {
				t.Fatal(err)
			}
		}
		file := t.TempDir() + "/numbers"
		if err := os.WriteFile(file, []byte(numbers.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		m.PublishLines(file, "-q", "2", "-t", "a/x")
		for i := range messages {
			sub.Hears(strconv.Itoa(i))
		}
		for i := range messages {
			heard.hear(t, "a/x "+strconv.Itoa(i))
		}
		p.CutAfter(nil)
		p.Cut()
		if err := c.Publish(patient(t), broker.Message{Topic: "b", Payload: []byte("end"), QoS: 2}); err != nil {
			t.Fatal(err)
		}
		sub.Hears("end")
		m.Publish("-q", "2", "-t", "a/x", "-m", "end")
		heard.hear(t, "a/x end")
	})
}

func TestAFullQueueLosesTheOldest(t *testing.T) {
	t.Parallel()
	m := brokertest.Start(t, brokertest.Options{})
	sub := m.Subscribe("b", "%p", "-c", "-i", "far-side", "-V", "5", "-x", "3600")
	var said strings.Builder
	cfg, _ := config(t, m.Port)
	cfg.Log = slog.New(slog.NewTextHandler(&said, nil))
	cfg.QueueBytes = 2000
	c := connect(t, cfg)
	m.Kill()
	await(t, "the client notices", func() bool { return !c.State().Connected })
	for i := range 100 {
		if err := c.Send(broker.Message{Topic: "b", Payload: []byte(strconv.Itoa(i)), QoS: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Send(broker.Message{Topic: "b", Payload: make([]byte, 3000), QoS: 1}); !errors.Is(err, broker.ErrTooLarge) {
		t.Errorf("larger than the queue: %v", err)
	}
	ctx, cancel := context.WithCancel(patient(t))
	cancel()
	if err := c.Publish(ctx, broker.Message{Topic: "b", Payload: []byte("nobody waits"), QoS: 1}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	m.Restart()
	n, _ := strconv.Atoi(sub.Next())
	if n < 60 || n > 80 {
		t.Errorf("%d is the first that is left", n)
	}
	for n++; n < 100; n++ {
		sub.Hears(strconv.Itoa(n))
	}
	if err := c.Publish(patient(t), broker.Message{Topic: "b", Payload: []byte("end"), QoS: 1}); err != nil {
		t.Error(err)
	}
	sub.Hears("end")
	end(c, false)
	if text := said.String(); !strings.Contains(text, "the oldest first") || !strings.Contains(text, "messages were dropped") {
		t.Errorf("logged is %s", text)
	}
}

func TestALastWillIsPublishedHoweverTheConnectionEnds(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, m *brokertest.Mosquitto, p *brokertest.Proxy) {
		sub := m.Subscribe("will", "%r %p")
		cfg, _ := config(t, p.Port)
		cfg.Will = &broker.Message{Topic: "will", Payload: []byte("gone"), QoS: 1, Retain: true}
		c := connect(t, cfg)
		mark := m.Mark()
		p.Cut()
		sub.Hears("0 gone")
		m.LoggedSince(mark, "Will message specified")
		await(t, "the client is back", func() bool { return c.State().Connected })
		end(c, true)
		sub.Hears("0 gone")
		m.Subscribe("will", "%r %p").Hears("1 gone")
	})
}

func TestAClientHearsItselfOnlyWhenItWantsTo(t *testing.T) {
	t.Parallel()
	m := brokertest.Start(t, brokertest.Options{})
	for _, local := range []bool{false, true} {
		cfg, heard := config(t, m.Port)
		cfg.Local, cfg.Filter, cfg.Client = local, fmt.Sprintf("a/%t", local), fmt.Sprintf("client-%t", local)
		c := connect(t, cfg)
		if err := c.Publish(patient(t), broker.Message{Topic: cfg.Filter, Payload: []byte("mine"), QoS: 1}); err != nil {
			t.Fatal(err)
		}
		m.Publish("-t", cfg.Filter, "-m", "another's")
		if local {
			heard.hear(t, cfg.Filter+" mine")
		}
		heard.hear(t, cfg.Filter+" another's")
	}
}

func TestWhatWaitsIsPublishedBeforeTheClientLeaves(t *testing.T) {
	t.Parallel()
	m := brokertest.Start(t, brokertest.Options{})
	sub := m.Subscribe("b", "%p")
	cfg, _ := config(t, m.Port)
	c := connect(t, cfg)
	for i := range 500 {
		if err := c.Send(broker.Message{Topic: "b", Payload: []byte(strconv.Itoa(i)), QoS: byte(i % 3)}); err != nil {
			t.Fatal(err)
		}
	}
	end(c, false)
	seen := map[string]bool{}
	for range 500 {
		seen[sub.Next()] = true
	}
	if len(seen) != 500 {
		t.Errorf("%d of 500 arrived", len(seen))
	}
	if err := c.Send(broker.Message{Topic: "b"}); !errors.Is(err, broker.ErrClosed) {
		t.Error(err)
	}
	if state := c.State(); state.Connected || !errors.Is(state.Err, broker.ErrClosed) {
		t.Errorf("%+v", state)
	}
}

func TestASubscriptionThatIsRefusedIsTold(t *testing.T) {
	t.Parallel()
	// mosquitto grants what it never delivers, but refuses this.
	m := brokertest.Start(t, brokertest.Options{Settings: "max_qos 1\n"})
	cfg, _ := config(t, m.Port)
	if _, err := broker.Connect(patient(t), cfg); err == nil || !strings.Contains(err.Error(), "no quality of service 2; its highest is 1") {
		t.Error(err)
	}
	cfg.QoS = 1
	c := connect(t, cfg)
	if err := c.Publish(patient(t), broker.Message{Topic: "b", QoS: 2}); err == nil || !strings.Contains(err.Error(), "its highest is 1") {
		t.Error(err)
	}
	if err := c.Publish(patient(t), broker.Message{Topic: "b", QoS: 1}); err != nil {
		t.Error(err)
	}
}

func TestTwoWithOneNameDoNotFightWithoutAPause(t *testing.T) {
	t.Parallel()
	m := brokertest.Start(t, brokertest.Options{})
	cfg, _ := config(t, m.Port)
	cfg.Backoff, cfg.MaxBackoff = time.Hour, time.Hour
	first := connect(t, cfg)
	connect(t, cfg)
	await(t, "the first is sent away", func() bool {
		state := first.State()
		return !state.Connected && state.Err != nil
	})
}

func TestMessagesThatAreTooLargeAreLeftOut(t *testing.T) {
	t.Parallel()
	forEachVersion(t, func(t *testing.T, m *brokertest.Mosquitto, p *brokertest.Proxy) {
		cfg, heard := config(t, p.Port)
		cfg.MaxPayload = 1000
		connect(t, cfg)
		large := t.TempDir() + "/large"
		if err := os.WriteFile(large, make([]byte, 300000), 0o600); err != nil {
			t.Fatal(err)
		}
		for qos := range 3 {
			m.Publish("-q", strconv.Itoa(qos), "-t", "a/large", "-f", large)
			m.Publish("-q", strconv.Itoa(qos), "-t", "a/x", "-m", "small")
			heard.hear(t, "a/x small")
		}
		heard.silent(t)
	})
}

func TestWhatWaitsIsDroppedWithTheClient(t *testing.T) {
	t.Parallel()
	m := brokertest.Start(t, brokertest.Options{})
	cfg, _ := config(t, m.Port)
	c := connect(t, cfg)
	m.Kill()
	await(t, "the client notices", func() bool { return !c.State().Connected })
	told := make(chan error, 1)
	go func() { told <- c.Publish(patient(t), broker.Message{Topic: "b", QoS: 1}) }()
	c.Drop(patient(t))
	if err := <-told; !errors.Is(err, broker.ErrClosed) {
		t.Error(err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := broker.Server{Host: "h", User: "u", Secret: "geheim"}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "server", s, "secret", s.Secret)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %s %q", s, s, s.Secret, s.Secret), b.String()} {
		if strings.Contains(text, "geheim") {
			t.Error(text)
		}
	}
}
