package command

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"rookery/agent"
	"rookery/internal/audit"
	"rookery/internal/bus"
	"rookery/internal/notify/webhook"
	"rookery/internal/rights"
	"rookery/script"
	"rookery/script/sift"
)

// Options say what a [Dispatcher] works with. Agent, Access and Registry are
// needed.
type Options struct {
	Agent    *agent.Agent
	Access   Access
	Registry *Registry
	Settings Settings
	// Sifts bound what the key sift may cost; the zero value has defaults.
	Sifts sift.Limits
	// Program is for the commands about the program itself.
	Program Program
	// Callbacks takes the answer of a command that names a URL in the key
	// callback. Nil: the command runs, its answer only goes back the way the
	// question came, and the log says so.
	Callbacks Callbacks
	// Webhooks are the URLs that groups registered for notifications. Nil:
	// none can be.
	Webhooks *webhook.Book
	// Rooms are what commands work with beside the agent.
	Rooms Rooms
	// Log receives a line for each command and each refused attempt, and what
	// went wrong. Nil: discarded.
	Log *slog.Logger
	// Audit receives the same as entries of the audit trail; the agent's name is
	// left to it. It must not block. May be nil.
	Audit func(audit.Entry)
	// Now tells the time; nil means time.Now.
	Now func() time.Time
}

// Dispatcher runs commands for the groups of one agent. It implements
// [bus.Handler]; its methods may be called from any goroutine.
type Dispatcher struct {
	o        Options
	settings atomic.Pointer[Settings]
	workers  workers

	executing atomic.Int64
	executed  atomic.Int64
}

var _ bus.Handler = (*Dispatcher)(nil)

// NewDispatcher returns a dispatcher.
func NewDispatcher(o Options) *Dispatcher {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Dispatcher{o: o}
	d.SetSettings(o.Settings)
	d.o.Program.Stats = d.Stats
	return d
}

// SetSettings changes the settings for commands that begin from now on.
func (d *Dispatcher) SetSettings(s Settings) {
	s = s.withDefaults()
	d.settings.Store(&s)
}

// Stats count commands since the start of the process.
type Stats struct {
	Executing int64 // running now
	Executed  int64 // done, whether they succeeded or not
}

// Stats returns the counts at this moment.
func (d *Dispatcher) Stats() Stats {
	return Stats{Executing: d.executing.Load(), Executed: d.executed.Load()}
}

// Execute runs the command that a message asks for and returns its answer. The
// message counts in the order it was written: of a repeated key the first one.
func (d *Dispatcher) Execute(ctx context.Context, r bus.Request) bus.Reply {
	message := r.Pairs.Unique()
	password := message.Get("password")
	if message.Has("password") {
		message.Replace("password", "***")
	}
	a := answer{group: message.Get("group"), command: message.Get("command"), message: message}
	begun := d.begin(r)

	caller, err := d.o.Access.Authenticate(ctx, a.group, password, asker(r.Door, r.Identifier))
	if err != nil {
		a.err = refusal(err)
		d.audit(begun, a, err)
		return d.reply(a)
	}
	a.group = caller.Name
	return d.execute(ctx, caller, r, a, begun)
}

// ExecuteFor is [Dispatcher.Execute] for a group, by name or UUID, that has
// proved who it is before: when it scheduled the command, for example. It may do
// what it may do now.
func (d *Dispatcher) ExecuteFor(ctx context.Context, group string, r bus.Request) bus.Reply {
	message := r.Pairs.Unique()
	a := answer{command: message.Get("command"), message: message}
	begun := d.begin(r)
	caller, ok := d.o.Access.Group(group)
	if !ok {
		a.err = script.ErrAccessDenied
		refused := a
		refused.group = group
		d.audit(begun, refused, errors.New("the group is not configured any more"))
		return d.reply(a)
	}
	a.group = caller.Name
	return d.execute(ctx, caller, r, a, begun)
}

