package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rookery/internal/command"
	"rookery/internal/command/catalog"
	"rookery/internal/nearest"
)

func newCommandsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "commands [NAME]",
		Short: "list what scripts may ask for, or explain one command",
		Long: `Lists the commands that scripts may give to an agent, or explains one of them:
permission, parameters, data, errors and related commands. Nothing is connected
to: these are the commands of this version.

What an agent and a group allow is answered by the agent itself, see the
commands listcommands and getcommand.`,
		Example: `  rookery commands
  rookery commands tell`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, c := range catalog.New().All() {
				names = append(names, c.Name+"\t"+c.Summary)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			registry := catalog.New()
			if len(args) == 0 {
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				for _, c := range registry.All() {
					fmt.Fprintf(w, "%s\t%s\n", c.Name, c.Summary)
				}
				return w.Flush()
			}
			c, ok := registry.Lookup(args[0])
			if !ok {
				return withCode(exitUsage, unknownCommand(registry, args[0]))
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), registry.Help(c))
			return err
		},
	}
}

// unknownCommand says which commands have the text in their name, or which one
// is nearest.
func unknownCommand(registry *command.Registry, name string) error {
	var near, names []string
	for _, c := range registry.All() {
		names = append(names, c.Name)
		if name != "" && strings.Contains(c.Name, strings.ToLower(name)) {
			near = append(near, c.Name)
		}
	}
	if best := nearest.Name(name, names); best != "" && !slices.Contains(near, best) {
		near = append(near, best)
	}
	if len(near) > 0 {
		return fmt.Errorf("there is no command %q: did you mean %s?", name, strings.Join(near, ", "))
	}
	return fmt.Errorf("there is no command %q; 'rookery commands' lists them all", name)
}
