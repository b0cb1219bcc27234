// Package region has the commands about regions as a whole.
package region

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command { return []command.Command{GetRegionData()} }
