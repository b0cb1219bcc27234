// Command rookery logs scripted agents into Second Life and OpenSimulator
// grids and lets scripts command them and hear from them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes, as `rookery --help` documents them.
const (
	exitOK      = 0
	exitFailed  = 1 // the work was done and its answer is no: success=False, a daemon that ended in an error
	exitUsage   = 2 // a wrong flag, argument or configuration
	exitConnect = 3 // the other end could not be reached or refused the group and password
)

// codedError carries the exit code an error ends the process with.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string { return e.err.Error() }
func (e *codedError) Unwrap() error { return e.err }

func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return &codedError{code, err}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCmd()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var coded *codedError
	if errors.As(err, &coded) {
		if text := err.Error(); text != "" {
			fmt.Fprintln(stderr, "rookery:", text)
		}
		return coded.code
	}
	// What cobra itself refuses: unknown commands, flags and arguments.
	fmt.Fprintln(stderr, "rookery:", err)
	fmt.Fprintf(stderr, "Run '%s --help' for what there is.\n", cmd.CommandPath())
	return exitUsage
}

func newRootCmd() *cobra.Command {
	root := &cobra.Command{
		Use:   "rookery",
		Short: "scripted agents for Second Life and OpenSimulator",
		Long: `Rookery logs scripted agents into Second Life and OpenSimulator grids and lets
scripts command them and hear from them, over TCP/TLS one line at a time.

  rookery demo                     a grid in a box, an agent in it, the TCP door open
  rookery config init              writes a commented configuration file
  rookery run --config FILE        logs the configured agents in and serves
  rookery exec command=version     sends one command and prints the answer
  rookery tail --type local        prints notifications as they come
  rookery commands tell            explains a command

Exit codes: 0 success; 1 the answer was no (success=False, a login that failed
for good); 2 wrong usage or configuration; 3 the server could not be reached or
refused the group and password.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(newDemoCmd(), newRunCmd(), newExecCmd(), newTailCmd(), newCommandsCmd(), newConfigCmd(), newCertCmd(), newVersionCmd())
	return root
}
