package storage

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// insideNote says where files are.
const insideNote = "Files are in the directory that the settings name, all groups' together; no path leads out of it. Without that setting there are none."

// ReadFile reads a text file.
func ReadFile() command.Command {
	path := filePath()
	return command.Command{
		Name:       "readfile",
		Permission: rights.System,
		Summary:    "Returns the text of a file on the machine the agent runs on.",
		Notes:      []string{insideNote},
		Params:     []command.Parameter{path},
		Result:     "the text as it stands; nothing for an empty file. When it cannot be read: why",
		Errors:     []*script.Error{script.ErrUnableToReadFile},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			name, err := path.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if c.Rooms.Files == nil {
				return noFiles(script.ErrUnableToReadFile)
			}
			text, err := c.Rooms.Files.Read(name)
			if err != nil {
				return because(script.ErrUnableToReadFile, err)
			}
			return command.Text(text), nil
		},
	}
}

// WriteFile writes a text file.
func WriteFile() command.Command {
	path := filePath()
	data := param.Text("data", "the text").Required().Fails(script.ErrNoDataProvided)
	action := param.OneOf("action", "create: in place of what the file holds; append: behind it", script.ErrUnknownAction, "append", "create")
	return command.Command{
		Name:       "writefile",
		Permission: rights.System,
		Summary:    "Writes text to a file on the machine the agent runs on.",
		Notes: []string{
			insideNote, "The text is written in UTF-8 without a byte order mark. A file that is not there is made; a folder is not.",
			"With create readers see the old text or the new one, and the old one stays when the new one cannot be written.",
		},
		Params: []command.Parameter{path, data, action},
		Result: "nothing. When it cannot be written: why",
		Errors: []*script.Error{script.ErrUnableToWriteFile},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			name, err := path.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			text, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			how, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if c.Rooms.Files == nil {
				return noFiles(script.ErrUnableToWriteFile)
			}
			write := c.Rooms.Files.Write
			if how == "append" {
				write = c.Rooms.Files.Append
			}
			if err := write(name, text); err != nil {
				return because(script.ErrUnableToWriteFile, err)
			}
			return command.Data{}, nil
		},
	}
}

func filePath() param.Param[string] {
	return param.Text("path", "the file, relative to the directory of the settings").Required().Fails(script.ErrNoPathProvided)
}

func noFiles(e *script.Error) (command.Data, error) {
	const why = "the setting files.directory names no directory"
	return command.Text(why), command.Explain(e, why)
}

// because answers why something failed in the data, too, where scripts of old
// look for it.
func because(e *script.Error, err error) (command.Data, error) {
	return command.Text(err.Error()), command.Explain(e, "%v", err)
}
