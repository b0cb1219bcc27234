// Package circuit carries grid messages over UDP: sequence numbers,
// acknowledgements, resends, duplicate suppression, pings, throttles and
// timeouts, the same at both ends.
//
// An Endpoint is one UDP socket and the circuits that share it, one per remote
// address. It dials circuits as an agent does and accepts them as a simulator
// does. PacketAck, StartPingCheck, CompletePingCheck and CloseCircuit are the
// circuit's own affair; every other message goes to the circuit's Handler.
//
// Nothing in here waits for a handler or for a slow peer. Each queue is bounded:
//
//   - Messages waiting for the handler (Options.ReceiveQueue): when full, an
//     unreliable message is dropped; a reliable one is neither taken nor
//     acknowledged, so the peer sends it again.
//   - Packets waiting for the throttle or for room in the window of
//     unacknowledged packets (Options.SendQueue, per category): when full, the
//     new message is refused with ErrQueueFull.
//   - Acknowledgements waiting to go out: flushed after Options.AckDelay, with
//     the next packet that has room, or when 32 wait.
package circuit
