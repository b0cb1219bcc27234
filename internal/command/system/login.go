package system

import (
	"context"
	"errors"

	"rookery/agent"
	"rookery/grid/login"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// Login brings the agent back into the grid.
func Login() command.Command {
	location := param.StartLocation("location", "where to: home, last, Region/x/y/z, uri:Region&x&y&z or a SLURL").
		OrElse("the configured start locations", nil)
	return command.Command{
		Name:       "login",
		Permission: rights.System,
		Summary:    "Logs the agent in after the command logout.",
		Notes: []string{
			"The answer comes when the agent stands in a region, or with the reason why not; the notification login tells the steps.",
			"It is no error when the agent is in the grid already and no location is given.",
		},
		Params: []command.Parameter{location},
		Result: "when it failed, the reason as the grid words it",
		Errors: []*script.Error{script.ErrUnableToAuthenticate},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			where, err := location.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			if location.Given(c) {
				return loggedIn(c.Agent.LoginAt(ctx, where))
			}
			err = c.Agent.Login(ctx)
			if errors.Is(err, agent.ErrOnline) {
				return command.Data{}, nil
			}
			return loggedIn(err)
		},
	}
}

// loggedIn says why a login failed, in the grid's words where it spoke.
func loggedIn(err error) (command.Data, error) {
	var refused *login.Failure
	switch {
	case errors.As(err, &refused):
		return command.Text(refused.Message), script.ErrUnableToAuthenticate.Because(err)
	case errors.Is(err, agent.ErrOnline):
		return command.Data{}, command.Explain(script.ErrInvalidParameter, "location: %v", err)
	}
	return command.Data{}, err
}
