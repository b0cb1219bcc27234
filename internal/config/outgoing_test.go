package config

import (
	"strings"
	"testing"
)

func TestOutgoingSettingsAreRead(t *testing.T) {
	t.Parallel()
	c, problems := Parse("x.toml", []byte(`
[outgoing]
allow_private = ["127.0.0.1", "10.1.2.3/8", "Hooks.Internal"]
[outgoing.callbacks]
queue = 7
timeout = "3s"
[outgoing.notifications]
keep = false
[outgoing.notifications.posts]
retries = 0
`), []string{"ROOKERY_OUTGOING_CALLBACKS_RATE=9"})
	for _, p := range problems {
		if !p.Warning && strings.HasPrefix(p.Key, "outgoing") {
			t.Error(p)
		}
	}
	o := c.Outgoing
	if o.Callbacks.Queue != 7 || o.Callbacks.Rate != 9 || o.Notifications.Keep || o.Notifications.Posts.Retries != 0 || o.Callbacks.Retries != 5 {
		t.Errorf("%+v", o)
	}
	var allowed []string
	for _, a := range o.Allowed() {
		allowed = append(allowed, a.String())
	}
	if got := strings.Join(allowed, " "); got != "127.0.0.1/32 10.0.0.0/8 hooks.internal" {
		t.Errorf("allowed: %s", got)
	}
}

func TestWrongOutgoingSettingsAreTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[outgoing]\nallow_private = [\"10.0.0.0/99\"]":                `outgoing.allow_private[0]: "10.0.0.0/99": want an address`,
		"[outgoing.callbacks]\nqueue = 0":                              "outgoing.callbacks.queue: 0 is out of range: allowed are 1 to 100000",
		"[outgoing.callbacks]\ntimeout = \"0s\"":                       "outgoing.callbacks.timeout: want a time span above 0",
		"[outgoing.notifications.posts]\nretries = -1":                 "outgoing.notifications.posts.retries: -1 is out of range",
		"[outgoing.callbacks]\nbackoff = \"5s\"\nmax_backoff = \"1s\"": "outgoing.callbacks.max_backoff: 1s is below backoff 5s",
		"[outgoing.notifications]\nmost = 0":                           "outgoing.notifications.most: 0 is out of range",
		"[outgoing.callbacks]\nper_host = 0":                           "outgoing.callbacks.per_host: 0 is out of range",
		"[outgoing]\nallow = []":                                       "outgoing.allow: unknown setting",
		"[outgoing.requests]\nmax_answer = \"2MiB\"":                   "outgoing.requests.max_answer: 2MiB is out of range: allowed are 1KiB to 1MiB",
		"[outgoing.callbacks]\nrate = -1":                              "outgoing.callbacks.rate: -1 is out of range",
	} {
		_, problems := Parse("x.toml", []byte(text), nil)
		if all := problems.Error(); !strings.Contains(all, want) {
			t.Errorf("%s\ngives %s\nwant %s", text, all, want)
		}
	}
}

func TestOutgoingSettingsOfCorradeAreBroughtOver(t *testing.T) {
	t.Parallel()
	text, notes, err := Import([]byte(`<Configuration><FirstName>Robin</FirstName><Password>x</Password>
<CallbackTimeout>5000</CallbackTimeout><CallbackQueueLength>77</CallbackQueueLength><CallbackThrottle>250</CallbackThrottle>
<NotificationTimeout>0</NotificationTimeout><NotificationQueueLength>88</NotificationQueueLength></Configuration>`))
	if err != nil {
		t.Fatal(err)
	}
	c, problems := Parse("rookery.toml", []byte(text), nil)
	if problems.Err() != nil {
		t.Fatalf("%v\n%s", problems, text)
	}
	o := c.Outgoing
	if o.Callbacks.Queue != 77 || o.Callbacks.Timeout.String() != "5s" || o.Notifications.Posts.Queue != 88 || o.Notifications.Posts.Timeout.String() != "30s" {
		t.Errorf("%+v of\n%s", o, text)
	}
	var all strings.Builder
	for _, n := range notes {
		all.WriteString(n.String() + "\n")
	}
	for _, says := range []string{"CallbackThrottle: it was a poll interval", `NotificationTimeout: "0" is not a time`} {
		if !strings.Contains(all.String(), says) {
			t.Errorf("missing %q in\n%s", says, all.String())
		}
	}
}
