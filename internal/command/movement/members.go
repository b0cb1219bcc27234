package movement

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/internal/query"
)

// CameraMembers are the members of AgentCamera.
var CameraMembers = query.NewTable(
	query.Member[agent.Camera]{Name: "Far", Of: func(c agent.Camera) any { return c.Far }},
	query.Member[agent.Camera]{Name: "Position", Of: func(c agent.Camera) any { return c.Position }},
	query.Member[agent.Camera]{Name: "AtAxis", Of: func(c agent.Camera) any { return c.AtAxis }},
	query.Member[agent.Camera]{Name: "LeftAxis", Of: func(c agent.Camera) any { return c.LeftAxis }},
	query.Member[agent.Camera]{Name: "UpAxis", Of: func(c agent.Camera) any { return c.UpAxis }},
)

// MovementMembers are the members of AgentMovement: every control by its name,
// and the rest of what agent updates say.
var MovementMembers = query.NewTable(append(controlMembers(),
	query.Member[agent.Movement]{Name: "AlwaysRun", Of: func(m agent.Movement) any { return m.AlwaysRun }},
	query.Member[agent.Movement]{Name: "AgentControls", Of: func(m agent.Movement) any { return uint32(m.Controls) }},
	query.Member[agent.Movement]{Name: "UpdateInterval", Of: func(m agent.Movement) any { return m.UpdateInterval.Milliseconds() }},
	query.Member[agent.Movement]{Name: "UpdateEnabled", Of: func(m agent.Movement) any { return m.UpdateInterval > 0 }},
	query.Member[agent.Movement]{Name: "AutoResetControls", Of: func(agent.Movement) any { return false }},
	query.Member[agent.Movement]{Name: "Camera", Of: func(m agent.Movement) any { return CameraMembers.Of(m.Camera) }},
	query.Member[agent.Movement]{Name: "Flags", Of: func(m agent.Movement) any { return agentFlags(m.HideTitle) }},
	query.Member[agent.Movement]{Name: "State", Of: func(m agent.Movement) any { return AgentState(m.State) }},
	query.Member[agent.Movement]{Name: "BodyRotation", Of: func(m agent.Movement) any { return m.BodyRotation }},
	query.Member[agent.Movement]{Name: "HeadRotation", Of: func(m agent.Movement) any { return m.HeadRotation }},
)...)

func controlMembers() []query.Member[agent.Movement] {
	var members []query.Member[agent.Movement]
	for _, control := range grid.Controls() {
		members = append(members, query.Member[agent.Movement]{
			Name: control.Names()[0],
			Of:   func(m agent.Movement) any { return m.Controls&control != 0 },
		})
	}
	return members
}

func agentFlags(hideTitle bool) string {
	if hideTitle {
		return "HideTitle"
	}
	return "None"
}

// AgentState names what the avatar seems to do to others.
func AgentState(s grid.AgentState) string {
	switch {
	case s&grid.AgentStateEditing != 0:
		return "Editing"
	case s&grid.AgentStateTyping != 0:
		return "Typing"
	}
	return "None"
}
