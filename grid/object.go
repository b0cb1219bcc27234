package grid

// PCode says what kind of thing an object update is about.
type PCode uint8

// The object codes.
const (
	PCodeNone           PCode = 0
	PCodePrim           PCode = 9
	PCodeAvatar         PCode = 47
	PCodeGrass          PCode = 95
	PCodeNewTree        PCode = 111
	PCodeParticleSystem PCode = 143
	PCodeTree           PCode = 255
)

var pcodeNames = names[PCode]{
	{PCodeNone, "None"},
	{PCodePrim, "Prim"},
	{PCodeAvatar, "Avatar"},
	{PCodeGrass, "Grass"},
	{PCodeNewTree, "NewTree"},
	{PCodeParticleSystem, "ParticleSystem"},
	{PCodeTree, "Tree"},
}

// String returns the name, or the number of an unknown code.
func (p PCode) String() string { return pcodeNames.text(p) }

// ObjectFlags is the update flags of an object, seen by the agent that the
// update was sent to.
type ObjectFlags uint32

// The object flags.
const (
	ObjectPhysics       ObjectFlags = 1 << 0
	ObjectCreateSelect  ObjectFlags = 1 << 1
	ObjectModify        ObjectFlags = 1 << 2
	ObjectCopy          ObjectFlags = 1 << 3
	ObjectAnyOwner      ObjectFlags = 1 << 4
	ObjectYouOwner      ObjectFlags = 1 << 5
	ObjectScripted      ObjectFlags = 1 << 6
	ObjectTouch         ObjectFlags = 1 << 7
	ObjectMove          ObjectFlags = 1 << 8
	ObjectMoney         ObjectFlags = 1 << 9
	ObjectPhantom       ObjectFlags = 1 << 10
	ObjectEmpty         ObjectFlags = 1 << 11
	ObjectAllowDrop     ObjectFlags = 1 << 16
	ObjectTransfer      ObjectFlags = 1 << 17
	ObjectGroupOwned    ObjectFlags = 1 << 18
	ObjectYouOfficer    ObjectFlags = 1 << 19
	ObjectCameraDecoupl ObjectFlags = 1 << 20
	ObjectAnimSource    ObjectFlags = 1 << 21
	ObjectCameraSource  ObjectFlags = 1 << 22
	ObjectFlying        ObjectFlags = 1 << 27
	ObjectTempOnRez     ObjectFlags = 1 << 29
	ObjectTemporary     ObjectFlags = 1 << 30
)

// CompressedFlags say which optional fields a block of ObjectUpdateCompressed
// carries.
type CompressedFlags uint32

// The compressed flags.
const (
	CompressedScratchPad   CompressedFlags = 0x001
	CompressedTree         CompressedFlags = 0x002
	CompressedText         CompressedFlags = 0x004
	CompressedParticles    CompressedFlags = 0x008
	CompressedSound        CompressedFlags = 0x010
	CompressedParent       CompressedFlags = 0x020
	CompressedTextureAnim  CompressedFlags = 0x040
	CompressedAngularVel   CompressedFlags = 0x080
	CompressedNameValues   CompressedFlags = 0x100
	CompressedMediaURL     CompressedFlags = 0x200
	CompressedParticlesNew CompressedFlags = 0x400
)

// AttachPointFromState returns the attachment point that the State byte of an
// attachment encodes: its nibbles are swapped on the wire.
func AttachPointFromState(state uint8) uint8 { return state<<4 | state>>4 }

// StateFromAttachPoint is the reverse of AttachPointFromState.
func StateFromAttachPoint(point uint8) uint8 { return point<<4 | point>>4 }