// execute runs a command for a group and answers.
func (d *Dispatcher) execute(ctx context.Context, caller rights.Caller, r bus.Request, a answer, begun beginning) bus.Reply {
	defer func() { d.audit(begun, a, nil) }()
	if !d.workers.acquire(caller.ID, caller.Workers) {
		a.err = Explain(script.ErrTooManyWorkers, "all %d are busy", caller.Workers)
		d.o.Log.Warn("workers exceeded", "group", caller.Name, "command", a.command, "workers", caller.Workers)
		return d.reply(a)
	}
	defer d.workers.release(caller.ID)
	d.executing.Add(1)
	defer func() { d.executing.Add(-1); d.executed.Add(1) }()

	log := d.o.Log.With("group", caller.Name, "command", a.command)
	a.data, a.err = d.run(ctx, caller, r, a.message, log)
	if a.err != nil {
		d.logFailure(log, a.err)
	}
	reply := d.reply(a)
	if url := a.message.Get("callback"); url != "" {
		if d.o.Callbacks != nil {
			d.o.Callbacks.Post(url, caller.Name, reply.Pairs)
		} else {
			log.Warn("callbacks are not available: the answer is not posted to the URL")
		}
	}
	return reply
}

// run finds the command, checks the right to it and what holds for every
// command, runs it and sifts its data. A panic ends the command, not the agent.
func (d *Dispatcher) run(ctx context.Context, caller rights.Caller, r bus.Request, message script.Pairs, log *slog.Logger) (data Data, err error) {
	defer func() {
		if v := recover(); v != nil {
			log.Error("the command panicked", "panic", v, "stack", string(debug.Stack()))
			data, err = Data{}, script.ErrGeneral
		}
	}()
	settings := *d.settings.Load()
	name := message.Get("command")
	command, ok := d.o.Registry.Lookup(name)
	if !ok {
		return Data{}, d.o.Registry.NotFound(name)
	}
	if missing := command.Permission &^ caller.Permissions; missing != 0 {
		return Data{}, Explain(script.ErrNoCorradePermissions, "%s needs %s, which the group does not have", command.Name, missing)
	}
	if err := d.checkCallback(message.Get("callback")); err != nil {
		return Data{}, err
	}
	timeout, err := timeoutOf(message, settings.Timeout)
	if err != nil {
		return Data{}, err
	}
	picks, err := d.parseSift(message.Get("sift"))
	if err != nil {
		return Data{}, err
	}
	data, err = command.Run(ctx, &Call{
		Agent:    d.o.Agent,
		Caller:   caller,
		Registry: d.o.Registry,
		Settings: settings,
		Webhooks: d.o.Webhooks,
		Rooms:    d.o.Rooms,
		Timeout:  timeout,
		Program:  d.o.Program,
		Log:      log,
		access:   d.o.Access,
		pairs:    message,

		Sender:     r.Sender,
		Identifier: r.Identifier,
	})
	if err != nil || picks == nil || data.Empty() {
		return data, err
	}
	text, err := picks.Apply(ctx, data.String())
	return Text(text), err
}

// parseSift reads the global parameter sift before the command does anything;
// nil when there is none.
func (d *Dispatcher) parseSift(text string) (*sift.Sift, error) {
	if text == "" {
		return nil, nil
	}
	return sift.Parse(text, d.o.Sifts)
}

// maxTimeout bounds the global parameter timeout: a day.
const maxTimeout = 24 * time.Hour

// timeoutOf reads the global parameter timeout, in milliseconds.
func timeoutOf(message script.Pairs, otherwise time.Duration) (time.Duration, error) {
	text := message.Get("timeout")
	if text == "" {
		return otherwise, nil
	}
	ms, err := script.ParseInt(text, 1, maxTimeout.Milliseconds())
	if err != nil {
		return 0, Explain(script.ErrInvalidParameter, "timeout %v milliseconds", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// logFailure logs what a script was answered in brief, and in full what it was
// not told.
func (d *Dispatcher) logFailure(log *slog.Logger, err error) {
	if _, expected := seen(err); !expected {
		log.Error("the command went wrong", "error", err)
		return
	}
	log.Debug("the command failed", "error", err)
}
