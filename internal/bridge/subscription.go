package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"rookery/internal/bridge/broker"
)

// Subscription is what a group wants of a topic.
type Subscription struct {
	// Server is the broker. An empty client identifier is made up, and stays the
	// same for as long as the subscription has its name.
	Server broker.Server `json:"server"`
	// Topic may have wildcards when nothing is published to it.
	Topic string `json:"topic"`
	// QoS is the quality of service in both directions.
	QoS byte `json:"qos"`
	// Bytes tells payloads as a list of numbers; otherwise they are UTF-8.
	Bytes bool `json:"bytes,omitempty"`
	// Execute runs commands that arrive.
	Execute bool `json:"execute,omitempty"`
	// Notifications are published to the topic, as key-value text or as JSON, and
	// retained by the broker if Retain is set.
	Notifications []string `json:"notifications,omitempty"`
	JSON          bool     `json:"json,omitempty"`
	Retain        bool     `json:"retain,omitempty"`
	// Will is published by the broker when the connection ends.
	Will *broker.Message `json:"will,omitempty"`
	// Clean: what is published while there is no connection is not wanted.
	Clean bool `json:"clean,omitempty"`
}

// publishes tells whether the subscription publishes to its own topic.
func (s Subscription) publishes() bool { return s.Execute || len(s.Notifications) > 0 }

// same tells whether two subscriptions are for the same topic of the same broker.
func (s Subscription) same(o Subscription) bool {
	return s.Topic == o.Topic && s.sameServer(o) && s.Server.User == o.Server.User && s.Server.Client == o.Server.Client
}

func (s Subscription) sameServer(o Subscription) bool {
	return strings.EqualFold(s.Server.Host, o.Server.Host) && s.Server.Port == o.Server.Port
}

// key is the name of a subscription: it belongs to a group.
type key struct{ group, id string }

// client is the client identifier of a subscription that brings none: 23
// characters, which every broker takes (MQTT 3.1.1 §3.1.3.1).
func (k key) client(agent string) string {
	sum := sha256.Sum256([]byte(agent + "\x00" + k.group + "\x00" + k.id))
	return "rookery-" + hex.EncodeToString(sum[:])[:15]
}
