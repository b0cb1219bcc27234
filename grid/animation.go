package grid

import "github.com/google/uuid"

// The built-in animations that a simulator starts by itself, or that mean
// something beyond their looks (typing, away, busy).
var (
	AnimAway       = uuid.MustParse("fd037134-85d4-f241-72c6-4f42164fedee")
	AnimBusy       = uuid.MustParse("efcf670c-2d18-8128-973a-034ebc806b67")
	AnimCrouch     = uuid.MustParse("201f3fdf-cb1f-dbec-201f-7333e328ae7c")
	AnimCrouchWalk = uuid.MustParse("47f5f6fb-22e5-ae44-f871-73aaaf4a6022")
	AnimFallDown   = uuid.MustParse("666307d9-a860-572d-6fd4-c3ab8865c094")
	AnimFly        = uuid.MustParse("aec4610c-757f-bc4e-c092-c6e9caf18daf")
	AnimHover      = uuid.MustParse("4ae8016b-31b9-03bb-c401-b1ea941db41d")
	AnimHoverDown  = uuid.MustParse("20f063ea-8306-2562-0b07-5c853b37b31e")
	AnimHoverUp    = uuid.MustParse("62c5de58-cb33-5743-3d07-9e4cd4352864")
	AnimJump       = uuid.MustParse("2305bd75-1ca9-b03b-1faa-b176b8a8c49e")
	AnimLand       = uuid.MustParse("7a17b059-12b2-41b1-570a-186368b6aa6f")
	AnimPreJump    = uuid.MustParse("7a4e87fe-de39-6fcb-6223-024b00893244")
	AnimRun        = uuid.MustParse("05ddbff8-aaa9-92a1-2b74-8fe77a29b445")
	AnimSit        = uuid.MustParse("1a5fe8ac-a804-8a5d-7cbd-56bd83184568")
	AnimSitGround  = uuid.MustParse("1a2bd58e-87ff-0df8-0b4c-53e047b0bb6e") // sit, ground, constrained
	AnimStand      = uuid.MustParse("2408fe9e-df1d-1d7d-f4ff-1384fa7b350f")
	AnimStandUp    = uuid.MustParse("3da1d753-028a-5446-24f3-9c9b856d9422")
	AnimTurnLeft   = uuid.MustParse("56e0ba0d-4a9f-7f27-6117-32f2ebbf6135")
	AnimTurnRight  = uuid.MustParse("2d6daa51-3192-6794-8e2e-a15f8338ec30")
	AnimType       = uuid.MustParse("c541c47f-e0c0-058b-ad1a-d6ae3a4584d9")
	AnimWalk       = uuid.MustParse("6ed24bd8-91aa-4b12-ccc7-c97c857ab4e0")
)
