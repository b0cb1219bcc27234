// Package system has the commands about the agent's program itself.
package system

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{
		AddConfigurationGroup(), Cache(), Configuration(), Execute(), Filter(), GetCommand(), GetConfigurationData(), GetHeartbeatData(),
		GetNetworkData(), GetStatus(), ListCommands(), Login(), Logout(), RemoveConfigurationGroup(), SetConfigurationData(),
		Version(),
	}
}
