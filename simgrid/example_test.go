package simgrid_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"rookery/grid"
	"rookery/simgrid"
)

// A grid with an inhabitant in it, who walks and is watched.
func Example() {
	g, err := simgrid.Start(simgrid.Config{
		Tick: 10 * time.Millisecond,
		Inhabitants: []simgrid.InhabitantConfig{{
			First: "Robin", Last: "Nest", Region: "Rookery", Position: grid.Vector3{X: 100, Y: 100, Z: 22},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	if _, err := g.AddAccount("Test", "Bot", "secret"); err != nil {
		log.Fatal(err)
	}
	// Log a client into g.LoginURI() here.

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	robin := g.Inhabitant("Robin", "Nest")
	if err := robin.WalkTo(grid.Vector3{X: 101, Y: 100, Z: 22}); err != nil {
		log.Fatal(err)
	}
	s, err := g.AwaitAvatar(ctx, robin.ID(), func(s simgrid.AvatarState) bool { return s.Position.X > 100.6 })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(s.First, "walks in", s.Region)
	// Output: Robin walks in Rookery
}
