package command_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/agent"
	"rookery/grid/login"
	"rookery/internal/access"
	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "mypassword"

var myGroup = access.Group{
	Name:          "My Group",
	ID:            uuid.MustParse("3f0c5b5e-2f0e-4a55-9c5d-6d6f0d6b0001"),
	Password:      password,
	Permissions:   rights.Talk | rights.Movement,
	Notifications: []string{"local", "message"},
	Workers:       2,
}

// echo answers the value of the parameter message.
func echo() command.Command {
	message := param.Text("message", "what to answer").Required()
	return command.Command{
		Name: "echo", Topic: "test", Permission: rights.Talk, Summary: "Answers.", Params: []command.Parameter{message},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			text, err := message.Of(c)
			return command.Text(text), err
		},
	}
}

func doing(name string, run func(context.Context, *command.Call) (command.Data, error)) command.Command {
	return command.Command{Name: name, Topic: "test", Summary: "Does something.", Run: run}
}

// bench is a dispatcher with what it writes.
type bench struct {
	*command.Dispatcher
	log *lines
}

// lines collects a log.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func groups(t testing.TB, configured ...access.Group) *access.Access {
	t.Helper()
	a, err := access.New(access.Settings{Groups: configured})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newBench(t testing.TB, change func(*command.Options), commands ...command.Command) bench {
	t.Helper()
	registry, err := command.NewRegistry(commands...)
	if err != nil {
		t.Fatal(err)
	}
	a, err := agent.New(agent.Config{LoginURI: "http://127.0.0.1:1/", Login: login.Params{First: "Test", Last: "Bot", Password: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	o := command.Options{
		Agent:    a,
		Access:   groups(t, myGroup),
		Registry: registry,
		Log:      slog.New(slog.NewTextHandler(log, nil)),
		Now:      func() time.Time { return time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC) },
	}
	if change != nil {
		change(&o)
	}
	return bench{command.NewDispatcher(o), log}
}

// ask runs a line of key-value text for My Group, unless the line names
// another group.
func (b bench) ask(line string) script.Pairs {
	pairs := script.ParsePairs(line)
	if !pairs.Has("group") {
		pairs.Add("group", "My Group")
	}
	if !pairs.Has("password") {
		pairs.Add("password", password)
	}
	r := bus.Request{Door: "tcp", Sender: "script", Identifier: "127.0.0.1:5", Pairs: pairs}
	return b.Execute(context.Background(), r).Pairs
}

func keys(ps script.Pairs) (ks []string) {
	for _, p := range ps {
		ks = append(ks, p.Key)
	}
	return ks
}

func wantError(t *testing.T, answer script.Pairs, want *script.Error) {
	t.Helper()
	if answer.Get("success") != "False" || answer.Get("status") != strconv.Itoa(want.Status) ||
		!strings.HasPrefix(answer.Get("error"), want.Text) {
		t.Errorf("answer %v, want error %q (%d)", answer, want.Text, want.Status)
	}
}

func TestAnswerHasItsKeysInOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, echo())
	for _, tt := range []struct {
		promise, line string
		want          script.Pairs
	}{
		{
			"data, then success, time and afterburn in the order sent",
			"_id=7&command=echo&message=hello&type=&_empty=&Group=x&_b=c",
			script.Pairs{
				{Key: "group", Value: "My Group"},
				{Key: "command", Value: "echo"},
				{Key: "data", Value: "hello"},
				{Key: "success", Value: "True"},
				{Key: "time", Value: "2024-05-06T07:08:09.123456Z"},
				{Key: "_id", Value: "7"},
				{Key: "Group", Value: "x"},
				{Key: "_b", Value: "c"},
			},
		},
		{
			"the configured name answers whatever the group was called",
			"command=ECHO&message=x&group=3F0C5B5E-2f0e-4a55-9c5d-6d6f0d6b0001",
			script.Pairs{
				{Key: "group", Value: "My Group"},
				{Key: "command", Value: "ECHO"},
				{Key: "data", Value: "x"},
				{Key: "success", Value: "True"},
				{Key: "time", Value: "2024-05-06T07:08:09.123456Z"},
			},
		},
		{
			"error and status stand before success; names of parameters and commands are no afterburn",
			"command=echo&jump=1&item=2&status=5&region=3",
			script.Pairs{
				{Key: "group", Value: "My Group"},
				{Key: "command", Value: "echo"},
				{Key: "error", Value: "missing parameter: message is missing: want a text (what to answer)"},
				{Key: "status", Value: "70004"},
				{Key: "success", Value: "False"},
				{Key: "time", Value: "2024-05-06T07:08:09.123456Z"},
			},
		},
		{
			"of a repeated key the first counts",
			"command=echo&message=first&message=second&_id=1&_id=2",
			script.Pairs{
				{Key: "group", Value: "My Group"},
				{Key: "command", Value: "echo"},
				{Key: "data", Value: "first"},
				{Key: "success", Value: "True"},
				{Key: "time", Value: "2024-05-06T07:08:09.123456Z"},
				{Key: "_id", Value: "1"},
			},
		},
		{
			"without a command there is none in the answer",
			"message=x",
			script.Pairs{
				{Key: "group", Value: "My Group"},
				{Key: "error", Value: "command not found: command is missing: listcommands lists those there are"},
				{Key: "status", Value: "8653"},
				{Key: "success", Value: "False"},
				{Key: "time", Value: "2024-05-06T07:08:09.123456Z"},
			},
		},
	} {
		if diff := cmp.Diff(tt.want, b.ask(tt.line)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.promise, diff)
		}
	}
}

