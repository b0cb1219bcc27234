package catalog_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid/login"
	"rookery/internal/access"
	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/internal/command/catalog"
	"rookery/internal/rights"
	"rookery/script"
)

// Whatever is sent, an answer comes back with its keys in order, and never the
// password.
func FuzzEveryLineIsAnswered(f *testing.F) {
	for _, line := range []string{
		"command=version", "command=tell&entity=local&message=hello&_id=7", "command=walkto&position=<1,2,3>&duration=1", "",
		"command=getselfdata&data=Name,Position&sift=take,1", "command=teleport&entity=global&position=1,2,3&timeout=1",
		"command=sit&item=x&range=3", "command=batchavatarnametokey&avatars=\"a b\",c", "command=turn&radians=1e400&direction=left",
		"command=login&location=uri:A%26B&timeout=1", "error=x&status=1&success=True", "command=getcommand&name=tell&entity=syntax&type=input",
	} {
		f.Add(line)
	}
	a, err := agent.New(agent.Config{
		LoginURI: "http://127.0.0.1:1/", Login: login.Params{First: "Test", Last: "Bot", Password: "x"},
	})
	if err != nil {
		f.Fatal(err)
	}
	const password = "sesame-open-2f1c"
	groups, err := access.New(access.Settings{Groups: []access.Group{
		{Name: "G", ID: uuid.UUID{1}, Password: password, Permissions: rights.All &^ rights.System, Workers: 1},
	}})
	if err != nil {
		f.Fatal(err)
	}
	d := command.NewDispatcher(command.Options{Agent: a, Access: groups, Registry: catalog.New()})
	order := []string{"group", "command", "data", "error", "status", "success", "time"}

	f.Fuzz(func(t *testing.T, line string) {
		message, err := script.DecodeLine(line, script.DefaultFilters())
		if err != nil {
			t.Skip()
		}
		message = append(script.Pairs{{Key: "group", Value: "g"}, {Key: "password", Value: password}}, message...)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		answer := d.Execute(ctx, bus.Request{Sender: "fuzz", Pairs: message}).Pairs
		at := -1
		for _, p := range answer {
			if strings.Contains(p.Value, password) && !strings.Contains(line, password) {
				t.Errorf("the password is in %q", p)
			}
			if i := slices.Index(order, p.Key); i >= 0 {
				if i <= at {
					t.Errorf("%s is out of order in %q", p.Key, answer)
				}
				at = i
			} else if at < len(order)-1 {
				t.Errorf("afterburn %s before the end of the answer %q", p.Key, answer)
			}
		}
		if success := answer.Get("success"); success != "True" && success != "False" || answer.Has("status") == (success == "True") {
			t.Errorf("neither success nor failure: %q", answer)
		}
	})
}
