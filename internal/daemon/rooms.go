package daemon

import (
	"context"
	"crypto/x509"
	"fmt"
	"path/filepath"

	"rookery/internal/bayes"
	"rookery/internal/bridge"
	"rookery/internal/command"
	"rookery/internal/database"
	"rookery/internal/feed"
	"rookery/internal/files"
	"rookery/internal/process"
	"rookery/internal/schedule"
	"rookery/script"
)

// databasesDir is where the groups' databases are, in the state directory.
const databasesDir = "databases"

// rooms are what commands work with beside the agents, for all of them.
type rooms struct {
	databases *database.Databases
	// roots are the authorities that certificates of brokers come from.
	roots *x509.CertPool
}

// openRooms opens them.
func (d *Daemon) openRooms() error {
	var err error
	if d.rooms.roots, err = d.cfg.Bridge.Roots(); err != nil {
		return fmt.Errorf("bridge.ca: %w", err)
	}
	d.rooms.databases = database.Open(filepath.Join(d.cfg.StateDir, databasesDir), d.cfg.Database.Limits())
	return nil
}

// commandRooms are those of one agent.
func (d *Daemon) commandRooms(r *resident) (command.Rooms, error) {
	o := schedule.Options{
		Agent: r.name,
		Store: d.out.store,
		Group: d.groups.Group,
		Input: script.Filters{d.input},
		Log:   r.log,
	}
	if r.cfg.AutoLogin {
		// What came due while the program was away wants an agent in the grid.
		o.Ready = r.online
	}
	schedules, err := schedule.Open(context.Background(), o)
	if err != nil {
		return command.Rooms{}, err
	}
	classifiers, err := bayes.Open(context.Background(), bayes.Options{Agent: r.name, Store: d.out.store})
	if err != nil {
		return command.Rooms{}, err
	}
	feeds, err := feed.Open(context.Background(), feed.Options{
		Agent:  r.name,
		Store:  d.out.store,
		Group:  d.groups.Group,
		Web:    d.out.web,
		Limits: d.settings().Feeds.Limits(),
		Log:    r.log,
	})
	if err != nil {
		return command.Rooms{}, err
	}
	r.feeds = feeds
	brokers, err := d.openBridge(r)
	if err != nil {
		return command.Rooms{}, err
	}
	rooms := command.Rooms{
		Bridge:      brokers,
		Database:    d.rooms.databases,
		Feeds:       feeds,
		Web:         d.out.web,
		Schedules:   schedules,
		Classifiers: classifiers,
		Durables:    d.bus.Durables(r.name),
		Programs:    &process.Limits{Directory: d.cfg.Programs.Directory, MaxOutput: int(d.cfg.Programs.MaxOutput)},
	}
	rooms.ChatLog = d.openChatLog(r)
	r.stops = append(r.stops, rooms.ChatLog.Close)
	if c := d.cfg.Files; c.Directory != "" {
		rooms.Files = &files.Folder{Directory: c.Directory, MaxSize: int64(c.MaxSize)}
	}
	return rooms, nil
}

// openBridge opens the book of an agent's connections to brokers.
func (d *Daemon) openBridge(r *resident) (*bridge.Book, error) {
	c := d.cfg.Bridge
	o := bridge.Options{
		Agent:         r.name,
		Store:         d.out.store,
		Group:         d.groups.Group,
		Reach:         d.out.reach,
		Roots:         d.rooms.roots,
		AllowInsecure: c.AllowInsecure,
		Input:         script.Filters{d.input},
		Output:        d.out.output,
		Limits:        bridge.Limits{Subscriptions: c.Subscriptions, QueueBytes: int(c.QueueBytes), MaxPayload: int(c.MaxPayload)},
		Log:           r.log,
	}
	if r.cfg.AutoLogin {
		o.Ready = r.online
	}
	return bridge.Open(context.Background(), o)
}

// closeRooms closes them when nothing runs any more.
func (d *Daemon) closeRooms() {
	if d.rooms.databases == nil {
		return
	}
	if err := d.rooms.databases.Close(); err != nil {
		d.log.Warn("close the databases", "error", err)
	}
}
