package daemon

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/internal/config"
)

// lookEvery is how often the configuration file is looked at.
const lookEvery = time.Second

// live are the settings that take effect while the daemon runs: these keys and
// everything below them.
var live = []string{
	"groups", "masters", "master_password", "master_password_file", "filters", "log.level", "log.audit", "timeouts",
	"outgoing.allow_private", "feeds", "chatlog",
}

// settings returns the configuration that holds now. It is not changed
// afterwards.
func (d *Daemon) settings() *config.Config { return d.current.Load() }

// Reload reads the configuration file again and applies what can be applied
// while the daemon runs. The log says what changed and what needs a restart. A
// file with mistakes changes nothing; the error has them, one a line.
func (d *Daemon) Reload() error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	path := d.settings().Path()
	next, err := config.Load(path)
	if err != nil {
		lines := []string{err.Error()}
		if problems, ok := config.AsProblems(err); ok {
			lines = strings.Split(problems.Error(), "\n")
		}
		for _, line := range lines {
			d.log.Error("the configuration has a mistake: nothing is changed", "mistake", line)
		}
		return err
	}
	if err := d.apply(next); err != nil {
		d.log.Error("the configuration cannot be changed", "error", err)
		return err
	}
	return nil
}

// apply puts a configuration in place of the one there is.
func (d *Daemon) apply(next *config.Config) error {
	changes := config.Changes(d.settings(), next)
	if len(changes) == 0 {
		return nil
	}
	var applied, waiting []string
	for _, key := range changes {
		if slices.ContainsFunc(live, func(l string) bool { return within(key, l) }) && (key != "log.level" || d.options.Level != nil) {
			applied = append(applied, key)
		} else {
			waiting = append(waiting, key)
		}
	}
	changed := func(section string) bool {
		return slices.ContainsFunc(applied, func(key string) bool { return within(key, section) })
	}
	// What may fail comes first, so that a failure changes nothing.
	input, output, err := next.Filters.Chains()
	if err != nil {
		return fmt.Errorf("filters: %w", err)
	}
	if changed("log.audit") {
		if err := d.audit.Move(next.Log.Audit); err != nil {
			return fmt.Errorf("log.audit: %w", err)
		}
	}
	if err := d.groups.Update(next.Access()); err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	d.current.Store(next)
	if changed("groups") {
		d.revise()
		for _, r := range d.agents {
			r.brokers.Revise()
		}
	}
	if changed("filters") {
		d.input.Set(input)
		d.output.Set(output)
	}
	if changed("outgoing.allow_private") {
		d.out.reach.Set(next.Outgoing.Allowed())
		for _, r := range d.agents {
			r.brokers.Reconnect()
		}
	}
	if changed("feeds") {
		for _, r := range d.agents {
			r.feeds.SetLimits(next.Feeds.Limits())
		}
	}
	if changed("log.level") {
		d.options.Level.Set(next.Log.Level.Level())
	}
	if changed("chatlog") {
		for _, r := range d.agents {
			r.chatLog.Set(d.chatLogSettings(r.cfg))
		}
	}
	if changed("timeouts") {
		for _, r := range d.agents {
			r.agent.SetTimeouts(next.Timeouts.Services.D(), next.Timeouts.Data.D())
			r.dispatcher.SetSettings(d.commandSettings(r.view))
		}
	}
	if len(applied) > 0 {
		d.log.Info("configuration changed", "settings", strings.Join(applied, ", "))
	}
	if len(waiting) > 0 {
		d.log.Warn("configuration changed: these settings need a restart", "settings", strings.Join(waiting, ", "))
	}
	return nil
}

// within tells whether a key is another one or stands below it.
func within(key, above string) bool {
	rest, ok := strings.CutPrefix(key, above)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// revise tells the doors what the groups may hear now.
func (d *Daemon) revise() {
	rights := make(bus.Rights)
	for _, group := range d.groups.Groups() {
		rights[group.ID.String()] = group.Notifications
	}
	for _, r := range d.agents {
		if err := d.bus.Revise(r.name, rights); err != nil {
			r.log.Error("the doors do not know of the changed rights", "error", err)
		}
	}
}

// commandSettings are what commands need to know; view is how far the agent
// looks around.
func (d *Daemon) commandSettings(view float32) command.Settings {
	timeouts := d.settings().Timeouts
	return command.Settings{
		Version:     dotted(d.options.Version),
		Range:       view,
		Timeout:     timeouts.Command.D(),
		DataTimeout: timeouts.Data.D(),
	}
}

// adopt applies a configuration that was made here.
func (d *Daemon) adopt(next *config.Config) error {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	return d.apply(next)
}

// program is what commands about the program work with.
func (d *Daemon) program(agent string) command.Program {
	return command.Program{
		Configuration: d.store, Input: d.input, Output: d.output, Vitals: d.vitals,
		Names: filepath.Join(d.cfg.StateDir, "cache", url.PathEscape(agent)+".json"),
	}
}

// watch reloads the configuration when its file has changed and was left alone
// for a moment, and whenever it is asked to.
func (d *Daemon) watch(ctx context.Context) {
	path := d.settings().Path()
	if path == "" {
		return
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	known := stamp(path)
	last := known
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.options.Reload:
			d.log.Info("asked to read the configuration again", "file", path)
			if err := d.audit.Reopen(); err != nil {
				d.log.Error("the audit trail goes on in the old file", "error", err)
			}
			known = stamp(path)
			last = known
			_ = d.Reload() // logged
		case <-look.C:
			now := stamp(path)
			if now != known && now == last {
				known = now
				_ = d.Reload() // logged
			}
			last = now
		}
	}
}

// stamp tells one state of a file from another; a missing file has one too.
func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return "missing"
	}
	return fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size())
}
