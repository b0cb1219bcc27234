// Package bridge keeps the connections to other people's MQTT brokers that groups
// asked for.
//
// A [Book] holds the subscriptions of one agent's groups. Each has a connection of
// its own, which is made again when it is lost and after a restart of the program,
// for as long as its group has the permission bridge. What arrives is told to the
// group that has subscribed, as the notification mqtt; what the group may hear of
// the agent can be published to the topic, and commands that arrive there can be
// run.
//
// # What goes round in circles
//
// A topic that is heard and published to could feed itself, alone or by way of
// another subscription or another program. So a subscription does not hear what it
// published itself; what the book published is never a command; and a notification
// mqtt that tells of a notification mqtt is told to the group, but not published.
package bridge
