// Package circuit carries grid messages over UDP: sequence numbers,
// acknowledgements, resends, duplicate suppression, pings, throttles and
// timeouts, the same at both ends.
package circuit
