package command

import (
	"rookery/internal/bayes"
	"rookery/internal/bridge"
	"rookery/internal/bus"
	"rookery/internal/chatlog"
	"rookery/internal/database"
	"rookery/internal/feed"
	"rookery/internal/fetch"
	"rookery/internal/files"
	"rookery/internal/process"
	"rookery/internal/schedule"
)

// Rooms are what commands work with beside the agent. What is nil is not
// there, and the commands that need it say so.
type Rooms struct {
	// Bridge is the groups' connections to brokers.
	Bridge *bridge.Book
	// Database holds the SQL databases of the groups.
	Database *database.Databases
	// Schedules are the commands that run later.
	Schedules *schedule.Book
	// Classifiers are what the groups taught.
	Classifiers *bayes.Book
	// Files is where files are read and written.
	Files *files.Folder
	// Durables are the durable subscriptions of the groups.
	Durables *bus.Durables
	// Feeds are the news feeds of the groups.
	Feeds *feed.Book
	// Web asks web servers.
	Web *fetch.Client
	// Programs bounds the programs that are run.
	Programs *process.Limits
	// ChatLog is what was said around the agent.
	ChatLog *chatlog.Log
}
