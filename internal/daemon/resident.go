package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"rookery/agent"
	"rookery/grid/login"
	"rookery/internal/audit"
	"rookery/internal/bridge"
	"rookery/internal/bus"
	"rookery/internal/chatlog"
	"rookery/internal/command"
	"rookery/internal/command/catalog"
	"rookery/internal/config"
	"rookery/internal/feed"
	"rookery/internal/masters"
	"rookery/internal/namecache"
	"rookery/internal/notify"
	"rookery/internal/query"
	"rookery/internal/state"
	"rookery/script"
)

// resident is one agent with what serves it: its commands and notifications.
type resident struct {
	name  string
	cfg   config.Agent
	view  float32 // how far the agent looks around, in metres
	agent *agent.Agent

	dispatcher *command.Dispatcher
	chatLog    *chatlog.Log
	feeds      *feed.Book
	brokers    *bridge.Book
	log        *slog.Logger

	// online is closed when the agent stands in a region for the first time.
	online chan struct{}
	stops  []func()
}

// settle makes an agent known on the bus. It does not log in yet.
func (d *Daemon) settle(cfg config.Agent) (*resident, error) {
	starts, err := parseStarts(cfg.Start)
	if err != nil {
		return nil, err
	}
	uri := cfg.LoginURI()
	if cfg.Embedded() {
		uri = d.grid.LoginURI()
	}
	log := d.log.With("agent", cfg.Name)
	view := cfg.Range
	if view == 0 {
		view = d.cfg.Range
	}
	hashes := state.In[string](d.out.store, "mfa_hash")
	owner := state.Owner{Agent: cfg.Name}
	mfaHash, _, err := hashes.Get(context.Background(), owner, cfg.First+" "+cfg.Last)
	if err != nil {
		return nil, err
	}
	network := networkOf(cfg.Bind)
	a, err := agent.New(agent.Config{
		LoginURI: uri,
		Login: login.Params{
			First:      cfg.First,
			Last:       cfg.Last,
			Password:   string(cfg.Password),
			Starts:     starts,
			MAC:        cfg.MAC,
			ID0:        cfg.ID0,
			AgreeToTOS: cfg.AgreeToTOS,
			Token:      string(cfg.MFAToken),
			MFAHash:    mfaHash,
			Version:    dotted(d.options.Version),
		},
		KeepMFAHash: func(hash string) {
			if err := hashes.Put(context.Background(), owner, cfg.First+" "+cfg.Last, hash); err != nil {
				log.Warn("the second factor will be asked for again at the next start", "error", err)
			}
		},
		Range:          view,
		ServiceTimeout: d.cfg.Timeouts.Services.D(),
		DataTimeout:    d.cfg.Timeouts.Data.D(),
		Language:       cfg.Language,
		LanguagePublic: cfg.LanguagePublic,
		NoNeighbours:   !cfg.Neighbours,
		Throttle:       throttle(d.cfg.Throttle),
		ListenPacket:   network.listenPacket,
		HTTP:           network.http,
		UserAgent:      "Rookery/" + d.options.Version,
		Log:            log,
	})
	if err != nil {
		return nil, err
	}
	r := &resident{name: cfg.Name, cfg: cfg, view: view, agent: a, log: log, online: make(chan struct{})}
	r.stops = append(r.stops, network.close)
	d.metrics.Online(cfg.Name, func() bool { return a.State() == agent.Online })
	r.stops = append(r.stops, a.Subscribe(r.watch()))

	webhooks, err := d.webhooks(cfg.Name, d.groups, log)
	if err != nil {
		r.stop()
		return nil, err
	}
	rooms, err := d.commandRooms(r)
	if err != nil {
		r.stop()
		return nil, err
	}
	program := d.program(cfg.Name)
	if err := namecache.Load(program.Names, a); err != nil {
		log.Warn("the names of avatars are asked for anew", "error", err)
	}
	r.stops = append(r.stops, func() {
		if err := namecache.Save(program.Names, a); err != nil {
			log.Warn("the names of avatars are not kept", "error", err)
		}
	})
	dispatcher := command.NewDispatcher(command.Options{
		Agent:     a,
		Access:    d.groups,
		Registry:  catalog.New(),
		Callbacks: callbacks{d.out.callbacks, d.out.output, log},
		Webhooks:  webhooks,
		Rooms:     rooms,
		Settings:  d.commandSettings(view),
		Program:   program,
		Log:       log,
		Audit: func(e audit.Entry) {
			e.Agent = cfg.Name
			d.audit.Record(e)
		},
	})
	r.dispatcher, r.chatLog, r.brokers = dispatcher, rooms.ChatLog, rooms.Bridge
	// The notifications stop last: what commands cause should still be told.
	r.stops = append(r.stops, notify.Start(notify.Options{
		Agent:   a,
		Sources: []notify.Source{r.news, r.mail},
		Publish: func(n bus.Notification) {
			if n.View == "" {
				d.metrics.Notification(cfg.Name, n.Type)
			}
			if err := d.bus.Publish(cfg.Name, n); err != nil {
				log.Warn("a notification was lost", "type", n.Type, "error", err)
			}
		},
		Told: func(n bus.Notification, pairs script.Pairs, raw query.Object) {
			webhooks.Tell(n, pairs, raw)
			rooms.Bridge.Tell(n, pairs)
		},
		Sort:   rooms.Classifiers.Sort,
		Views:  func() []bus.View { return d.bus.Views(cfg.Name) },
		Input:  script.Filters{d.input},
		Vitals: d.vitals,
		Heard: func(r bus.Request) {
			if err := d.bus.Hear(cfg.Name, r); err != nil {
				log.Warn("a command from the world was lost", "sender", r.Sender, "error", err)
			}
		},
		Timeout: d.cfg.Timeouts.Services.D(),
		Commands: func() (executing, executed int64) {
			s := dispatcher.Stats()
			return s.Executing, s.Executed
		},
		Version: dotted(d.options.Version),
		Log:     log,
	}))
	r.stops = append(r.stops, masters.Start(masters.Options{
		Agent: a,
		Names: func() []string { return d.settings().Masters },
		Log:   log,
	}))
	stop, err := d.bus.Serve(context.Background(), cfg.Name, dispatcher)
	if err != nil {
		r.stop()
		return nil, err
	}
	r.stops = append(r.stops, stop, rooms.Schedules.Start(dispatcher.ExecuteFor))
	return r, nil
}

