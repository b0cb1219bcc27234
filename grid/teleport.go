package grid

import "strings"

// TeleportFlags say how a teleport came about.
type TeleportFlags uint32

// The teleport flags.
const (
	TeleportSetHomeToTarget   TeleportFlags = 1 << 0
	TeleportSetLastToTarget   TeleportFlags = 1 << 1
	TeleportViaLure           TeleportFlags = 1 << 2
	TeleportViaLandmark       TeleportFlags = 1 << 3
	TeleportViaLocation       TeleportFlags = 1 << 4
	TeleportViaHome           TeleportFlags = 1 << 5
	TeleportViaTelehub        TeleportFlags = 1 << 6
	TeleportViaLogin          TeleportFlags = 1 << 7
	TeleportViaGodlikeLure    TeleportFlags = 1 << 8
	TeleportGodlike           TeleportFlags = 1 << 9
	TeleportNineOneOne        TeleportFlags = 1 << 10
	TeleportDisableCancel     TeleportFlags = 1 << 11
	TeleportViaRegionID       TeleportFlags = 1 << 12
	TeleportIsFlying          TeleportFlags = 1 << 13
	TeleportResetHome         TeleportFlags = 1 << 14
	TeleportForceRedirect     TeleportFlags = 1 << 15
	TeleportFinishedViaLure   TeleportFlags = 1 << 26
	TeleportFinishedViaNewSim TeleportFlags = 1 << 28
	TeleportFinishedViaSame   TeleportFlags = 1 << 29
)

var teleportFlagNames = names[TeleportFlags]{
	{TeleportSetHomeToTarget, "SetHomeToTarget"},
	{TeleportSetLastToTarget, "SetLastToTarget"},
	{TeleportViaLure, "ViaLure"},
	{TeleportViaLandmark, "ViaLandmark"},
	{TeleportViaLocation, "ViaLocation"},
	{TeleportViaHome, "ViaHome"},
	{TeleportViaTelehub, "ViaTelehub"},
	{TeleportViaLogin, "ViaLogin"},
	{TeleportViaGodlikeLure, "ViaGodlikeLure"},
	{TeleportGodlike, "Godlike"},
	{TeleportNineOneOne, "NineOneOne"},
	{TeleportDisableCancel, "DisableCancel"},
	{TeleportViaRegionID, "ViaRegionID"},
	{TeleportIsFlying, "IsFlying"},
	{TeleportResetHome, "ResetHome"},
	{TeleportForceRedirect, "ForceRedirect"},
	{TeleportFinishedViaLure, "FinishedViaLure"},
	{TeleportFinishedViaNewSim, "FinishedViaNewSim"},
	{TeleportFinishedViaSame, "FinishedViaSameSim"},
}

// String joins the names of the flags with comma and space; Default when none
// is set. Bits without a name are left out.
func (f TeleportFlags) String() string {
	if f == 0 {
		return "Default"
	}
	return strings.Join(teleportFlagNames.flags(f), ", ")
}
