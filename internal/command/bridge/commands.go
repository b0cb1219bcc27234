// Package bridge has the commands that reach other people's servers.
package bridge

import "rookery/internal/command"

// Commands lists the commands of this topic.
func Commands() []command.Command { return []command.Command{HTTP(), MQTT()} }
