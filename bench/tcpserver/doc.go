// Command tcpserver measures the tcpserver package beside its peers in one run
// and prints a table: connections held and the memory of each, connections
// accepted, echo round trips and broadcasts, plain and TLS.
//
//	go run .                 the whole, about eight minutes
//	go run . -quick          a look, about two minutes
//	go run . -run echo -modes tls -time 5s
//
// The peers are nats-server's core, package net with goroutines,
// cloudwego/netpoll (no TLS) and Node. Each server runs in a process of its
// own, so that its memory is its own; every client lives in the measuring
// process and costs the same for each. A broadcast sends message by message to
// everybody, in batches; netpoll has no queue of its own for that, so there a
// slow reader would hold up the others, and no limit or policy costs it
// anything. With BENCH_PPROF=localhost:6060 a
// server written in Go shows its profiles there.
package main
