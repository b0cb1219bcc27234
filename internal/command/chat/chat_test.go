package chat_test

import (
	"strings"
	"testing"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { commandtest.Main(m) }

func TestTellLocalIsHeardInTheRegion(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	seen := w.Watch(t)
	for _, tt := range []struct {
		line string
		want simgrid.ChatSpoken
	}{
		{"message=hello+there", simgrid.ChatSpoken{Type: grid.ChatNormal, Text: "hello there"}},
		{"message=psst&type=Whisper", simgrid.ChatSpoken{Type: grid.ChatWhisper, Text: "psst"}},
		{"message=h%C3%A9%26&type=shout", simgrid.ChatSpoken{Type: grid.ChatShout, Text: "hé&"}},
		{"message=open&channel=77", simgrid.ChatSpoken{Type: grid.ChatNormal, Channel: 77, Text: "open"}},
		{"message=open&channel=-77", simgrid.ChatSpoken{Type: grid.ChatNormal, Channel: -77, Text: "open"}},
		{"type=StartTyping", simgrid.ChatSpoken{Type: grid.ChatStartTyping}},
		{"type=StopTyping", simgrid.ChatSpoken{Type: grid.ChatStopTyping}},
		{"message=" + strings.Repeat("x", 1023), simgrid.ChatSpoken{Type: grid.ChatNormal, Text: strings.Repeat("x", 1023)}},
	} {
		w.Do(t, "command=tell&entity=LOCAL&"+tt.line)
		commandtest.Saw(t, seen, func(e simgrid.ChatSpoken) bool {
			return e.Speaker == w.Agent.Self().ID && e.Type == tt.want.Type && e.Channel == tt.want.Channel && e.Text == tt.want.Text
		})
	}
}

func TestTellLocalIsAnsweredAndTheAnswerIsTold(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{
		First: "Ada", Last: "Rook", Position: commandtest.Start.Add(grid.Vector3{X: 3}), Answers: simgrid.AnswerAll,
		Reply: func(h simgrid.Heard, _ bool) string { return "you said " + h.Text },
	})
	w.Do(t, "command=tell&entity=local&message=hello")
	w.Heard(t, "local", script.Pairs{{Key: "firstname", Value: "Test"}, {Key: "message", Value: "hello"}}) // itself
	told := w.Heard(t, "local", script.Pairs{
		{Key: "firstname", Value: "Ada"},
		{Key: "lastname", Value: "Rook"},
		{Key: "item", Value: ada.ID().String()},
		{Key: "message", Value: "you said hello"},
		{Key: "entity", Value: "Agent"},
		{Key: "volume", Value: "Normal"},
		{Key: "region", Value: "Rookery"},
		{Key: "type", Value: "local"},
		{Key: "notification", Value: "local"},
	})
	if told.Get("audible") != "Fully" || told.Get("position") == "" {
		t.Errorf("%v", told)
	}
}

func TestTellAvatarReachesItByUUIDAndByName(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{
		First: "Ada", Last: "Rook", Reply: func(h simgrid.Heard, _ bool) string { return "got " + h.Text },
	})
	if _, err := w.Grid.AddInhabitant(simgrid.InhabitantConfig{First: "Solo", Region: "Heronry"}); err != nil {
		t.Fatal(err)
	}
	seen := w.Watch(t)
	for _, tt := range []struct{ line, text string }{
		{"agent=" + strings.ToUpper(ada.ID().String()), "one"},
		{"firstname=ADA&lastname=rook", "two"},
		{"firstname=Solo", "three"}, // a missing last name is Resident
		{"agent=rubbish&firstname=ada&lastname=rook", "four"},
	} {
		w.Do(t, "command=tell&entity=avatar&message="+tt.text+"&"+tt.line)
		commandtest.Saw(t, seen, func(e simgrid.MessageSent) bool {
			return e.From == w.Agent.Self().ID && e.Text == tt.text && e.Dialog == grid.IMMessageFromAgent && e.Delivered
		})
	}
	w.Heard(t, "message", script.Pairs{
		{Key: "firstname", Value: "Ada"},
		{Key: "lastname", Value: "Rook"},
		{Key: "agent", Value: ada.ID().String()},
		{Key: "message", Value: "got one"},
		{Key: "region", Value: "Rookery"},
	})
	w.Do(t, "command=tell&entity=avatar&dialog=StartTyping&agent="+ada.ID().String())
	commandtest.Saw(t, seen, func(e simgrid.MessageSent) bool { return e.To == ada.ID() && e.Dialog == grid.IMStartTyping })
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	long := strings.Repeat("x", 1024)
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=tell&entity=everybody", Error: script.ErrUnknownEntity, Says: "avatar, group, conference, local, region, estate"},
		{Line: "command=tell", Error: script.ErrUnknownEntity, Says: "entity is missing"},
		{Line: "command=tell&entity=estate&message=x", Error: script.ErrUnknownEntity, Says: "available are avatar, local"},
		{Line: "command=tell&entity=group&message=x", Error: script.ErrUnknownEntity, Says: "available are avatar, local"},
		{Line: "command=tell&entity=local", Error: script.ErrTooManyOrTooFewCharactersInMessage, Says: "0 bytes; allowed are 1 to 1023"},
		{Line: "command=tell&entity=local&message=" + long, Error: script.ErrTooManyOrTooFewCharactersInMessage, Says: "1024 bytes"},
		{Line: "command=tell&entity=local&message=x&channel=3000000000", Error: script.ErrInvalidParameter, Says: "from -2147483648 to 2147483647"},
		{Line: "command=tell&entity=local&message=x&type=Sing", Error: script.ErrInvalidParameter, Says: "Whisper, Normal, Shout"},
		{Line: "command=tell&entity=avatar&message=x", Error: script.ErrAgentNotFound, Says: "agent is missing"},
		{Line: "command=tell&entity=avatar&message=x&agent=ada", Error: script.ErrAgentNotFound, Says: `"ada"`},
		{Line: "command=tell&entity=avatar&message=x&firstname=No&lastname=Body", Error: script.ErrAgentNotFound},
		{Line: "command=tell&entity=avatar&agent=870b5fa9-0b32-491e-8848-465666ae1151", Error: script.ErrTooManyOrTooFewCharactersInMessage},
		{Line: "command=tell&entity=avatar&message=x&agent=870b5fa9-0b32-491e-8848-465666ae1151&dialog=Hello", Error: script.ErrInvalidParameter, Says: "MessageFromAgent"},
		{Line: "command=tell&entity=avatar&message=x&agent=870b5fa9-0b32-491e-8848-465666ae1151&online=maybe", Error: script.ErrInvalidParameter, Says: "Online, Offline"},
		{Line: "command=tell&entity=avatar&message=x&agent=870b5fa9-0b32-491e-8848-465666ae1151&session=1", Error: script.ErrInvalidParameter, Says: "session"},
	}...)
}
