package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rookery/grid"
	"rookery/internal/access"
	"rookery/internal/config"
)

// defaultConfig is the configuration file where none is named.
const defaultConfig = "rookery.toml"

func newConfigCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "write and check configuration files",
		Long: `Writes and checks configuration files.

  rookery config init rookery.toml   writes a commented file that runs as it stands
  rookery config check               tells what is wrong with it, where, and what is allowed
  rookery config hash-password       turns a password into a hash to put into it
  rookery config import Corrade.ini  turns a configuration of Corrade into one of Rookery`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newConfigInitCmd(), newConfigCheckCmd(), newHashPasswordCmd(), newConfigImportCmd())
	return cmd
}

func newConfigInitCmd() *cobra.Command {
	var group, id string
	var fromStdin, force bool
	cmd := &cobra.Command{
		Use:   "init [flags] [FILE]",
		Short: "write a commented configuration that runs as it stands",
		Long: `Writes a configuration with every setting, its default and what it means, to
FILE or to standard output. It runs as it stands: one agent in the embedded grid
and one group.

The group gets a random password, which is shown once on standard error; the
file holds its hash. With --password-stdin the password is the first line of
standard input.`,
		Example: `  rookery config init rookery.toml
  rookery config init --group 'My Group' --password-stdin rookery.toml < password.txt
  rookery config init | less`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			options := config.InitOptions{GroupName: group}
			if strings.TrimSpace(group) == "" {
				return withCode(exitUsage, errors.New("--group: want a name"))
			}
			if id != "" {
				parsed, err := grid.ParseUUID(id)
				if err != nil || parsed == uuid.Nil {
					return withCode(exitUsage, fmt.Errorf("--uuid %q: want a UUID such as 01234567-89ab-cdef-0123-456789abcdef", id))
				}
				options.GroupID = parsed
			}
			password := rand.Text()
			if fromStdin {
				var err error
				if password, err = readPassword(cmd.InOrStdin()); err != nil {
					return withCode(exitUsage, err)
				}
			}
			options.Password = access.HashPassword(password)
			text := config.Init(options)
			if len(args) == 0 {
				fmt.Fprint(cmd.OutOrStdout(), text)
			} else if err := writeNew(args[0], text, 0o600, force); err != nil {
				return withCode(exitUsage, err)
			}
			if !fromStdin {
				fmt.Fprintf(cmd.ErrOrStderr(), "The password of the group %q is %s\nIt is not shown again.\n", group, password)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&group, "group", "My Group", "`name` of the group")
	cmd.Flags().StringVar(&id, "uuid", "", "`UUID` of the group on the grid; otherwise a random one")
	cmd.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the group's password from standard input")
	cmd.Flags().BoolVarP(&force, "force", "f", false, "overwrite FILE")
	return cmd
}

func newConfigCheckCmd() *cobra.Command {
	var path string
	var strict, show bool
	cmd := &cobra.Command{
		Use:   "check [flags] [FILE]",
		Short: "tell what is wrong with a configuration, where, and what is allowed",
		Long: `Checks a configuration (rookery.toml where none is named) together with the
ROOKERY_… environment variables that override it. Every problem is printed as

  FILE:LINE:COLUMN: SETTING: what is wrong and what is allowed

Ends with 0 when the configuration can be used, warnings or not, else with 2.`,
		Example: `  rookery config check
  rookery config check --show /etc/rookery/rookery.toml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				path = args[0]
			}
			problems, err := config.Check(path)
			if err != nil {
				return withCode(exitUsage, err)
			}
			out := cmd.OutOrStdout()
			for _, p := range problems {
				fmt.Fprintln(out, p)
			}
			if problems.Err() != nil || strict && len(problems) > 0 {
				return &codedError{exitUsage, errors.New("")}
			}
			if show {
				cfg, err := config.Load(path)
				if err != nil {
					return withCode(exitUsage, err)
				}
				fmt.Fprint(out, cfg)
				return nil
			}
			if len(problems) == 0 {
				fmt.Fprintf(out, "%s: no problems\n", path)
			}
			return nil
		},
	}
	cmd.Flags().StringVarP(&path, "config", "c", defaultConfig, "configuration `file`, in place of FILE")
	cmd.Flags().BoolVar(&strict, "strict", false, "count warnings as problems")
	cmd.Flags().BoolVar(&show, "show", false, "print the settings that result, secrets masked")
	_ = cmd.MarkFlagFilename("config", "toml")
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"toml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return cmd
}

func newHashPasswordCmd() *cobra.Command {
	var sha1 bool
	cmd := &cobra.Command{
		Use:   "hash-password",
		Short: "turn a password into a hash for the configuration",
		Long: `Reads a password, unseen from the terminal or else the first line of standard
input, and prints its argon2id hash: what to put as password of a group, in
quotes. Scripts go on giving the password itself.

--sha1 prints the form that Corrade stores, which is much easier to guess back;
it is of use only where a configuration is shared with it.`,
		Example: `  rookery config hash-password
  printf %s "$PASSWORD" | rookery config hash-password`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			password, err := askPassword(cmd.InOrStdin(), cmd.ErrOrStderr())
			if err != nil {
				return withCode(exitUsage, err)
			}
			hash := access.HashPassword
			if sha1 {
				hash = access.HashSHA1
			}
			fmt.Fprintln(cmd.OutOrStdout(), hash(password))
			return nil
		},
	}
	cmd.Flags().BoolVar(&sha1, "sha1", false, "print Corrade's form, SHA-1 in hex")
	return cmd
}

func newConfigImportCmd() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "import [flags] CORRADE_FILE [FILE]",
		Short: "turn a configuration of Corrade into one of Rookery",
		Long: `Reads Corrade.ini (release 9) or Configuration.xml (release 11 and later) and
writes a configuration to FILE or to standard output: the avatar, groups with
rights and notifications, masters, filters, start locations, the TCP server and
timeouts. Hashed passwords keep working.

What could not be carried over is listed on standard error, line by line, and
then what is left to do.`,
		Example: `  rookery config import Corrade.ini rookery.toml
  rookery config import Configuration.xml > rookery.toml`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			document, err := os.ReadFile(args[0])
			if err != nil {
				return withCode(exitUsage, err)
			}
			text, notes, err := config.Import(document)
			if err != nil {
				return withCode(exitUsage, fmt.Errorf("%s: %w", args[0], err))
			}
			name := "standard output"
			if len(args) == 1 {
				fmt.Fprint(cmd.OutOrStdout(), text)
			} else {
				name = args[1]
				if err := writeNew(name, text, 0o600, force); err != nil {
					return withCode(exitUsage, err)
				}
			}
			diag := cmd.ErrOrStderr()
			for _, n := range notes {
				fmt.Fprintf(diag, "%s:%d: not carried over: %s: %s\n", args[0], n.Line, n.Setting, n.Text)
			}
			_, problems := config.Parse(name, []byte(text), nil)
			for _, p := range problems {
				fmt.Fprintln(diag, p)
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&force, "force", "f", false, "overwrite FILE")
	return cmd
}

var errPasswordsDiffer = errors.New("the two passwords differ")

// askPassword reads a password: twice and unseen from a terminal, else as
// [readPassword] does.
func askPassword(in io.Reader, prompt io.Writer) (string, error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return readPassword(in)
	}
	var entered [2]string
	for i, text := range []string{"Password: ", "Again: "} {
		fmt.Fprint(prompt, text)
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(prompt)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		entered[i] = string(b)
	}
	switch {
	case entered[0] == "":
		return "", errNoPassword
	case entered[0] != entered[1]:
		return "", errPasswordsDiffer
	}
	return entered[0], nil
}

var errNoPassword = errors.New("the password is empty")

// readPassword reads the first line.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errNoPassword
	}
	return line, nil
}

// writeNew writes a file that must not be there yet, unless force.
func writeNew(path, text string, mode fs.FileMode, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		// The old one may be readable by others.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(path, flags, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: give --force to overwrite it", path)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}
