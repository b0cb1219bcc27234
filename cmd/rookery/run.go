package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"rookery/internal/config"
	"rookery/internal/daemon"
)

func newRunCmd() *cobra.Command {
	var path, readyFile string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "log the configured agents in and serve",
		Long: `Logs the configured agents into their grids, opens the doors and serves until
SIGINT or SIGTERM; then it lets clients have what waits for them and logs the
agents out. An agent that the grid drops is logged in again, with growing
pauses.

A changed file is read again, and so it is after SIGHUP: groups, masters, filters,
the log's level and timeouts change at once, and the log says what needs a
restart. A file with mistakes changes nothing.

Settings come from the file and from ROOKERY_… environment variables; see
'rookery config init' for all of them.`,
		Example: `  rookery config init > rookery.toml
  rookery run --config rookery.toml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(path)
			if err != nil {
				return withCode(exitUsage, err)
			}
			log, level := newLogger(cmd.ErrOrStderr(), cfg.Log)
			reload := make(chan os.Signal, 1)
			signal.Notify(reload, syscall.SIGHUP)
			defer signal.Stop(reload)
			options := daemon.Options{Version: versionText(), Log: log, Level: level, Reload: reload}
			return serve(cmd.Context(), cfg, options, readyFile, func(a daemon.Addresses) {
				log.Info("ready", "tcp", a.TCP, "sha256", a.Fingerprint)
			})
		},
	}
	cmd.Flags().StringVarP(&path, "config", "c", "rookery.toml", "configuration `file`")
	cmd.Flags().StringVar(&readyFile, "ready-file", "", "write the addresses to this `file`, as JSON, once the agents are in the grid")
	_ = cmd.MarkFlagFilename("config", "toml")
	return cmd
}
