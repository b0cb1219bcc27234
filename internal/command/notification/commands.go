// Package notification has the commands about what groups are told.
package notification

import "rookery/internal/command"

// Commands lists the commands of this topic.
func Commands() []command.Command { return []command.Command{Feed(), Notify(), Subscription()} }
