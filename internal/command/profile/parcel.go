package profile

import (
	"context"
	"errors"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/script"
)

// parcelPoint is the point that names a parcel.
func parcelPoint() param.Param[grid.Vector3] {
	return param.Point("position", "parcel: a point of it").
		OrElse("the agent's own place", func(c *command.Call) grid.Vector3 { return c.Agent.Self().Position })
}

// parcelAt asks the region for the parcel under a point.
func parcelAt(ctx context.Context, c *command.Call, point param.Param[grid.Vector3]) (agent.Parcel, error) {
	position, err := point.Of(c)
	if err != nil {
		return agent.Parcel{}, err
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	p, err := c.Agent.ParcelAt(ctx, position)
	switch {
	case errors.Is(err, agent.ErrNotFound):
		return p, command.Explain(script.ErrCouldNotFindParcel, "there is none at %v", position)
	case command.IsTimeout(err):
		return p, script.ErrTimeoutGettingParcels
	}
	return p, err
}
