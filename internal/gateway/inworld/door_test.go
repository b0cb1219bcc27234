package inworld_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"rookery/internal/bus"
	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/inworld"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func order(command string) bus.Request {
	return bus.Request{Sender: "Box", Identifier: "id", Pairs: script.Pairs{
		{Key: "command", Value: command}, {Key: "group", Value: "g"}, {Key: "password", Value: "p"},
	}}
}

func TestCommandsRunSomeAtATimeAndTheRestWait(t *testing.T) {
	t.Parallel()
	h := gatewaytest.New(t)
	door, err := inworld.Open(inworld.Config{CommandsInFlight: 2}, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	h.CloseAtEnd(door)
	for range 5 {
		if err := h.Bus.Hear(gatewaytest.Agent, order("wait")); err != nil {
			t.Fatal(err)
		}
	}
	<-h.Running
	<-h.Running
	close(h.Release)
	for range 3 {
		<-h.Running
	}
	if h.Most() > 2 {
		t.Errorf("%d ran at the same time", h.Most())
	}
}

func TestAClosedDoorObeysNobodyAndEndsWhatRuns(t *testing.T) {
	t.Parallel()
	h := gatewaytest.New(t)
	door, err := inworld.Open(inworld.Config{}, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Bus.Hear(gatewaytest.Agent, order("wait")); err != nil {
		t.Fatal(err)
	}
	<-h.Running // and waits until its context ends
	if err := door.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	// Another door hears the next one: the closed one must not.
	other, err := inworld.Open(inworld.Config{}, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	h.CloseAtEnd(other)
	if err := h.Bus.Hear(gatewaytest.Agent, order("wait")); err != nil {
		t.Fatal(err)
	}
	<-h.Running
	close(h.Release)
	if h.Most() > 1 {
		t.Errorf("%d ran at the same time", h.Most())
	}
}
