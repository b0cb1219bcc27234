// Package message is the codec of the grid's UDP messages: one Go struct per
// message of the template, the packet header, and zero-coding.
package message

// Message is one decoded message of the template. Every generated struct
// implements it with a pointer receiver.
type Message interface {
	// Info tells the message's name, number and flags.
	Info() *Info
	// AppendTo appends the number and the body, not zero-coded, to b.
	// It errs when a field is longer than its length prefix can say or a
	// block repeats more than 255 times.
	AppendTo(b []byte) ([]byte, error)
	// Decode fills the struct from a body (without the number), reusing the
	// slices that the struct already has. It keeps no reference to b. A body
	// that ends early is an error; what follows the last block is ignored.
	Decode(b []byte) error
}