// live keeps the agent in the grid until ctx ends. It returns an error when
// the grid refuses the agent for good.
func (r *resident) live(ctx context.Context) error {
	if !r.cfg.AutoLogin {
		if err := r.agent.Logout(ctx); err != nil && ctx.Err() == nil {
			return fmt.Errorf("stay offline: %w", err)
		}
	}
	err := r.agent.Run(ctx)
	switch {
	case errors.Is(err, login.ErrMFA):
		err = fmt.Errorf("%w (put the code of the second factor into mfa_token, or ROOKERY_AGENTS_0_MFA_TOKEN)", err)
	case errors.Is(err, login.ErrTOS):
		err = fmt.Errorf("%w (read them, and set agree_to_tos)", err)
	}
	return err
}

// health tells whether the agent is in a grid.
func (r *resident) health(context.Context) error {
	if state := r.agent.State(); state != agent.Online {
		return fmt.Errorf("the agent is %s", state)
	}
	return nil
}

// news hands on what is new in the groups' feeds.
func (r *resident) news(hear func(any)) (stop func()) {
	return r.feeds.Start(func(n feed.News) { hear(n) })
}

// mail hands on what arrives from other people's brokers.
func (r *resident) mail(hear func(any)) (stop func()) {
	return r.brokers.Start(r.dispatcher.Execute, func(m bridge.Message) { hear(m) })
}

func (r *resident) stop() {
	for i := len(r.stops) - 1; i >= 0; i-- {
		r.stops[i]()
	}
}

// watch logs the agent's life and closes online at its first arrival.
func (r *resident) watch() func(agent.Event) {
	var arrive sync.Once
	return func(e agent.Event) {
		if p, ok := e.(agent.LoginProgress); ok && p.Status == agent.LoginSuccess {
			arrive.Do(func() { close(r.online) })
		}
	}
}

func parseStarts(words []string) ([]login.Start, error) {
	starts := make([]login.Start, 0, len(words))
	for _, word := range words {
		s, err := login.ParseStart(word)
		if err != nil {
			return nil, fmt.Errorf("start: %w", err)
		}
		starts = append(starts, s)
	}
	return starts, nil
}

// dotted makes the four numbers that the grid and scripts want of a version.
func dotted(version string) string {
	if end := strings.IndexAny(version, "-+"); end >= 0 {
		version = version[:end]
	}
	numbers := strings.Split(strings.TrimPrefix(version, "v"), ".")
	for len(numbers) < 4 {
		numbers = append(numbers, "0")
	}
	return strings.Join(numbers[:4], ".")
}
