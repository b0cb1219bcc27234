// Package gateway holds what every door shares: who hears which notification,
// and the way of a command from a door over the bus and back.
//
// A door is a package below this one. It speaks one transport and leaves
// authentication, dispatch and encoding to what stands here.
package gateway
