package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rookery/internal/database"
)

// Database bounds what groups may do with the command database.
type Database struct {
	// Statements are the kinds that are allowed; see [database.Statements].
	Statements []string `toml:"statements"`
	// MaxSize is how large the file of a group may become.
	MaxSize Size `toml:"max_size"`
	// MaxRows and MaxAnswer are how much one command may answer.
	MaxRows   int  `toml:"max_rows"`
	MaxAnswer Size `toml:"max_answer"`
	// Timeout is how long one command may take.
	Timeout Duration `toml:"timeout"`
}

// Limits are the settings as the database wants them.
func (d Database) Limits() database.Limits {
	return database.Limits{
		Statements: append([]string{}, d.Statements...),
		FileSize:   int64(d.MaxSize),
		Rows:       d.MaxRows,
		AnswerSize: int(d.MaxAnswer),
		Time:       d.Timeout.D(),
	}
}

func defaultDatabase() Database {
	return Database{
		Statements: database.Statements(),
		MaxSize:    64 << 20,
		MaxRows:    10000,
		MaxAnswer:  1 << 20,
		Timeout:    Duration(10 * time.Second),
	}
}

// Files is where the commands readfile and writefile work.
type Files struct {
	// Directory is relative to the configuration file's directory; empty: there
	// are no files.
	Directory string `toml:"directory"`
	// MaxSize bounds each file.
	MaxSize Size `toml:"max_size"`
}

// Programs says how the command execute runs programs.
type Programs struct {
	// Directory is where they run, relative to the configuration file's
	// directory; empty: where this program does.
	Directory string `toml:"directory"`
	// MaxOutput is how much one may write.
	MaxOutput Size `toml:"max_output"`
}

func (c *Config) checkRooms(d *decoder) {
	if p := &c.Programs; p.Directory != "" {
		p.Directory = c.resolve(p.Directory)
		exists(d, "programs.directory", p.Directory)
	}
	between(d, "programs.max_output", c.Programs.MaxOutput, 1, 16<<20)
	if c.Files.Directory != "" {
		c.Files.Directory = c.resolve(c.Files.Directory)
	}
	between(d, "files.max_size", c.Files.MaxSize, 1, 64<<20)
	b := &c.Database
	for i, kind := range b.Statements {
		b.Statements[i] = strings.ToLower(kind)
		if !slices.Contains(database.Statements(), b.Statements[i]) {
			d.problem(fmt.Sprintf("database.statements[%d]", i), "%q is no kind of statement: allowed are %s%s",
				kind, strings.Join(database.Statements(), ", "), didYouMean(kind, database.Statements()))
		}
	}
	between(d, "database.max_size", b.MaxSize, 64<<10, 1<<40)
	between(d, "database.max_rows", b.MaxRows, 1, 1000000)
	between(d, "database.max_answer", b.MaxAnswer, 1<<10, 64<<20)
	checkSpan(d, "database.timeout", b.Timeout)
}
