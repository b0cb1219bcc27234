package movement

import (
	"context"
	"errors"
	"time"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/script"
)

func durationParam() param.Param[time.Duration] {
	return param.Millis("duration", "how long the way may take", 24*time.Hour).
		OrElse("the timeout of the command, 60000", func(c *command.Call) time.Duration { return c.Timeout })
}

func vicinityParam() param.Param[float32] {
	return param.Float("vicinity", "how near counts as there, in metres", 0.1, 256).Or(defaultVicinity)
}

func affinityParam() param.Param[int64] {
	return param.Int("affinity", "braking steps, powers of two", 1, maxAffinity).Or(defaultAffinity)
}

// reach lets the agent go somewhere for no longer than limit.
func reach(ctx context.Context, limit time.Duration, travel func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := travel(ctx)
	switch {
	case errors.Is(err, agent.ErrSuperseded):
		return command.Explain(script.ErrTimeoutReachingDestination, "%v", agent.ErrSuperseded)
	case errors.Is(err, agent.ErrNotReached):
		return script.ErrTimeoutReachingDestination.Because(err)
	}
	return command.OnTimeout(err, script.ErrTimeoutReachingDestination)
}