func TestWrongGroupAndWrongPasswordAreRefusedAlike(t *testing.T) {
	t.Parallel()
	ran := false
	b := newBench(t, nil, doing("run", func(context.Context, *command.Call) (command.Data, error) {
		ran = true
		return command.Data{}, nil
	}))
	for _, line := range []string{"command=run&group=Other", "command=run&password=wrong", "command=run&password=", "command=run&group="} {
		wantError(t, b.ask(line), script.ErrAccessDenied)
	}
	if ran {
		t.Error("the command ran")
	}
}

func TestPasswordReachesNeitherCommandNorLog(t *testing.T) {
	t.Parallel()
	var seen string
	b := newBench(t, nil, doing("look", func(_ context.Context, c *command.Call) (command.Data, error) {
		seen = c.Value("password")
		return command.Data{}, errors.New("something broke")
	}))
	b.ask("command=look&_p=1")
	b.ask("command=look&password=hunter2")
	if seen != "***" {
		t.Errorf("the command saw the password %q", seen)
	}
	if log := b.log.String(); strings.Contains(log, password) || strings.Contains(log, "hunter2") {
		t.Errorf("the log holds a password:\n%s", log)
	}
}

func TestEveryCommandIsLoggedWithWhoAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, echo())
	b.ask("command=echo&message=x")
	if want := `"My Group : script (127.0.0.1:5) : echo"`; !strings.Contains(b.log.String(), want) {
		t.Errorf("no %s in the log:\n%s", want, b.log)
	}
}

func TestRightsAreCheckedBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	c := echo()
	c.Permission = rights.Talk | rights.System
	b := newBench(t, nil, c)
	answer := b.ask("command=echo&timeout=never&sift=nonsense,1")
	wantError(t, answer, script.ErrNoCorradePermissions)
	if want := "no Corrade permissions: echo needs system, which the group does not have"; answer.Get("error") != want {
		t.Errorf("%q, want %q", answer.Get("error"), want)
	}
}

func TestUnknownCommandsHaveAStatus(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, echo())
	for line, want := range map[string]string{
		"command=frobnicate": `command not found: "frobnicate": listcommands lists those there are`,
		"command=firstname":  `command not found: "firstname": listcommands lists those there are`,
		"command=eho":        `command not found: "eho": did you mean echo? listcommands lists those there are`,
		"command=":           "command not found: command is missing: listcommands lists those there are",
		"command=wear":       "command not found: wear is not available in this version",
	} {
		answer := b.ask(line)
		wantError(t, answer, script.ErrCommandNotFound)
		if answer.Get("error") != want {
			t.Errorf("%s: %q, want %q", line, answer.Get("error"), want)
		}
	}
}

func TestPanicEndsTheCommandOnly(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, echo(), doing("burst", func(context.Context, *command.Call) (command.Data, error) { panic("ouch") }))
	for range 5 { // more often than there are workers: each gives its place back
		wantError(t, b.ask("command=burst"), script.ErrGeneral)
	}
	if log := b.log.String(); !strings.Contains(log, "ouch") || !strings.Contains(log, "dispatcher_test.go") {
		t.Errorf("panic and stack are not in the log:\n%s", log)
	}
	if got := b.ask("command=echo&message=alive").Get("data"); got != "alive" {
		t.Errorf("afterwards: %q", got)
	}
	if stats := b.Stats(); stats != (command.Stats{Executed: 6}) {
		t.Errorf("stats %+v", stats)
	}
}

