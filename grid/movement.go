package grid

// Control is the set of controls that an AgentUpdate says are held down.
type Control uint32

// The control bits of AgentUpdate.
const (
	ControlAtPos Control = 1 << iota
	ControlAtNeg
	ControlLeftPos
	ControlLeftNeg
	ControlUpPos
	ControlUpNeg
	ControlPitchPos
	ControlPitchNeg
	ControlYawPos
	ControlYawNeg
	ControlFastAt
	ControlFastLeft
	ControlFastUp
	ControlFly
	ControlStop
	ControlFinishAnim
	ControlStandUp
	ControlSitOnGround
	ControlMouselook
	ControlNudgeAtPos
	ControlNudgeAtNeg
	ControlNudgeLeftPos
	ControlNudgeLeftNeg
	ControlNudgeUpPos
	ControlNudgeUpNeg
	ControlTurnLeft
	ControlTurnRight
	ControlAway
	ControlLButtonDown
	ControlLButtonUp
	ControlMLButtonDown
	ControlMLButtonUp
)

var controlNames = names[Control]{
	{ControlAtPos, "AtPos"},
	{ControlAtNeg, "AtNeg"},
	{ControlLeftPos, "LeftPos"},
	{ControlLeftNeg, "LeftNeg"},
	{ControlUpPos, "UpPos"},
	{ControlUpNeg, "UpNeg"},
	{ControlPitchPos, "PitchPos"},
	{ControlPitchNeg, "PitchNeg"},
	{ControlYawPos, "YawPos"},
	{ControlYawNeg, "YawNeg"},
	{ControlFastAt, "FastAt"},
	{ControlFastLeft, "FastLeft"},
	{ControlFastUp, "FastUp"},
	{ControlFly, "Fly"},
	{ControlStop, "Stop"},
	{ControlFinishAnim, "FinishAnim"},
	{ControlStandUp, "StandUp"},
	{ControlSitOnGround, "SitOnGround"},
	{ControlMouselook, "Mouselook"},
	{ControlNudgeAtPos, "NudgeAtPos"},
	{ControlNudgeAtNeg, "NudgeAtNeg"},
	{ControlNudgeLeftPos, "NudgeLeftPos"},
	{ControlNudgeLeftNeg, "NudgeLeftNeg"},
	{ControlNudgeUpPos, "NudgeUpPos"},
	{ControlNudgeUpNeg, "NudgeUpNeg"},
	{ControlTurnLeft, "TurnLeft"},
	{ControlTurnRight, "TurnRight"},
	{ControlAway, "Away"},
	{ControlLButtonDown, "LButtonDown"},
	{ControlLButtonUp, "LButtonUp"},
	{ControlMLButtonDown, "MLButtonDown"},
	{ControlMLButtonUp, "MLButtonUp"},
}

// Names returns the names of the controls held down, lowest bit first.
func (c Control) Names() []string { return controlNames.flags(c) }

// ParseControl finds one control by name.
func ParseControl(s string) (Control, bool) { return controlNames.parse(s) }

// Controls lists every control, lowest bit first.
func Controls() []Control { return controlNames.all() }

// AgentState is the set of states an AgentUpdate carries for the viewer of
// others: typing, editing.
type AgentState uint8

// The agent states.
const (
	AgentStateTyping  AgentState = 0x04
	AgentStateEditing AgentState = 0x10
)
