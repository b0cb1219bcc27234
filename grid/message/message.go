// Package message is the codec of the grid's UDP messages: one Go struct per
// message of the template, the packet header, and zero-coding.
//
// The struct of a message has one field per block: a struct for a block that
// occurs once, a slice for a counted block, an array for a fixed repetition.
// The type of a block is named after message and block, ChatFromViewerChatData
// for example. A block called Info is the field InfoBlock, because Info is a
// method.
package message

//go:generate go run ./internal/msggen/cmd

import (
	"bytes"
	"fmt"
	"strings"
)

// Message is one decoded message of the template. Every generated struct
// implements it with a pointer receiver.
type Message interface {
	// Info tells the message's name, number and flags.
	Info() *Info
	// AppendTo appends the number and the body, not zero-coded, to b. When a
	// field is longer than its length prefix can say or a block repeats more
	// than 255 times it returns b as it was and a *RangeError.
	AppendTo(b []byte) ([]byte, error)
	// Decode fills the struct from a body (without the number), reusing the
	// slices that the struct already has. It keeps no reference to body. A
	// body that ends early is a *TruncatedError and leaves the struct
	// undefined; counted blocks missing at the end count as empty, and what
	// follows the last block is ignored, both as viewers do.
	Decode(body []byte) error
}

// codec is what the generated types implement beyond Message.
type codec interface {
	Message
	decode(*reader)
}

// A RangeError says that a message does not fit its own wire format.
type RangeError struct {
	Message string
	Field   string // Block.Field, or Block when that repeats too often
	Len     int    // bytes or repetitions it has
	Max     int    // and may have
}

func (e *RangeError) Error() string {
	if strings.Contains(e.Field, ".") {
		return fmt.Sprintf("%s: %s is %d bytes long, at most %d fit", e.Message, e.Field, e.Len, e.Max)
	}
	return fmt.Sprintf("%s: block %s repeats %d times, at most %d fit", e.Message, e.Field, e.Len, e.Max)
}

// A TruncatedError says that a body ended before its last field.
type TruncatedError struct{ Message string }

func (e *TruncatedError) Error() string { return e.Message + ": body ends early" }

// An UnknownError says that the template has no message of that number.
type UnknownError struct{ ID ID }

func (e *UnknownError) Error() string { return fmt.Sprintf("no message has the number %v", e.ID) }

// New returns an empty message of the given number.
func New(id ID) (Message, bool) {
	info := Lookup(id)
	if info == nil {
		return nil, false
	}
	return info.make(), true
}

// Decode decodes a number and the body behind it, not zero-coded, into a new
// message. The message keeps no reference to b. Errors are ErrShort,
// *UnknownError or *TruncatedError.
func Decode(b []byte) (Message, error) {
	id, body, err := ParseID(b)
	if err != nil {
		return nil, err
	}
	info := Lookup(id)
	if info == nil {
		return nil, &UnknownError{id}
	}
	m := info.make()
	// One copy of the body serves all byte fields.
	r := reader{b: bytes.Clone(body), alias: true}
	m.decode(&r)
	if r.short {
		return nil, &TruncatedError{info.Name}
	}
	return m, nil
}

// String returns the text of a variable field: what stands before the first
// NUL, with invalid UTF-8 replaced by U+FFFD.
func String(b []byte) string {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// Bytes returns the content of a variable field that carries text: the text
// and a final NUL.
func Bytes(s string) []byte {
	b := make([]byte, len(s)+1)
	copy(b, s)
	return b
}
