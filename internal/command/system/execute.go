package system

import (
	"context"
	"errors"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/process"
	"rookery/internal/rights"
	"rookery/script"
)

// Execute runs a program.
func Execute() command.Command {
	file := param.Text("file", "the program, a path or a name to look for in PATH").Required().Fails(script.ErrNoExecutableFileProvided)
	parameter := param.Text("parameter", "its arguments, with blanks between; what has blanks in it stands in quotation marks")
	shell := param.Bool("shell", "True is refused: a program is started as it is").Or(false)
	window := param.Bool("window", "means nothing: there are no windows").Or(false)
	return command.Command{
		Name:       "execute",
		Permission: rights.Execute,
		Summary:    "Runs a program on the machine the agent runs on, and returns what it writes.",
		Notes: []string{
			"No shell reads the arguments: wildcards, variables, pipes and the like mean nothing. " +
				"The program has no input and few variables of the environment.",
			"When it has not ended in time, or writes too much, it is killed. What it started and left behind is killed with it or when it ends; " +
				"only what makes a session of its own, as daemons do, lives on. Its exit code is only logged.",
			"Whoever has this right can do on the machine what Rookery itself can.",
		},
		Params: []command.Parameter{file, parameter, shell, window},
		Result: "what the program wrote to its output or, if that is nothing, to its errors; what there is of it when it was killed",
		Errors: []*script.Error{script.ErrCouldNotStartProcess, script.ErrTimeoutWaitingForExecution, script.ErrBusy, script.ErrNotSupported},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			program, err := file.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			line, err := parameter.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			args, err := process.Split(line)
			if err != nil {
				return command.Data{}, command.Explain(script.ErrInvalidParameter, "parameter: %v", err)
			}
			if wanted, err := shell.Of(c); err != nil {
				return command.Data{}, err
			} else if wanted {
				return command.Data{}, command.Explain(script.ErrCouldNotStartProcess, "shell: there is none; allowed is False")
			}
			if _, err := window.Of(c); err != nil {
				return command.Data{}, err
			}
			if c.Rooms.Programs == nil {
				return command.Data{}, command.Explain(script.ErrNotSupported, "programs cannot be run here")
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			result, err := process.Run(ctx, *c.Rooms.Programs, program, args...)
			c.Log.Info("ran a program", "program", program, "code", result.Code)
			data := command.Text(result.Output)
			if result.Output == "" {
				data = command.Text(result.Errors)
			}
			switch {
			case errors.Is(err, process.ErrStart):
				return command.Data{}, command.Explain(script.ErrCouldNotStartProcess, "%v", err)
			case errors.Is(err, process.ErrTimedOut):
				return data, command.Explain(script.ErrTimeoutWaitingForExecution, "it was killed after %v", c.Timeout)
			case errors.Is(err, process.ErrTooMuch):
				return data, command.Explain(script.ErrBusy, "%v", err)
			}
			return data, err
		},
	}
}
