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
// What an object says to the agent alone, or sends to it, may be a command with
// a group's password in it. Such texts are no notifications, because other
// groups would read the password; they are handed to [Options.Heard] instead.
//
// # What comes by another way
//
// What no event of the agent made, such as a message of a broker, is told by
// [Options.Tell], and may be for one group alone.
//
// # What groups add of their own
//
// Everybody hears the same text, but for the URLs that groups registered:
// those may hear further keys (afterburn), or raw fields of the event in place
// of the keys (data). Package webhook makes those texts, of the pairs and the
// fields that [Options.Told] hands on.
package notify
