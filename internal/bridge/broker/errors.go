package broker

import (
	"errors"
	"fmt"

	"github.com/eclipse/paho.golang/packets"
)

// Errors that callers decide on.
var (
	// ErrLogin reports that the broker did not let the client in: user name,
	// password, or what they may do.
	ErrLogin = errors.New("the broker does not let the client in")
	// ErrDropped reports that a message was pushed out of the queue.
	ErrDropped = errors.New("too much waited for the broker: the oldest was dropped")
	// ErrClosed reports a client that does not stay connected any more.
	ErrClosed = errors.New("the connection to the broker has ended")
	// ErrTooLarge reports a message that is larger than may be sent.
	ErrTooLarge = errors.New("the message is too large")
)

// RefusedError is the broker's answer that it will not do something.
type RefusedError struct {
	// Doing is what was asked for. It does not name the topic, which may have a
	// password in it.
	Doing string
	// Reason is the broker's reason (MQTT 5.0 §2.4), and Words what it says
	// about it, if anything.
	Reason byte
	Words  string

	login bool
}

func (e *RefusedError) Error() string {
	words, known := reasonWords[e.Reason]
	if !known {
		words = "for a reason of its own"
	}
	text := fmt.Sprintf("the broker refuses to %s: %s (0x%02x)", e.Doing, words, e.Reason)
	if e.Words != "" {
		text += fmt.Sprintf(": %q", e.Words)
	}
	return text
}

// Unwrap is [ErrLogin] for a login that was refused.
func (e *RefusedError) Unwrap() error {
	if e.login {
		return ErrLogin
	}
	return nil
}

// refusedLogin is what a CONNACK packet says.
func refusedLogin(reason byte, words string) error {
	e := &RefusedError{Doing: "let the client in", Reason: reason, Words: words}
	switch reason {
	case 0x86, 0x87, 0x8a, 0x8c:
		e.login = true
	}
	return e
}

// refusedMessage is what the acknowledgement of a message says; nil when it was
// taken.
func refusedMessage(reason byte, properties *packets.Properties) error {
	if reason < 0x80 {
		return nil
	}
	e := &RefusedError{Doing: "publish to the topic", Reason: reason}
	if properties != nil {
		e.Words = properties.ReasonString
	}
	return e
}

// disconnected is what a DISCONNECT packet says.
func disconnected(packet []byte) error {
	if len(packet) < 3 {
		return errEnd
	}
	words, known := reasonWords[packet[2]]
	if !known {
		words = "for a reason of its own"
	}
	return fmt.Errorf("%w: %s (0x%02x)", errEnd, words, packet[2])
}

// reasonWords are what the reasons mean that brokers give.
var reasonWords = map[byte]string{
	0x80: "it does not say why",
	0x81: "malformed packet",
	0x82: "protocol error",
	0x83: "implementation specific error",
	0x84: "unsupported protocol version",
	0x85: "client identifier not valid",
	0x86: "bad user name or password",
	0x87: "not authorized",
	0x88: "it is not available",
	0x89: "it is busy",
	0x8a: "the client is banned",
	0x8b: "it is shutting down",
	0x8c: "bad authentication method",
	0x8d: "the keep-alive time is over",
	0x8e: "another client took over the session",
	0x8f: "topic filter not valid",
	0x90: "topic not valid",
	0x93: "more messages at a time than it takes",
	0x94: "topic alias not valid",
	0x95: "the packet is too large",
	0x96: "too many messages",
	0x97: "a quota is exceeded",
	0x98: "somebody ended the connection",
	0x99: "payload format not valid",
	0x9a: "it does not retain messages",
	0x9b: "it does not have this quality of service",
	0x9c: "another broker is to be used",
	0x9d: "the broker has moved",
	0x9e: "it does not have shared subscriptions",
	0x9f: "too many connections",
	0xa0: "the connection lasted as long as it may",
	0xa1: "it does not have subscription identifiers",
	0xa2: "it does not have subscriptions with wildcards",
}
