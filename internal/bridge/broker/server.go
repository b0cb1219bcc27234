package broker

import (
	"log/slog"
	"net"
	"strconv"
)

// Secret is a password, which is never printed or logged. Convert it to a string
// to use it.
type Secret string

const stars = "***"

// String masks the secret.
func (Secret) String() string { return stars }

// GoString masks the secret.
func (Secret) GoString() string { return stars }

// LogValue masks the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(stars) }

// Server is a broker and how to log into it.
type Server struct {
	// Host is a name or an address.
	Host string `json:"host"`
	Port int    `json:"port"`
	// TLS encrypts the connection; Insecure leaves the broker's certificate
	// unchecked.
	TLS      bool `json:"tls,omitempty"`
	Insecure bool `json:"insecure,omitempty"`
	// User and Secret are the user name and the password, empty for none. A
	// password needs a user name.
	User   string `json:"user,omitempty"`
	Secret Secret `json:"secret,omitempty"`
	// Client is the client identifier. Empty: the broker chooses one, and keeps
	// nothing for the client.
	Client string `json:"client,omitempty"`
}

// Addr is where the broker is, HOST:PORT.
func (s Server) Addr() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Message is what is published to a topic.
type Message struct {
	Topic   string `json:"topic"`
	Payload []byte `json:"payload,omitempty"`
	// QoS is the quality of service: 0 at most once, 1 at least once, 2 once.
	QoS byte `json:"qos,omitempty"`
	// Retain makes the broker keep the message for who subscribes later. Of a
	// message that was received it tells that it was kept.
	Retain bool `json:"retain,omitempty"`
	// Response is the topic that an answer is wanted at, and Correlation what
	// the answer must bring along.
	Response    string `json:"-"`
	Correlation []byte `json:"-"`
}

// overhead is what a message costs beside its texts, roughly.
const overhead = 64

func (m Message) size() int { return len(m.Topic) + len(m.Payload) + len(m.Correlation) + overhead }
