package system

import (
	"context"
	"fmt"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/config"
	"rookery/internal/rights"
	"rookery/script"
)

// Filter tells and changes the filters in force.
func Filter() command.Command {
	names := "names of filters in order, any of: " + strings.Join(script.FilterNames(), ", ")
	var (
		action = param.OneOf("action", "what to do", script.ErrUnknownAction, "get", "set")
		which  = param.OneOf("type", "get: which filters", script.ErrUnknownEntity, "input", "output").RequiredFor("get")
		input  = param.List("input", "set: "+names)
		output = param.List("output", "set: "+names)
	)
	return command.Command{
		Name:       "filter",
		Permission: rights.Filter,
		Summary:    "Returns or replaces the filters that keys and values pass on their way in and out.",
		Notes: []string{
			"set needs input, output or both; what is left out stays. The change holds for every door, callback and notification of the program until it ends or the filters of the configuration file change.",
			"The answer to set is written with the new filters already.",
		},
		Params: []command.Parameter{action, which, input, output},
		Result: "get: names of filters in order",
		Errors: []*script.Error{script.ErrInvalidParameter, script.ErrNoDataProvided},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			do, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			p := c.Program
			if p.Input == nil || p.Output == nil {
				return command.Data{}, script.ErrNotSupported
			}
			if do == "get" {
				of, err := which.Of(c)
				if err != nil {
					return command.Data{}, err
				}
				if of == "input" {
					return command.List(p.Input.Chain().Names()...), nil
				}
				return command.List(p.Output.Chain().Names()...), nil
			}
			if !input.Given(c) && !output.Given(c) {
				return command.Data{}, command.Explain(script.ErrNoDataProvided, "set needs input, output or both")
			}
			in, err := chain(c, input)
			if err != nil {
				return command.Data{}, err
			}
			out, err := chain(c, output)
			if err != nil {
				return command.Data{}, err
			}
			if in != nil {
				p.Input.Set(in)
			}
			if out != nil {
				p.Output.Set(out)
			}
			return command.Data{}, nil
		},
	}
}

// chain makes the filters that a parameter names, with the keys of the
// configuration; nil when it is not given.
func chain(c *command.Call, p param.Param[[]string]) (script.Filters, error) {
	if !p.Given(c) {
		return nil, nil
	}
	names, err := p.Of(c)
	if err != nil {
		return nil, err
	}
	var keys config.Filters
	if store := c.Program.Configuration; store != nil {
		keys = store.Current().Filters
	}
	filters, err := keys.Chain(names)
	if err != nil {
		return nil, command.Explain(script.ErrInvalidParameter, "%s: %v", p.Infos()[0].Name, err)
	}
	if len(filters) == 0 {
		return nil, fmt.Errorf("%s: no filters in %q", p.Infos()[0].Name, names)
	}
	return filters, nil
}
