package profile

import (
	"strconv"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command/movement"
	"rookery/internal/query"
)

// self is the agent with what its updates say.
type self struct {
	agent.Self
	movement agent.Movement
}

// animations is a dictionary from animation to sequence number.
func (s self) animations() query.Dictionary {
	var d query.Dictionary
	for _, a := range s.Animations {
		d = append(d, query.Entry{Key: a.ID, Value: a.Sequence})
	}
	return d
}

// global is the place in metres from the grid's south-west corner. The numbers
// are those of the place in the region as it is written, not what single
// precision makes of them: 256128.3 rather than 256128.3000030518.
func (s self) global() grid.Vector3d {
	x, y := s.Region.Metres()
	return grid.Vector3d{X: float64(x) + written(s.Position.X), Y: float64(y) + written(s.Position.Y), Z: written(s.Position.Z)}
}

func written(f float32) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f)
	}
	return d
}

// selfMembers are the members of AgentManager. SessionID and SecureSessionID
// are not among them: they are credentials.
var selfMembers = query.NewTable(
	query.Member[self]{Name: "AgentID", Of: func(s self) any { return s.ID }},
	query.Member[self]{Name: "LocalID", Of: func(s self) any { return s.LocalID }},
	query.Member[self]{Name: "FirstName", Of: func(s self) any { return s.Name.First }},
	query.Member[self]{Name: "LastName", Of: func(s self) any { return s.Name.Last }},
	query.Member[self]{Name: "Name", Of: func(s self) any { return s.Name.String() }},
	query.Member[self]{Name: "StartLocation", Of: func(s self) any { return s.StartLocation }},
	query.Member[self]{Name: "AgentAccess", Of: func(s self) any { return s.Access }},
	query.Member[self]{Name: "AgentAccessMax", Of: func(s self) any { return s.AccessMax }},
	query.Member[self]{Name: "CollisionPlane", Of: func(s self) any { return s.CollisionPlane }},
	query.Member[self]{Name: "Velocity", Of: func(s self) any { return s.Velocity }},
	query.Member[self]{Name: "Acceleration", Of: func(s self) any { return s.Acceleration }},
	query.Member[self]{Name: "AngularVelocity", Of: func(s self) any { return s.AngularVelocity }},
	query.Member[self]{Name: "HomePosition", Of: func(s self) any { return s.HomePosition }},
	query.Member[self]{Name: "HomeLookAt", Of: func(s self) any { return s.HomeLookAt }},
	query.Member[self]{Name: "LookAt", Of: func(s self) any { return s.LookAt }},
	query.Member[self]{Name: "Health", Of: func(s self) any { return s.Health }},
	query.Member[self]{Name: "Balance", Of: func(s self) any { return s.Balance }},
	query.Member[self]{Name: "SittingOn", Of: func(s self) any { return s.SeatLocalID }},
	query.Member[self]{Name: "ActiveGroup", Of: func(s self) any { return s.ActiveGroup }},
	query.Member[self]{Name: "ActiveGroupPowers", Of: func(s self) any { return grid.GroupPowers(s.ActiveGroupPowers) }},
	query.Member[self]{Name: "TeleportMessage", Of: func(s self) any { return s.TeleportMessage }},
	query.Member[self]{Name: "RelativePosition", Of: func(s self) any { return s.RelativePosition }},
	query.Member[self]{Name: "RelativeRotation", Of: func(s self) any { return s.RelativeRotation }},
	query.Member[self]{Name: "SimPosition", Of: func(s self) any { return s.Position }},
	query.Member[self]{Name: "SimRotation", Of: func(s self) any { return s.Rotation }},
	query.Member[self]{Name: "GlobalPosition", Of: func(s self) any { return s.global() }},
	query.Member[self]{Name: "AgentStateStatus", Of: func(s self) any { return movement.AgentState(s.movement.State) }},
	query.Member[self]{Name: "Movement", Of: func(s self) any { return movement.MovementMembers.Of(s.movement) }},
	query.Member[self]{Name: "SignaledAnimations", Of: func(s self) any { return s.animations() }},
)
