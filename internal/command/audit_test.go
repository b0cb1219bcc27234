package command_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/audit"
	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/internal/rights"
	"rookery/script"
)

func TestEachCommandAndEachRefusalIsAudited(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var trail []audit.Entry
	begun, finish := make(chan struct{}), make(chan struct{})
	b := newBench(t, func(o *command.Options) {
		o.Audit = func(e audit.Entry) {
			mu.Lock()
			defer mu.Unlock()
			trail = append(trail, e)
		}
	},
		echo(),
		doing("wait", func(context.Context, *command.Call) (command.Data, error) {
			begun <- struct{}{}
			<-finish
			return command.Data{}, nil
		}),
		doing("fall", func(context.Context, *command.Call) (command.Data, error) { panic("ouch") }),
		command.Command{Name: "forbidden", Topic: "test", Permission: rights.Land, Summary: "Does something.", Run: echo().Run},
	)
	const secret = "hush-hush"
	b.ask("command=ECHO&message=" + secret)
	b.ask("command=echo")
	b.ask("command=nothing&message=" + secret)
	b.ask("command=forbidden")
	b.ask("command=fall")
	b.ask("command=echo&message=x&password=" + secret)
	b.ask("command=echo&message=x&group=Nobody&password=" + secret)
	b.ask("command=" + strings.Repeat("x", 500))
	gone := b.ExecuteFor(t.Context(), "3f0c5b5e-2f0e-4a55-9c5d-6d6f0d6b9999", bus.Request{Door: "schedule", Sender: "s", Identifier: "i", Pairs: script.ParsePairs("command=echo")})
	if gone.Pairs.Get("success") != "False" {
		t.Errorf("%v", gone)
	}
	b.ExecuteFor(t.Context(), "My Group", bus.Request{Door: "schedule", Sender: "s", Identifier: "i", Pairs: script.ParsePairs("command=echo&message=x")})
	b.Authorize(t.Context(), bus.Authorization{Group: "My Group", Password: secret, Types: []string{"local"}, Remote: "127.0.0.1:9", Door: "websocket"})
	b.Authorize(t.Context(), bus.Authorization{Group: "my group", Password: password, Types: []string{"alert"}, Remote: "127.0.0.1:9", Door: "udp"})
	b.Authorize(t.Context(), bus.Authorization{Group: "my group", Password: password, Types: []string{"local"}, Remote: "127.0.0.1:9", Door: "udp"})

	// One that takes its time, with another beside it and a third too many.
	var waiting sync.WaitGroup
	for range 2 {
		waiting.Go(func() { b.ask("command=wait") })
		<-begun
	}
	b.ask("command=echo&message=x")
	close(finish)
	waiting.Wait()

	entry := func(door, group, sender, identifier, name string, status int) audit.Entry {
		return audit.Entry{
			Time: time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC), Door: door, Group: group, Sender: sender, Identifier: identifier,
			Command: name, Success: status == 0, Status: status,
		}
	}
	tcp := func(group, name string, e *script.Error) audit.Entry {
		status := 0
		if e != nil {
			status = e.Status
		}
		return entry("tcp", group, "script", "127.0.0.1:5", name, status)
	}
	want := []audit.Entry{
		tcp("My Group", "ECHO", nil),
		tcp("My Group", "echo", script.ErrMissingParameter),
		tcp("My Group", "nothing", script.ErrCommandNotFound),
		tcp("My Group", "forbidden", script.ErrNoCorradePermissions),
		tcp("My Group", "fall", script.ErrGeneral),
		tcp("My Group", "echo", script.ErrAccessDenied),
		tcp("Nobody", "echo", script.ErrAccessDenied),
		tcp("My Group", strings.Repeat("x", 500), script.ErrCommandNotFound),
		entry("schedule", "3f0c5b5e-2f0e-4a55-9c5d-6d6f0d6b9999", "s", "i", "echo", script.ErrAccessDenied.Status),
		entry("schedule", "My Group", "s", "i", "echo", 0),
		entry("websocket", "My Group", "", "127.0.0.1:9", "", script.ErrAccessDenied.Status),
		entry("udp", "My Group", "", "127.0.0.1:9", "", script.ErrNotificationNotAllowed.Status),
		tcp("My Group", "echo", script.ErrTooManyWorkers),
		tcp("My Group", "wait", nil),
		tcp("My Group", "wait", nil),
	}
	took := func(e audit.Entry) audit.Entry {
		if e.Duration <= 0 {
			t.Errorf("%+v took no time", e)
		}
		e.Duration = 0
		return e
	}
	for i := range trail {
		trail[i] = took(trail[i])
	}
	if diff := cmp.Diff(want, trail); diff != "" {
		t.Error(diff)
	}
	log := b.log.String()
	for _, says := range []string{
		`level=INFO msg="My Group : script (127.0.0.1:5) : ECHO" door=tcp success=true status=0 duration=`,
		`level=INFO msg="My Group : script (127.0.0.1:5) : forbidden" door=tcp success=false status=48467 duration=`,
		`level=WARN msg="Nobody : access denied" door=tcp success=false`,
		`level=WARN msg="My Group : access denied" door=websocket success=false`,
		strings.Repeat("x", 200) + "…",
	} {
		if !strings.Contains(log, says) {
			t.Errorf("no %q in\n%s", says, log)
		}
	}
	if strings.Contains(log, secret) || strings.Contains(log, strings.Repeat("x", 201)) {
		t.Errorf("too much in\n%s", log)
	}
}
