// Package broker is a client of other people's MQTT brokers.
//
// A [Client] stays connected: it connects again when the connection is lost, with
// growing pauses, and keeps what is to be published meanwhile in a bounded queue.
// [Publish] connects for one message alone.
//
// # Versions
//
// The protocol is MQTT 5.0. To a broker that refuses it the client speaks MQTT
// 3.1.1: the packets are translated on their way (see wire), so that everything
// above is the same for both. What 3.1.1 cannot say is lost on the way: reasons
// of refused messages, the response topic, No Local.
//
// # What is promised
//
// A message of quality of service 1 or 2 is sent again until the broker has
// acknowledged it, in the order in which it was handed in, across connections;
// one of 2 arrives once if the broker keeps its session. What the broker sends is
// acknowledged when it has been received by [Config.Receive]. A message that does
// not fit into the queue pushes out the oldest one. Nothing of this is kept when
// the program ends, but the broker keeps what it has for the client for a day.
package broker
