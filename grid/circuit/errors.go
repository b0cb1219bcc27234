package circuit

import "errors"

var (
	// ErrClosed says that this end closed the circuit or its endpoint.
	ErrClosed = errors.New("circuit closed")
	// ErrClosedByPeer says that the peer sent CloseCircuit.
	ErrClosedByPeer = errors.New("circuit closed by the peer")
	// ErrTimeout says that the peer was silent for Options.Timeout.
	ErrTimeout = errors.New("circuit timed out: nothing heard from the peer")
	// ErrGivenUp says that a reliable message was never acknowledged.
	ErrGivenUp = errors.New("message given up: never acknowledged")
	// ErrQueueFull says that too many messages wait to be sent.
	ErrQueueFull = errors.New("send queue full")
	// ErrTooLarge says that a message does not fit a UDP datagram.
	ErrTooLarge = errors.New("message does not fit a datagram")
	// ErrExists says that the endpoint already has a circuit to the address.
	ErrExists = errors.New("there already is a circuit to that address")
)
