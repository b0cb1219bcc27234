package agent

import (
	"context"
	"time"

	"rookery/grid"
)

// Camera is where the agent looks from. The axes are unit vectors.
type Camera struct {
	Far      float32 // metres the agent wants to see
	Position grid.Vector3
	AtAxis   grid.Vector3 // forward
	LeftAxis grid.Vector3
	UpAxis   grid.Vector3
}

// Movement is what the agent's updates say of it.
type Movement struct {
	Controls     grid.Control
	BodyRotation grid.Quaternion
	HeadRotation grid.Quaternion
	Camera       Camera
	State        grid.AgentState
	HideTitle    bool // of the group, for others
	AlwaysRun    bool

	// UpdateInterval is the time between two updates while the agent moves.
	UpdateInterval time.Duration
}

// Direction is one of the six ways to nudge.
type Direction string

// The directions, relative to where the avatar faces.
const (
	Forward Direction = "forward"
	Back    Direction = "back"
	Left    Direction = "left"
	Right   Direction = "right"
	Up      Direction = "up"
	Down    Direction = "down"
)

// FlyOptions tune [Agent.FlyTo].
type FlyOptions struct {
	Vicinity float32 // metres from the goal that count as there; 2 by default
	Affinity int     // braking steps, powers of two; 2 by default
}

var _ = context.Background
