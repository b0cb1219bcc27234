// Package notify tells scripts what happens to an agent.
//
// Every notification stands in a file of its own that makes key-value pairs of
// the agent's events; kinds lists them. A [Notifier] takes the events of one
// agent, makes the pairs of each notification once, encodes them once, and
// hands the text to the bus, which shares it between all who hear it.
//
// # Keys
//
// Keys without a value are left out. The name of the notification follows the
// keys of the event, twice: as type and as notification, for scripts of either
// age.
//
// # Commands spoken to the agent
//
// What an object owned by the agent says to it, or sends to it, may be a
// command with a group's password in it. Such texts are no notifications:
// other groups would read the password.
//
// # What groups add of their own
//
// Every group hears the same text. Keys that a group adds (afterburn) or raw
// fields that it asks for instead of the keys (data) belong into
// [Notifier.tell], the one place where pairs become text: it publishes one
// text for everybody, and would publish one for each group that differs.
package notify
