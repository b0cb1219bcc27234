package automation

import (
	"context"
	"errors"

	"rookery/internal/bayes"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// bayesCommand holds the parameters of Bayes.
type bayesCommand struct {
	action   param.Param[string]
	category param.Param[string]
	data     param.Param[string]
	source   param.Param[string]
	target   param.Param[string]
}

// Bayes sorts texts into categories.
func Bayes() command.Command {
	b := bayesCommand{
		action: param.OneOf("action", "what to do", script.ErrUnknownAction,
			"train", "classify", "list", "merge", "untrain", "export", "import", "remove", "add", "rename"),
		category: param.Text("category", "train, untrain, add, remove: the category").Fails(script.ErrNoCategoryProvided),
		data:     param.Text("data", "train, untrain, classify: the text, at most 64 KiB; import: what export answered").Fails(script.ErrNoDataProvided),
		source:   param.Text("source", "merge, rename: the category that goes").Fails(script.ErrNoSourceSpecified),
		target:   param.Text("target", "merge: the category that its texts become part of; rename: its new name").Fails(script.ErrNoTargetSpecified),
	}
	return command.Command{
		Name:       "bayes",
		Permission: rights.Database,
		Summary:    "Sorts texts into categories that the group taught it (naive Bayes).",
		Notes: []string{
			"`train` adds a text to a category, `untrain` takes it out again, `classify` tells how likely each category is. " +
				"Words count, in any case and in any order; how they stand together does not. Words that were never trained say nothing.",
			"`train`, `add` and `import` make what is missing. The other actions succeed and do nothing when the group has no categories, " +
				"or not the one they are about. `merge` moves the texts of a category to another one; the new name of `rename` must be free.",
			"`export` answers JSON, the same for the same content, an object of categories: " +
				"`{\"spam\":{\"texts\":2,\"words\":{\"cheap\":2,\"pills\":1}}}`. `texts` is how many were trained, `words` how often each word was in them. " +
				"`import` puts such an object in place of everything the group has. It must fit into a message of the door. " +
				"Classifiers that Corrade saved have another form.",
			"A group may have 100 categories with names of at most 64 characters. Its words may take 2 MiB, each its length and 16 bytes in every category that " +
				"knows it: some 80,000 usual words. Words of more than 64 characters are left out. Classifiers survive a restart.",
		},
		Params: []command.Parameter{b.action, b.category, b.data, b.source, b.target},
		Result: "classify: category, probability from 0 to 1 for each category, the likeliest first, together 1; list: the categories, sorted; " +
			"export: JSON. Nothing when there are none, for classify when nothing was trained",
		Errors: []*script.Error{
			script.ErrNoCategoryProvided, script.ErrNoDataProvided, script.ErrNoSourceSpecified, script.ErrNoTargetSpecified,
			script.ErrInvalidParameter, script.ErrBusy, script.ErrNotSupported,
		},
		Run: b.run,
	}
}

func (b bayesCommand) run(ctx context.Context, c *command.Call) (command.Data, error) {
	action, err := b.action.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	if c.Rooms.Classifiers == nil {
		return command.Data{}, command.Explain(script.ErrNotSupported, "there are no classifiers here")
	}
	group, books := c.Caller.ID, c.Rooms.Classifiers
	switch action {
	case "train", "untrain":
		category, err := named(c, b.category, "category")
		if err != nil {
			return command.Data{}, err
		}
		text, err := b.data.Required().Of(c)
		if err != nil {
			return command.Data{}, err
		}
		if action == "train" {
			return command.Data{}, refused("data", books.Train(ctx, group, category, text))
		}
		return command.Data{}, refused("data", books.Untrain(ctx, group, category, text))
	case "add", "remove":
		category, err := named(c, b.category, "category")
		if err != nil {
			return command.Data{}, err
		}
		if action == "add" {
			return command.Data{}, refused("category", books.Add(ctx, group, category))
		}
		return command.Data{}, books.Remove(ctx, group, category)
	case "merge", "rename":
		source, err := named(c, b.source, "source")
		if err != nil {
			return command.Data{}, err
		}
		target, err := named(c, b.target, "target")
		if err != nil {
			return command.Data{}, err
		}
		if action == "merge" {
			return command.Data{}, refused("target", books.Merge(ctx, group, source, target))
		}
		return command.Data{}, refused("target", books.Rename(ctx, group, source, target))
	case "import":
		text, err := b.data.Required().Of(c)
		if err != nil {
			return command.Data{}, err
		}
		return command.Data{}, refused("data", books.Import(ctx, group, text))
	case "export":
		text, err := books.Export(group)
		return command.Text(text), err
	case "classify":
		text, err := b.data.Required().Of(c)
		if err != nil {
			return command.Data{}, err
		}
		scores, err := books.Classify(group, text)
		var cells []string
		for _, s := range scores {
			cells = append(cells, s.Category, script.FormatFloat(s.Probability))
		}
		return command.List(cells...), refused("data", err)
	}
	return command.List(books.List(group)...), nil
}

// named reads the name of a category.
func named(c *command.Call, p param.Param[string], key string) (string, error) {
	name, err := p.Required().Of(c)
	if err != nil {
		return "", err
	}
	if err := bayes.CheckName(name); err != nil {
		return "", command.Explain(script.ErrInvalidParameter, "%s: %v", key, err)
	}
	return name, nil
}

// refused puts what a user can do something about into words.
func refused(key string, err error) error {
	if errors.Is(err, bayes.ErrTooMuch) {
		return command.Explain(script.ErrBusy, "%v", err)
	}
	for _, wrong := range []error{bayes.ErrTooLong, bayes.ErrNoWords, bayes.ErrNotTrained, bayes.ErrExists, bayes.ErrSame, bayes.ErrForm} {
		if errors.Is(err, wrong) {
			return command.Explain(script.ErrInvalidParameter, "%s: %v", key, err)
		}
	}
	return err
}