func TestUnexpectedErrorsStayInTheLog(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, doing("fail", func(context.Context, *command.Call) (command.Data, error) {
		return command.Text("so far"), errors.New("open /etc/secret: no such file")
	}))
	answer := b.ask("command=fail")
	wantError(t, answer, script.ErrGeneral)
	if strings.Contains(answer.Get("error"), "secret") {
		t.Errorf("the script reads %q", answer.Get("error"))
	}
	if answer.Get("data") != "so far" {
		t.Errorf("data that came with the error is missing: %v", answer)
	}
	if !strings.Contains(b.log.String(), "/etc/secret") {
		t.Errorf("not in the log:\n%s", b.log)
	}
}

func TestWellKnownFailuresHaveTheirOwnStatus(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want *script.Error
	}{
		{agent.ErrOffline, script.ErrNotConnected},
		{agent.ErrTimeout, script.ErrTimeout},
		{context.DeadlineExceeded, script.ErrTimeout},
		{agent.ErrNoCapability, script.ErrNotSupported},
		{script.ErrCouldNotSit.Because(agent.ErrTimeout), script.ErrCouldNotSit},
	} {
		b := newBench(t, nil, doing("fail", func(context.Context, *command.Call) (command.Data, error) {
			return command.Data{}, tt.err
		}))
		wantError(t, b.ask("command=fail"), tt.want)
	}
}

func TestGroupRunsNoMoreCommandsThanItHasWorkers(t *testing.T) {
	t.Parallel()
	started, finish := make(chan struct{}), make(chan struct{})
	b := newBench(t, nil, echo(), doing("wait", func(context.Context, *command.Call) (command.Data, error) {
		started <- struct{}{}
		<-finish
		return command.Data{}, nil
	}))
	var running sync.WaitGroup
	for range myGroup.Workers {
		running.Go(func() { b.ask("command=wait") })
		<-started
	}
	if stats := b.Stats(); stats.Executing != 2 {
		t.Errorf("stats %+v", stats)
	}
	wantError(t, b.ask("command=echo&message=x"), script.ErrTooManyWorkers)
	close(finish)
	running.Wait()
	if got := b.ask("command=echo&message=x"); got.Get("success") != "True" {
		t.Errorf("with free workers: %v", got)
	}
}

func TestTimeoutIsHeldAgainstItsRange(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, doing("tell", func(_ context.Context, c *command.Call) (command.Data, error) {
		return command.Text(c.Timeout.String()), nil
	}))
	for line, want := range map[string]string{"": "1m0s", "&timeout=": "1m0s", "&timeout=250": "250ms", "&timeout=86400000": "24h0m0s"} {
		if got := b.ask("command=tell" + line).Get("data"); got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
	for _, bad := range []string{"0", "-1", "1.5", "soon", "86400001"} {
		answer := b.ask("command=tell&timeout=" + bad)
		wantError(t, answer, script.ErrInvalidParameter)
		if !strings.Contains(answer.Get("error"), "timeout") || !strings.Contains(answer.Get("error"), "from 1 to 86400000") {
			t.Errorf("%s: %q does not say what is allowed", bad, answer.Get("error"))
		}
	}
}

func TestSiftPicksFromTheData(t *testing.T) {
	t.Parallel()
	ran := 0
	b := newBench(t, nil, doing("list", func(context.Context, *command.Call) (command.Data, error) {
		ran++
		return command.List("a", "1", "b c", "2"), nil
	}))
	for program, want := range map[string]string{"": `a,1,"b c",2`, "take,1": "a", "SKIP,2,each,1": `"b c",2`, "take,0": ""} {
		answer := b.ask("command=list&sift=" + program)
		if got, has := answer.Lookup("data"); got != want || has != (want != "") {
			t.Errorf("%q: %v, want %q", program, answer, want)
		}
	}
	ran = 0
	answer := b.ask("command=list&sift=frobnicate,1")
	wantError(t, answer, script.ErrUnknownSift)
	if ran != 0 || !strings.Contains(answer.Get("error"), "take, skip") {
		t.Errorf("ran %d times, %q", ran, answer.Get("error"))
	}
}

// callbacks keeps what was posted; URLs that hold "wrong" are refused.
type callbacks struct {
	url, group string
	posted     script.Pairs
}

func (c *callbacks) Check(url string) error {
	if strings.Contains(url, "wrong") {
		return errors.New("allowed are others")
	}
	return nil
}

func (c *callbacks) Post(url, group string, answer script.Pairs) {
	c.url, c.group, c.posted = url, group, answer
}

