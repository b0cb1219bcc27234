package system

import (
	"context"
	"time"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/query"
	"rookery/internal/rights"
	"rookery/internal/vitals"
	"rookery/script"
)

// heartbeat is the health of the program at a moment.
type heartbeat struct {
	vitals.State
	stats   command.Stats
	workers int
	version string
}

func history(points []vitals.Point) query.Dictionary {
	var d query.Dictionary
	for _, p := range points {
		d = append(d, query.Entry{Key: p.At.UTC(), Value: int64(p.Value)})
	}
	return d
}

var heartbeatMembers = query.NewTable(
	query.Member[heartbeat]{Name: "ExecutingCommands", Of: func(h heartbeat) any { return h.stats.Executing }},
	query.Member[heartbeat]{Name: "ProcessedCommands", Of: func(h heartbeat) any { return h.stats.Executed }},
	query.Member[heartbeat]{Name: "ExecutingRLVBehaviours", Of: func(heartbeat) any { return 0 }},
	query.Member[heartbeat]{Name: "ProcessedRLVBehaviours", Of: func(heartbeat) any { return 0 }},
	query.Member[heartbeat]{Name: "WorkerOccupation", Of: func(h heartbeat) any { return h.occupation() }},
	query.Member[heartbeat]{Name: "AverageCPUUsage", Of: func(h heartbeat) any { return h.CPUMean }},
	query.Member[heartbeat]{Name: "AverageRAMUsage", Of: func(h heartbeat) any { return int64(h.RAM) }},
	query.Member[heartbeat]{Name: "CPUAverageUsageHistory", Of: func(h heartbeat) any { return history(h.CPUHistory) }},
	query.Member[heartbeat]{Name: "RAMAverageUsageHistory", Of: func(h heartbeat) any { return history(h.RAMHistory) }},
	query.Member[heartbeat]{Name: "HistoryLength", Of: func(heartbeat) any { return vitals.History }},
	query.Member[heartbeat]{Name: "Heartbeats", Of: func(h heartbeat) any { return h.Beats }},
	query.Member[heartbeat]{Name: "Uptime", Of: func(h heartbeat) any { return int64(time.Since(h.Start).Seconds()) }},
	query.Member[heartbeat]{Name: "StartTime", Of: func(h heartbeat) any { return h.Start.UTC() }},
	query.Member[heartbeat]{Name: "Version", Of: func(h heartbeat) any { return h.version }},
)

// occupation is the share of the workers that are busy, in per cent.
func (h heartbeat) occupation() int {
	if h.workers == 0 {
		return 0
	}
	return int(100 * h.stats.Executing / int64(h.workers))
}

// GetHeartbeatData tells how the program is.
func GetHeartbeatData() command.Command {
	data := param.Query(heartbeatMembers.Names()).Fails(script.ErrNoDataProvided).Required()
	return command.Command{
		Name:       "getheartbeatdata",
		Permission: rights.Grooming,
		Summary:    "Returns members of the health record of the program.",
		Notes: []string{
			"Measured once a second. AverageCPUUsage is the mean of the last minute in per cent of all cores, AverageRAMUsage the mean since the start in bytes, Uptime in seconds; histories hold the last minute, oldest first.",
			"WorkerOccupation is the share of all groups' workers that are busy, in per cent.",
		},
		Params: []command.Parameter{data},
		Result: "name, value pairs of the asked members; histories as time, value pairs",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if c.Program.Vitals == nil {
				return command.Data{}, script.ErrNotSupported
			}
			h := heartbeat{State: c.Program.Vitals.State(), stats: c.Program.Stats(), version: c.Settings.Version}
			if store := c.Program.Configuration; store != nil {
				for _, g := range store.Current().Groups {
					h.workers += g.Workers
				}
			}
			return command.List(heartbeatMembers.Ask(h, names)...), nil
		},
	}
}
