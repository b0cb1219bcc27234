//go:build !race

package tcpserver

const raceEnabled = false