func TestCallbackGetsTheAnswer(t *testing.T) {
	t.Parallel()
	var c callbacks
	b := newBench(t, func(o *command.Options) { o.Callbacks = &c }, echo())
	answer := b.ask("command=echo&message=x&callback=http://localhost/")
	if c.url != "http://localhost/" || c.group != myGroup.Name || !slices.Equal(c.posted, answer) {
		t.Errorf("%q of %q got %v, want %v", c.url, c.group, c.posted, answer)
	}
	answer = b.ask("command=frobnicate&callback=http://localhost/2")
	if c.url != "http://localhost/2" || !slices.Equal(c.posted, answer) || answer.Get("success") != "False" {
		t.Errorf("of a command that failed %q got %v, want %v", c.url, c.posted, answer)
	}
	b = newBench(t, nil, echo())
	b.ask("command=echo&message=x&callback=http://localhost/")
	if !strings.Contains(b.log.String(), "callbacks are not available") {
		t.Errorf("a lost callback is not in the log:\n%s", b.log)
	}
}

func TestAWrongCallbackFailsTheCommandBeforeItRuns(t *testing.T) {
	t.Parallel()
	ran := 0
	b := newBench(t, func(o *command.Options) { o.Callbacks = &callbacks{} },
		doing("count", func(context.Context, *command.Call) (command.Data, error) { ran++; return command.Data{}, nil }))
	answer := b.ask("command=count&callback=wrong")
	wantError(t, answer, script.ErrInvalidURLProvided)
	if ran != 0 || !strings.Contains(answer.Get("error"), "callback: allowed are others") {
		t.Errorf("ran %d times, %q", ran, answer.Get("error"))
	}
}

func TestARefusedCommandPostsNothing(t *testing.T) {
	t.Parallel()
	var c callbacks
	b := newBench(t, func(o *command.Options) { o.Callbacks = &c }, echo())
	wantError(t, b.ask("command=echo&message=x&callback=http://localhost/&group="+myGroup.Name+"&password=wrong"), script.ErrAccessDenied)
	if c.url != "" {
		t.Errorf("posted %v to %s", c.posted, c.url)
	}
}

func TestCallsSeeTheGroupAsConfiguredNow(t *testing.T) {
	t.Parallel()
	configured := groups(t, myGroup)
	b := newBench(t, func(o *command.Options) { o.Access = configured }, echo())
	if got := b.ask("command=echo&message=x"); got.Get("success") != "True" {
		t.Fatalf("%v", got)
	}
	changed := myGroup
	changed.Permissions = rights.Movement
	if err := configured.Update(access.Settings{Groups: []access.Group{changed}}); err != nil {
		t.Fatal(err)
	}
	wantError(t, b.ask("command=echo&message=x"), script.ErrNoCorradePermissions)
	if ks := keys(b.ask("command=echo")); !slices.Equal(ks, []string{"group", "command", "error", "status", "success", "time"}) {
		t.Errorf("keys %v", ks)
	}
}

// Whoever forges the address of datagrams must not be able to shut others out.
func TestWrongPasswordsOfDatagramsKeepNobodyFromOtherDoors(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil, echo())
	authorize := func(door, password string) *script.Error {
		return b.Authorize(t.Context(), bus.Authorization{Group: "My Group", Password: password, All: true, Remote: "192.0.2.1:9", Door: door}).Error
	}
	execute := func(door, remote string) string {
		r := bus.Request{Door: door, Identifier: remote, Pairs: script.Pairs{
			{Key: "command", Value: "echo"}, {Key: "group", Value: "My Group"}, {Key: "password", Value: password}, {Key: "message", Value: "x"},
		}}
		return b.Execute(t.Context(), r).Pairs.Get("status")
	}
	for range 20 {
		authorize("udp", "wrong")
	}
	tooMany := strconv.Itoa(script.ErrTooManyAttempts.Status)
	if e := authorize("udp", password); e == nil || e.Status != script.ErrTooManyAttempts.Status {
		t.Errorf("at the UDP door: %v, want that there were too many attempts", e)
	}
	// Nor does another port help.
	if got := execute("udp", "192.0.2.1:10"); got != tooMany {
		t.Errorf("at the UDP door: status %s, want %s", got, tooMany)
	}
	if e := authorize("tcp", password); e != nil {
		t.Errorf("at another door: %v", e)
	}
	if got := execute("http", "192.0.2.1:10"); got != "" {
		t.Errorf("at another door: status %s", got)
	}
}
