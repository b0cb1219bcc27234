package bus

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nats-io/nats.go/jetstream"

	"rookery/script"
)

// Limits bound what durable subscriptions keep. Beyond them the oldest
// notifications go first.
type Limits struct {
	// Age is how long a notification is kept, and for how long a subscription
	// may have no client before it is forgotten. 0 means a week.
	Age time.Duration
	// Messages and Bytes are how much one subscription keeps. 0 means 100,000
	// and 64 MiB.
	Messages int64
	Bytes    int64
	// Most is how many subscriptions a group may have. 0 means 10.
	Most int
}

func (l Limits) withDefaults() Limits {
	if l.Age == 0 {
		l.Age = 7 * 24 * time.Hour
	}
	if l.Messages == 0 {
		l.Messages = 100_000
	}
	if l.Bytes == 0 {
		l.Bytes = 64 << 20
	}
	if l.Most == 0 {
		l.Most = 10
	}
	return l
}

// Durable is a durable subscription: notifications that are kept for a client
// while it is away. A group has it by its name.
type Durable struct {
	// Group is the UUID of the group that hears the notifications.
	Group string `json:"group"`
	// Name tells the subscriptions of a group apart: 1 to 64 characters.
	Name  string   `json:"name"`
	Types []string `json:"types"`
	// Fields are the raw fields that are told in place of the usual keys, if
	// any.
	Fields []string `json:"fields,omitempty"`
	// Note is what a door wants to remember with the subscription.
	Note string `json:"note,omitempty"`
}

// maxName is how many characters the name of a durable subscription may have.
const maxName = 64

// CheckName tells whether a text may name a durable subscription.
func CheckName(name string) error {
	switch n := utf8.RuneCountInString(name); {
	case n == 0 || n > maxName:
		return fmt.Errorf("%d characters: a name has 1 to %d", n, maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%q: want printable characters", name)
	}
	return nil
}

// Kept is what a durable subscription holds.
type Kept struct {
	Durable
	// First and Last are the sequences of the oldest and the newest
	// notification that is kept; First is beyond Last when none is.
	First, Last uint64
	Bytes       uint64
	// Used is when a client was last there, or when it was made.
	Used time.Time
}

// streamOf names the stream of a durable subscription. Names of streams allow
// less than names of subscriptions.
func streamOf(agent, group, name string) string {
	sum := sha256.Sum256([]byte(agent + "\x00" + group + "\x00" + name))
	return "ROOKERY-" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16])
}

func keptSubject(stream, kind string) string { return "rookery.kept." + stream + "." + kind }

// What the description of a stream says about its subscription.
const (
	metaAgent   = "rookery-agent"
	metaDurable = "rookery-durable"
)

// config is the stream that holds the subscription of an agent.
func (d Durable) config(agent string, l Limits) (jetstream.StreamConfig, error) {
	about, err := json.Marshal(d)
	if err != nil {
		return jetstream.StreamConfig{}, err
	}
	name := streamOf(agent, d.Group, d.Name)
	return jetstream.StreamConfig{
		Name:       name,
		Subjects:   []string{keptSubject(name, "*")},
		Retention:  jetstream.LimitsPolicy,
		Discard:    jetstream.DiscardOld,
		MaxAge:     l.Age,
		MaxMsgs:    l.Messages,
		MaxBytes:   l.Bytes,
		Storage:    jetstream.FileStorage,
		Duplicates: min(l.Age, time.Minute),
		Metadata:   map[string]string{metaAgent: agent, metaDurable: string(about)},
	}, nil
}

// durableOf reads the description of a stream; false for one that is not the
// agent's.
func durableOf(agent string, info *jetstream.StreamInfo) (Durable, bool) {
	var d Durable
	if info.Config.Metadata[metaAgent] != agent || json.Unmarshal([]byte(info.Config.Metadata[metaDurable]), &d) != nil {
		return d, false
	}
	return d, info.Config.Name == streamOf(agent, d.Group, d.Name)
}

// keeps tells whether the subscription keeps a notification.
func (d Durable) keeps(n Notification) bool {
	return n.Concerns(d.Group) && n.View == ViewOf(d.Fields) && slices.Contains(d.Types, n.Type)
}

func refusal(e *script.Error, format string, args ...any) *script.Error {
	return &script.Error{Status: e.Status, Text: e.Text + ": " + fmt.Sprintf(format, args...)}
}
