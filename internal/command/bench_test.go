package command_test

import (
	"testing"

	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/script"
)

// BenchmarkExecute is the way of a command without its doors: rights, answer,
// afterburn.
func BenchmarkExecute(b *testing.B) {
	d := newBench(b, func(o *command.Options) { o.Log = nil }, echo())
	r := bus.Request{Door: "bench", Sender: "bench", Identifier: "127.0.0.1:1", Pairs: script.Pairs{
		{Key: "command", Value: "echo"},
		{Key: "group", Value: "My Group"},
		{Key: "password", Value: password},
		{Key: "message", Value: "hello"},
		{Key: "_id", Value: "7"},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if answer := d.Execute(b.Context(), r).Pairs; answer.Get("data") != "hello" {
			b.Fatal(answer)
		}
	}
}
