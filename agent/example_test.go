package agent_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/simgrid"
)

// A first bot: it answers who greets it, until Ctrl-C logs it out.
func Example() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	bot, err := agent.New(agent.Config{
		LoginURI: "http://127.0.0.1:9000/",
		Login:    login.Params{First: "Robin", Last: "Rook", Password: "secret"},
	})
	if err != nil {
		log.Fatal(err)
	}
	bot.Subscribe(func(e agent.Event) {
		if c, ok := e.(agent.ChatHeard); ok && c.Source != bot.Self().ID && strings.Contains(c.Message, "hello") {
			_ = bot.Say(ctx, "Hello, "+c.FromName+"!")
		}
	})
	if err := bot.Run(ctx); err != nil {
		log.Fatal(err)
	}
}

// An agent logs into an embedded grid, walks a few steps and says so.
func ExampleAgent_WalkTo() {
	g, err := simgrid.Start(simgrid.Config{Accounts: []simgrid.AccountConfig{{First: "Robin", Last: "Rook", Password: "secret"}}})
	if err != nil {
		log.Fatal(err)
	}
	defer g.Close()
	bot, err := agent.New(agent.Config{
		LoginURI: g.LoginURI(),
		Login: login.Params{First: "Robin", Last: "Rook", Password: "secret", Starts: []login.Start{{
			Place: login.InRegion, Region: "Rookery", Position: grid.Vector3{X: 128, Y: 128, Z: 22},
		}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	if err := bot.Login(ctx); err != nil {
		log.Fatal(err)
	}
	defer bot.Logout(ctx)
	if err := bot.WalkTo(ctx, grid.Vector3{X: 131, Y: 128, Z: 22}, 2); err != nil {
		log.Fatal(err)
	}
	fmt.Println(bot.Self().Name, "walked in", bot.Self().RegionName)
	// Output: Robin Rook walked in Rookery
}
