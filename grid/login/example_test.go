package login_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"rookery/grid/login"
)

func Example() {
	grid := httptest.NewServer(&login.Handler{Login: func(_ context.Context, r *login.Request) (*login.Response, error) {
		if !r.CheckPassword("secret") {
			return nil, login.Fail(login.ErrKey, "Who are you?")
		}
		return welcome, nil
	}})
	defer grid.Close()

	var c login.Client
	r, err := c.Login(context.Background(), grid.URL, login.Params{First: "Robin", Last: "Rook", Password: "secret"})
	fmt.Println(err, r.Simulator)
	_, err = c.Login(context.Background(), grid.URL, login.Params{First: "Robin", Last: "Rook", Password: "guess"})
	fmt.Println(errors.Is(err, login.ErrKey), err)
	// Output:
	// <nil> 127.0.0.1:9000
	// true login refused (key): Who are you?
}

func ExampleParseStart() {
	s, err := login.ParseStart("https://maps.secondlife.com/secondlife/Pelican%20Bay/12/34/56")
	fmt.Println(s, err)
	_, err = login.ParseStart("Pelican Bay/twelve")
	fmt.Println(err)
	// Output:
	// uri:Pelican Bay&12&34&56 <nil>
	// start location "Pelican Bay/twelve": x is "twelve"; want a number of metres from 0 to 65535
}
