package teleport

import (
	"context"
	"errors"
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// tooClose is the distance in metres below which a teleport within a region is
// refused.
const tooClose = 1

// teleport holds the parameters of Teleport.
type teleport struct {
	entity    param.Param[string]
	position  param.Param[grid.Vector3d]
	region    param.Param[string]
	item      param.Param[grid.UUID]
	turnTo    param.Param[grid.Vector3]
	deanimate param.Param[bool]
	fly       param.Param[bool]
}

// Teleport takes the agent to a region, a global position or a landmark.
func Teleport() command.Command {
	t := teleport{
		entity:    param.OneOf("entity", "what kind of place it is", script.ErrUnknownEntity, "global", "region", "landmark"),
		position:  param.GlobalVector("position", "global: metres from the grid's south-west corner, needed; region: region coordinates, the agent's own when left out").Fails(script.ErrNoPositionProvided),
		region:    param.Text("region", "region: name in any case, or UUID").OrElse("the region the agent is in", nil),
		item:      param.UUID("item", "landmark: UUID of the landmark's asset, needed").Fails(script.ErrInventoryItemNotFound),
		turnTo:    param.Vector("turnto", "region: the direction to face afterwards").OrElse("the present one", nil),
		deanimate: param.Bool("deanimate", "stop every playing animation that is not built in").Or(false),
		fly:       param.Bool("fly", "whether to fly afterwards").OrElse("as before", nil),
	}
	return command.Command{
		Name:       "teleport",
		Permission: rights.Movement,
		Summary:    "Teleports the agent to a region, a global position or a landmark.",
		Notes: []string{
			"The agent stands up first and the answer comes when it has arrived.",
			"Landmarks by inventory path are not available in this version.",
		},
		Params: []command.Parameter{t.entity, t.position, t.region, t.item, t.turnTo, t.deanimate, t.fly},
		Result: "when it failed, the reason as the grid words it",
		Errors: []*script.Error{
			script.ErrRegionNotFound, script.ErrDestinationTooClose, script.ErrInventoryItemNotFound,
			script.ErrTeleportThrottled, script.ErrTeleportFailed,
		},
		Run: t.run,
	}
}

func (t teleport) run(ctx context.Context, c *command.Call) (command.Data, error) {
	entity, err := t.entity.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	still, err := t.deanimate.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	fly, err := t.fly.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	leave, err := map[string]func(context.Context, *command.Call) (departure, error){
		"global": t.global, "region": t.toRegion, "landmark": t.landmark,
	}[entity](ctx, c)
	if err != nil {
		return command.Data{}, err
	}

	ctx, cancel := c.Wait(ctx)
	defer cancel()
	if err := c.Agent.Stand(ctx); err != nil {
		return command.Data{}, err
	}
	if still {
		if err := c.Agent.Deanimate(ctx); err != nil {
			return command.Data{}, err
		}
	}
	if err := leave(ctx); err != nil {
		return failed(err)
	}
	if t.fly.Given(c) {
		if err := c.Agent.Fly(ctx, fly); err != nil {
			return command.Data{}, err
		}
	}
	return command.Data{}, c.Agent.ResetCamera(ctx)
}

// departure is a teleport whose destination is known.
type departure func(context.Context) error

func (t teleport) global(_ context.Context, c *command.Call) (departure, error) {
	position, err := t.position.Required().Of(c)
	if err != nil {
		return nil, err
	}
	north := grid.Vector3{Y: 1}
	return func(ctx context.Context) error { return c.Agent.TeleportGlobal(ctx, position, north) }, nil
}

func (t teleport) landmark(_ context.Context, c *command.Call) (departure, error) {
	asset, err := t.item.Required().Of(c)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return c.Agent.TeleportLandmark(ctx, asset) }, nil
}

func (t teleport) toRegion(ctx context.Context, c *command.Call) (departure, error) {
	here := c.Agent.Self()
	local, lookAt := here.Position, here.LookAt
	position, err := t.position.Of(c)
	if err != nil {
		return nil, err
	}
	if t.position.Given(c) {
		local = grid.Vector3{X: float32(position.X), Y: float32(position.Y), Z: float32(position.Z)}
	}
	direction, err := t.turnTo.Of(c)
	if err != nil {
		return nil, err
	}
	if t.turnTo.Given(c) {
		lookAt = direction
	}
	handle, err := t.find(ctx, c)
	if err != nil {
		return nil, err
	}
	if handle == here.Region && here.Position.Distance(local) < tooClose {
		return nil, script.ErrDestinationTooClose
	}
	return func(ctx context.Context) error { return c.Agent.Teleport(ctx, handle, local, lookAt) }, nil
}

// find returns the handle of the region asked for.
func (t teleport) find(ctx context.Context, c *command.Call) (grid.RegionHandle, error) {
	name, err := t.region.Of(c)
	if err != nil {
		return 0, err
	}
	here := c.Agent.Self()
	if name == "" || strings.EqualFold(name, here.RegionName) {
		return here.Region, nil
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	var handle grid.RegionHandle
	if id, idErr := grid.ParseUUID(name); idErr == nil {
		handle, err = c.Agent.RegionByID(ctx, id)
	} else {
		var found agent.MapRegion
		found, err = c.Agent.FindRegion(ctx, name)
		handle = found.Handle
	}
	if errors.Is(err, agent.ErrRegionNotFound) || command.IsTimeout(err) {
		err = script.ErrRegionNotFound.Because(err)
	}
	return handle, err
}

// failed says why a teleport did not happen, in the grid's words where it
// spoke.
func failed(err error) (command.Data, error) {
	var refused *agent.TeleportError
	switch {
	case errors.As(err, &refused):
		return command.Text(refused.Message), script.ErrTeleportFailed.Because(err)
	case errors.Is(err, agent.ErrThrottled):
		return command.Data{}, script.ErrTeleportThrottled.Because(err)
	case errors.Is(err, agent.ErrRegionNotFound):
		return command.Data{}, script.ErrRegionNotFound.Because(err)
	case command.IsTimeout(err):
		return command.Text(agent.ErrTimeout.Error()), script.ErrTeleportFailed.Because(err)
	}
	return command.Data{}, err
}
