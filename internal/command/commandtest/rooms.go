package commandtest

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/access"
	"rookery/internal/bayes"
	"rookery/internal/bridge"
	"rookery/internal/bus"
	"rookery/internal/chatlog"
	"rookery/internal/command"
	"rookery/internal/database"
	"rookery/internal/feed"
	"rookery/internal/fetch"
	"rookery/internal/files"
	"rookery/internal/process"
	"rookery/internal/reach"
	"rookery/internal/schedule"
	"rookery/internal/state"
)

// feedInterval is the time between two looks at a feed.
const feedInterval = 10 * time.Millisecond

// newRooms opens what commands work with, in directories of the test.
func newRooms(t *testing.T, groups *access.Access) (*bus.Bus, command.Rooms) {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), state.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	databases := database.Open(filepath.Join(t.TempDir(), "databases"), database.Limits{})
	t.Cleanup(func() {
		if err := databases.Close(); err != nil {
			t.Error(err)
		}
	})
	policy := reach.NewPolicy(here(t))
	web := fetch.New(fetch.Options{Reach: policy, UserAgent: "Rookery/test", MaxSize: 4096})
	t.Cleanup(web.Close)
	feeds, err := feed.Open(t.Context(), feed.Options{
		Agent: "Test Bot", Store: store, Group: groups.Group, Web: web, Limits: feed.Limits{Interval: feedInterval, Most: 2},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	schedules, err := schedule.Open(t.Context(), schedule.Options{
		Agent: "Test Bot", Store: store, Group: groups.Group, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(bus.Config{Store: filepath.Join(t.TempDir(), "bus")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	classifiers, err := bayes.Open(t.Context(), bayes.Options{Agent: "Test Bot", Store: store})
	if err != nil {
		t.Fatal(err)
	}
	brokers, err := bridge.Open(t.Context(), bridge.Options{
		Agent: "Test Bot", Store: store, Group: groups.Group, Reach: policy, Backoff: 10 * time.Millisecond,
		Limits: bridge.Limits{Subscriptions: 5, MaxPayload: 64 << 10}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b, command.Rooms{
		Bridge:      brokers,
		Database:    databases,
		Feeds:       feeds,
		Web:         web,
		Schedules:   schedules,
		Classifiers: classifiers,
		Durables:    b.Durables("Test Bot"),
		Files:       &files.Folder{Directory: filepath.Join(t.TempDir(), "files"), MaxSize: 4096},
		Programs:    &process.Limits{MaxOutput: 4096},
	}
}

// newChatLog writes what is said around an agent into a directory of the test.
// The chat of every group is written.
func newChatLog(t *testing.T, a *agent.Agent, groups *access.Access) (*chatlog.Log, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "logs")
	l := chatlog.Open(chatlog.Options{
		Agent: a,
		Group: func(id grid.UUID) (string, bool) {
			group, ok := groups.Group(id.String())
			return group.Name, ok
		},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}, chatlog.Settings{
		Directory: dir,
		Kinds: map[chatlog.Kind]bool{
			chatlog.Message: true, chatlog.Local: true, chatlog.Conference: true, chatlog.Region: true, chatlog.OwnerSay: true, chatlog.Group: true,
		},
	})
	t.Cleanup(l.Close)
	return l, dir
}
