package simgrid

import (
	"time"

	"rookery/grid"
)

// Demo returns the configuration of a small grid with some life in it: the
// default regions, a few inhabitants who walk, talk and answer, and some
// prims. It has no accounts.
//
// In Rookery, Jenny Nest answers everybody, Wren Thicket walks round the
// square and answers to her name; in Heronry, Egret Marsh stands by the water.
func Demo() Config {
	const ground = defaultGround + avatarHeight/2
	at := func(x, y float32) grid.Vector3 { return grid.Vector3{X: x, Y: y, Z: ground} }
	return Config{
		Regions: DefaultRegions(),
		Inhabitants: []InhabitantConfig{
			{
				First: "Jenny", Last: "Nest", Region: "Rookery", Position: at(131, 128), LookAt: grid.Vector3{X: -1},
				About: "I answer everybody.", Answers: AnswerAll,
				Lines: []string{"What a fine day to be out.", "Did you hear the rooks this morning?", "Say something, I answer everybody."},
				Every: 6 * time.Second,
			},
			{
				First: "Wren", Last: "Thicket", Region: "Rookery", Position: at(124, 124),
				About: "I walk round the square. Call me by my name.",
				Route: []grid.Vector3{at(134, 124), at(134, 134), at(124, 134), at(124, 124)}, Pause: 2 * time.Second,
				Lines: []string{"Round and round I go.", "Good exercise, this."}, Every: 31 * time.Second,
			},
			{
				First: "Egret", Last: "Marsh", Region: "Heronry", Position: at(100, 128),
				About: "I watch the water.", Answers: AnswerAll,
				Lines: []string{"Still waters today."}, Every: 45 * time.Second,
			},
		},
		Prims: []PrimConfig{
			{
				Region: "Rookery", Name: "Bench", Description: "Two metres of oak", Position: at(126, 131),
				Scale: grid.Vector3{X: 2, Y: 0.5, Z: 0.5}, SitTarget: &SitTarget{Offset: grid.Vector3{Z: 0.5}, Rotation: grid.Identity},
			},
			{Region: "Rookery", Name: "Signpost", Position: at(128, 134), Scale: grid.Vector3{X: 0.2, Y: 0.2, Z: 2}, Text: "Heronry: east"},
			{Region: "Heronry", Name: "Jetty", Position: at(96, 128), Scale: grid.Vector3{X: 6, Y: 2, Z: 0.3}},
		},
	}
}
