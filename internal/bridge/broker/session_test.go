package broker

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"pgregory.net/rapid"
)

func TestAQueueKeepsTheNewestUpToItsBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := queue{most: rapid.IntRange(overhead+1, 1000).Draw(t, "most")}
		var model []*entry
		bytes := 0
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "do") == 0 {
				var want *entry
				if len(model) > 0 {
					want, model = model[0], model[1:]
					bytes -= want.size()
				}
				if got := q.pop(); got != want {
					t.Fatalf("took %v, want %v", got, want)
				}
				continue
			}
			e := &entry{Message: Message{Payload: make([]byte, rapid.IntRange(0, 300).Draw(t, "size"))}}
			dropped, ok := q.push(e)
			if ok != (e.size() <= q.most) {
				t.Fatalf("%d bytes into %d: %v", e.size(), q.most, ok)
			}
			if !ok {
				continue
			}
			for _, d := range dropped {
				if d != model[0] {
					t.Fatal("it was not the oldest that was dropped")
				}
				model = model[1:]
				bytes -= d.size()
			}
			model = append(model, e)
			if bytes += e.size(); bytes > q.most || len(dropped) > 0 && bytes+dropped[len(dropped)-1].size() <= q.most {
				t.Fatalf("%d bytes of %d after %d were dropped", bytes, q.most, len(dropped))
			}
			if q.bytes != bytes || len(q.waiting) != len(model) {
				t.Fatalf("%d messages with %d bytes, want %d with %d", len(q.waiting), q.bytes, len(model), bytes)
			}
		}
	})
}

func mustAdd(t *testing.T, s *session, m Message, done func(error)) {
	t.Helper()
	if _, err := s.add(&entry{Message: m, done: done}); err != nil {
		t.Fatal(err)
	}
}

func TestWhoWaitsIsToldWhatBecameOfAMessage(t *testing.T) {
	t.Parallel()
	s := newSession(3 * (overhead + 1))
	told := map[string]error{}
	for i := range 5 {
		topic := fmt.Sprint(i)
		mustAdd(t, s, Message{Topic: topic, QoS: 1}, func(err error) { told[topic] = err })
	}
	if len(told) != 2 || !errors.Is(told["0"], ErrDropped) || !errors.Is(told["1"], ErrDropped) {
		t.Errorf("told %v", told)
	}
	l := newLine(s)
	_ = l.ConAckReceived(io.Discard, nil, &packets.Connack{})
	for range 2 {
		s.next(10)
	}
	for id, reason := range map[uint16]byte{1: 0, 2: 0x87} {
		_ = l.PacketReceived(&packets.ControlPacket{Content: &packets.Puback{PacketID: id, ReasonCode: reason}}, nil)
	}
	var refused *RefusedError
	if err, ok := told["2"]; !ok || err != nil || !errors.As(told["3"], &refused) {
		t.Errorf("told %v", told)
	}
	s.close(ErrClosed)
	if !errors.Is(told["4"], ErrClosed) {
		t.Errorf("told %v", told)
	}
	if _, err := s.add(&entry{}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// TestABrokerThatAnswersNonsenseDoesNoHarm answers what was not asked.
func TestABrokerThatAnswersNonsenseDoesNoHarm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newSession(1 << 20)
		l := newLine(s)
		_ = l.ConAckReceived(io.Discard, nil, &packets.Connack{SessionPresent: true})
		messages := make(chan *packets.Publish, 1000)
		done := 0
		sent := 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			id := uint16(rapid.IntRange(0, 5).Draw(t, "id"))
			reason := rapid.SampledFrom([]byte{0, 0x10, 0x80, 0x92}).Draw(t, "reason")
			var content packets.Packet
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1:
				if _, err := s.add(&entry{Message: Message{Topic: "a", QoS: rapid.ByteRange(1, 2).Draw(t, "qos")}, done: func(error) { done++ }}); err != nil {
					t.Fatal(err)
				}
				sent++
				s.next(100)
				continue
			case 2:
				content = &packets.Puback{PacketID: id, ReasonCode: reason}
			case 3:
				content = &packets.Pubrec{PacketID: id, ReasonCode: reason}
			case 4:
				content = &packets.Pubcomp{PacketID: id}
			case 5:
				content = &packets.Pubrel{PacketID: id, ReasonCode: reason}
			case 6:
				content = &packets.Suback{PacketID: id}
			case 7:
				content = &packets.Unsuback{PacketID: id}
			case 8:
				content = &packets.Publish{PacketID: id, QoS: 2, Topic: "a", Properties: &packets.Properties{}}
			case 9:
				_ = l.ConnectionLost(nil)
				l = newLine(s)
				if err := l.ConAckReceived(io.Discard, nil, &packets.Connack{SessionPresent: rapid.Bool().Draw(t, "present")}); err != nil {
					t.Fatal(err)
				}
				for {
					if m, _ := s.next(100); m == nil {
						break
					}
				}
				continue
			}
			if err := l.PacketReceived(&packets.ControlPacket{Content: content}, messages); err != nil {
				t.Fatal(err)
			}
		}
		if done+len(s.flight)+len(s.queue.waiting) != sent {
			t.Fatalf("%d of %d are done, %d sent and %d waiting", done, sent, len(s.flight), len(s.queue.waiting))
		}
	})
}

func TestAMessageThatEndsConnectionsIsGivenUp(t *testing.T) {
	t.Parallel()
	s := newSession(1 << 20)
	for i := range 3 {
		mustAdd(t, s, Message{Topic: fmt.Sprint(i), QoS: 1}, nil)
	}
	for tries := 1; ; tries++ {
		if tries > maxTries {
			t.Fatal("it is sent for ever")
		}
		l := newLine(s)
		_ = l.ConAckReceived(io.Discard, nil, &packets.Connack{})
		sent := 0
		for {
			if m, _ := s.next(10); m == nil {
				break
			}
			sent++
		}
		if want := map[bool]int{false: 3, true: 1}[tries >= doubtful]; sent != want {
			t.Fatalf("try %d sent %d messages, want %d", tries, sent, want)
		}
		if e := s.poison(); e != nil {
			t.Fatalf("%s is given up too early", e.Topic)
		}
		if tries == maxTries {
			break
		}
	}
	s.flight[0].first = time.Now().Add(-tryTime - time.Second)
	if e := s.poison(); e == nil || e.Topic != "0" {
		t.Fatalf("%v is given up", e)
	}
	s.lost()
	if m, _ := s.next(10); m == nil || m.Topic != "1" {
		t.Errorf("%v is next", m)
	}
}
