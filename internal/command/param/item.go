package param

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/script"
)

// Within is the parameter range: how far to look around, in metres.
func Within() Param[float32] {
	return Float("range", "how far to look around, in metres", 0, 4096).
		OrElse("the configured range, 64", func(c *command.Call) float32 { return c.Settings.Range })
}

// Item is an object in the world, given by the key item as UUID or by its
// exact name; of several with that name it is the nearest. The key range
// limits how far to look, and selection what to look at.
type Item struct{ about string }

// NewItem returns the parameter; about says what the object is for.
func NewItem(about string) Item { return Item{about} }

// What the key selection may say.
const (
	selectAttached = "attached"
	selectRezzed   = "rezzed"
	selectAll      = "all"
)

var (
	item      = Text("item", "UUID or exact name").Fails(script.ErrNoItemSpecified).Required()
	within    = Within()
	selection = OneOf("selection", "what to look at: what avatars wear, what stands in the world, or both",
		script.ErrInvalidParameter, selectAttached, selectRezzed, selectAll).Or(selectAll)
)

// Infos describes the three keys.
func (p Item) Infos() []command.Info {
	infos := slices.Concat(item.Infos(), within.Infos(), selection.Infos())
	infos[0].Type = "item"
	infos[0].About = p.about
	infos[0].Errors = append(infos[0].Errors, script.ErrPrimitiveNotFound)
	return infos
}

// Of finds the object.
func (p Item) Of(ctx context.Context, c *command.Call) (agent.Object, error) {
	what, err := item.Of(c)
	if err != nil {
		return agent.Object{}, err
	}
	metres, err := within.Of(c)
	if err != nil {
		return agent.Object{}, err
	}
	which, err := selection.Of(c)
	if err != nil {
		return agent.Object{}, err
	}
	var candidates []agent.Object
	for _, o := range c.Agent.Objects() {
		if selected(o, which) && c.Agent.Distance(o.Region, o.Position) <= metres {
			candidates = append(candidates, o)
		}
	}
	slices.SortStableFunc(candidates, func(a, b agent.Object) int {
		return cmp.Compare(c.Agent.Distance(a.Region, a.Position), c.Agent.Distance(b.Region, b.Position))
	})
	if id, err := grid.ParseUUID(strings.TrimSpace(what)); err == nil {
		return byID(candidates, id)
	}
	return byName(ctx, c, candidates, what)
}

func selected(o agent.Object, which string) bool {
	switch which {
	case selectAttached:
		return o.Attachment
	case selectRezzed:
		return !o.Attachment
	}
	return true
}

func byID(candidates []agent.Object, id grid.UUID) (agent.Object, error) {
	for _, o := range candidates {
		if o.ID == id {
			return o, nil
		}
	}
	return agent.Object{}, script.ErrPrimitiveNotFound
}

// byName asks for the names of all candidates, which updates do not carry, and
// takes the first of the sorted ones that fits.
func byName(ctx context.Context, c *command.Call, candidates []agent.Object, name string) (agent.Object, error) {
	if len(candidates) == 0 {
		return agent.Object{}, script.ErrPrimitiveNotFound
	}
	ids := make([]grid.UUID, len(candidates))
	for i, o := range candidates {
		ids[i] = o.ID
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	properties, err := c.Agent.ObjectProperties(ctx, ids...)
	if err != nil && !errors.Is(err, agent.ErrTimeout) && !errors.Is(err, context.DeadlineExceeded) {
		return agent.Object{}, fmt.Errorf("ask for the names of objects: %w", err)
	}
	for _, o := range candidates {
		if properties[o.ID].Name == name {
			return o, nil
		}
	}
	return agent.Object{}, script.ErrPrimitiveNotFound
}
