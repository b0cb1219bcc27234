package movement

import (
	"context"
	"fmt"
	"math"

	"rookery/internal/command"
	"rookery/internal/command/param"
)

// How far from its goal the agent may end, in metres, and the steps in which it
// brakes, when the script does not say.
const (
	defaultVicinity = 2
	defaultAffinity = 2
	maxAffinity     = 16
)

// unbounded is the range of numbers that may have any value.
const unbounded = math.MaxFloat32

// deanimateParam is a parameter of everything that takes the agent off its seat.
func deanimateParam() param.Param[bool] {
	return param.Bool("deanimate", "stop every playing animation that is not built in").Or(false)
}

// ready gets the agent ready to move: up from what it sits on, and without
// animations when asked.
func ready(ctx context.Context, c *command.Call, deanimate bool) error {
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	if err := c.Agent.Stand(ctx); err != nil {
		return fmt.Errorf("stand up: %w", err)
	}
	if !deanimate {
		return nil
	}
	if err := c.Agent.Deanimate(ctx); err != nil {
		return fmt.Errorf("stop animations: %w", err)
	}
	return nil
}

// move does something that takes one update of the agent, and puts the camera
// back onto the avatar.
func move(ctx context.Context, c *command.Call, do func(context.Context) error) error {
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	if err := do(ctx); err != nil {
		return err
	}
	return c.Agent.ResetCamera(ctx)
}
