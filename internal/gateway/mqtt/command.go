package mqtt

import (
	"github.com/mochi-mqtt/server/v2/packets"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
)

const (
	// waitingFactor is how many commands of a client may wait for each that
	// runs, before the client is not read any more.
	waitingFactor = 16
	// maxRunning is how many commands of all clients may run or wait.
	maxRunning = 1024
)

// heard passes on a message of the client, and runs the command that it is. While
// it waits for a place the client is not read; it gives up when gone is closed.
func (s *session) heard(pk packets.Packet, gone <-chan struct{}) {
	d := s.door
	// Nothing is retained, so that a command is run once.
	pk.FixedHeader.Retain = false
	// Those who subscribed see a command before its answer.
	d.deliver(pk)
	if len(pk.Payload) == 0 || d.echoes.has(pk.Payload) {
		return
	}
	pairs, language, err := d.desk.Decode(pk.Payload)
	if err == nil && len(pairs) == 0 {
		err = script.ErrUndecodable
	}
	if err != nil {
		d.answer(pk, s.answerTopic(pk), gateway.Refusal(script.AsError(err)), language)
		return
	}
	switch {
	case pairs.Has("success"), pairs.Has("notification") && !pairs.Has("command"):
		return // an answer or a notification that somebody passes round
	case !pairs.Has("command"):
		d.answer(pk, s.answerTopic(pk), gateway.Refusal(script.ErrCommandNotFound), language)
		return
	}
	if !pairs.Has("group") && !pairs.Has("password") {
		if a, _, err := s.parse(pk.TopicName); err == nil {
			pairs.Add("group", a.group)
			pairs.Add("password", a.password)
		}
	}
	topic := s.answerTopic(pk)
	if !s.wait(gone) {
		return
	}
	if !d.start(func() {
		defer func() { <-d.commands; <-s.waiting }()
		select {
		case s.slots <- struct{}{}:
		case <-d.ctx.Done():
			return
		}
		defer func() { <-s.slots }()
		answer := d.desk.Execute(d.ctx, bus.Request{Door: "mqtt", Sender: "MQTT client", Identifier: s.remote, Pairs: pairs})
		d.answer(pk, topic, answer, language)
	}) {
		<-d.commands
		<-s.waiting
	}
}

// wait takes a place among the commands that run or wait; false when the door
// closes, or gone is closed.
func (s *session) wait(gone <-chan struct{}) bool {
	select {
	case s.waiting <- struct{}{}:
	case <-gone:
		return false
	case <-s.door.ctx.Done():
		return false
	}
	select {
	case s.door.commands <- struct{}{}:
		return true
	case <-gone:
	case <-s.door.ctx.Done():
	}
	<-s.waiting
	return false
}

// answerTopic is where the answer to a message goes: the topic that it came to,
// or the response topic that it names (MQTT 5.0 §4.10), if the client may write
// there.
func (s *session) answerTopic(pk packets.Packet) string {
	if response := pk.Properties.ResponseTopic; response != "" && s.maySay(response) {
		return response
	}
	return pk.TopicName
}

// answer publishes the answer to a message.
func (d *Door) answer(to packets.Packet, topic string, answer script.Pairs, language gateway.Language) {
	text := d.desk.Append(nil, answer, language)
	d.echoes.add(text)
	d.publish(topic, text, packets.Properties{CorrelationData: to.Properties.CorrelationData})
}
