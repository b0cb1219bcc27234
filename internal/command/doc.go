// Package command is what scripts may ask of an agent: the commands, who may
// give them, and how one is run.
//
// # A command is a value
//
// [Command] holds the name, the permission, the typed parameters, the shape of
// the result, the errors and one function that does the work. Help, the lists
// that scripts read, shell completion and the reference in docs/commands.md are
// all derived from it.
//
// Every command stands in a file of its own, in the folder of its topic:
// movement/walkto.go holds WalkTo, which returns the value. The topic's
// commands.go lists them, and package catalog lists the topics. A file reads:
// declare the parameters, declare the command, run it.
//
//	func Nudge() command.Command {
//		direction := param.OneOf("direction", "where to", script.ErrUnknownDirection, "back", "forward")
//		return command.Command{
//			Name:       "nudge",
//			Permission: rights.Movement,
//			Summary:    "Gives the agent one small push.",
//			Params:     []command.Parameter{direction},
//			Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
//				where, err := direction.Of(c)
//				if err != nil {
//					return command.Data{}, err
//				}
//				…
//			},
//		}
//	}
//
// A parameter is read by its type (package param) when Run asks for it, so the
// order of the calls is the order of the checks. No command takes a value
// apart by hand.
//
// # How one is run
//
// The [Dispatcher] authenticates the group, masks the password, writes the
// audit log, counts the group's workers, checks rights, runs the command,
// catches its panic, and writes the answer: group, command, data, error,
// status, success, time, then every pair that is not a name scripts know
// (afterburn).
package command
