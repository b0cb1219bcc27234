package mqtt

import (
	"strings"
	"testing"

	"rookery/internal/bus"
)

func FuzzTopicsAreWhatTheirPartsMake(f *testing.F) {
	for _, topic := range []string{"g/p/local", "g/p/local/json", "g/local", "G/+/json", "g/p/#", "g/#", "a/b/c/d/e", "", "/", "//", "g/json", "g/p/json/json", "+/+/+", "$SYS/#"} {
		f.Add(topic)
	}
	l := &login{group: "g", password: "secret", grant: bus.Grant{GroupName: "G", GroupID: "id"}}
	f.Fuzz(func(t *testing.T, topic string) {
		for _, l := range []*login{nil, l} {
			a, err := parseTopic(topic, l)
			if err != nil {
				continue
			}
			if got := a.channel(a.kind); got.topic != topic || got.json != a.json {
				t.Errorf("%q has become %q", topic, got.topic)
			}
			if r, kind := split(topic); r != a.realm || kind != a.kind {
				t.Errorf("%q: %v and %v", topic, r, a.realm)
			}
			if strings.ContainsAny(a.group+a.prefix, "+#") || a.kind == "" || strings.ContainsAny(a.kind, "/") {
				t.Errorf("%q: %+v", topic, a)
			}
			if l == nil && a.prefix != a.group+"/"+a.password {
				t.Errorf("%q: %+v without a password of its own", topic, a)
			}
		}
	})
}

func TestEchoesKnowTheLastTextsOnly(t *testing.T) {
	t.Parallel()
	e := newEchoes()
	e.add([]byte("first"))
	e.add([]byte("again"))
	for range maxEchoes - 1 {
		e.add([]byte("again"))
	}
	if e.has([]byte("first")) || !e.has([]byte("again")) || len(e.known) != 1 || len(e.order) != maxEchoes {
		t.Errorf("%d known of %d", len(e.known), len(e.order))
	}
}
