package command

import (
	"rookery/internal/config"
	"rookery/internal/vitals"
	"rookery/script"
)

// Program is what the commands about the program itself work with. What is nil
// is not there, and the commands that need it say so.
type Program struct {
	// Configuration reads and changes the configuration file.
	Configuration *config.Store
	// Input and Output are the filters in force.
	Input, Output *script.Live
	// Vitals measures the program.
	Vitals *vitals.Meter
	// Names is the file in which the names of avatars are kept; empty: none.
	Names string
	// Stats counts commands; the dispatcher fills it in.
	Stats func() Stats
}
