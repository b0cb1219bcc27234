// Command tcpserver measures the tcpserver package beside its peers in one run:
// connections held and their memory, accepted connections, echo round trips
// and broadcasts, plain and TLS, and prints a table of ratios.
//
//	go run . -run broadcast,echo,idle,accept -time 3s
//
// Each server runs in a process of its own (the same binary, started with
// -serve), and every client lives in the measuring process.
package main
