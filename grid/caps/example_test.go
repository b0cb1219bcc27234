package caps_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"rookery/grid/caps"
)

func ExamplePoller() {
	queue := caps.NewQueue() // the region's half
	region := httptest.NewServer(queue)
	defer region.Close()
	if err := queue.Push(&caps.TeleportFailed{Reason: "no_inter_region"}); err != nil {
		fmt.Println(err)
	}

	p := caps.Poller{URL: region.URL, Handle: func(e caps.Event) {
		if body, err := e.Decode(); err == nil {
			fmt.Println(e.Name, body.(*caps.TeleportFailed).Reason)
		}
		queue.Close()
	}}
	fmt.Println(p.Run(context.Background()))
	// Output:
	// TeleportFailed no_inter_region
	// the event queue is closed
}
