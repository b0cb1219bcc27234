package chat

import (
	"context"
	"strings"

	"github.com/abadojack/whatlanggo"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// Language guesses the language of a text.
func Language() command.Command {
	var (
		action  = param.OneOf("action", "what to do", script.ErrUnknownAction, "detect")
		message = param.Text("message", "the text").Fails(script.ErrNoMessageProvided).Required()
	)
	return command.Command{
		Name:       "language",
		Permission: rights.Talk,
		Summary:    "Guesses the language of a text.",
		Notes:      []string{"Nothing is asked of the grid. The likeliest language is told, and none when the text has no words."},
		Params:     []command.Parameter{action, message},
		Result:     "three-letter code of ISO 639-3 and probability from 0 to 1",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			if _, err := action.Of(c); err != nil {
				return command.Data{}, err
			}
			text, err := message.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if strings.TrimSpace(text) == "" {
				return command.Data{}, script.ErrNoMessageProvided
			}
			info := whatlanggo.Detect(text)
			code := info.Lang.Iso6393()
			if code == "" || info.Confidence == 0 {
				return command.Data{}, nil
			}
			return command.List(code, script.FormatFloat(info.Confidence)), nil
		},
	}
}
