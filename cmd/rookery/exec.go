package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"rookery/script"
)

// answerKey is the afterburn key that finds the answer among whatever else the door sends.
const answerKey = "_rookery_exec"

func newExecCmd() *cobra.Command {
	var flags clientFlags
	var wait time.Duration
	var raw bool
	cmd := &cobra.Command{
		Use:   "exec [flags] command=NAME [KEY=VALUE]...",
		Short: "send one command and print the answer",
		Long: `Sends one command through a TCP door and prints its answer, one key a line.
Values are given as they are meant; exec does the escaping. A lone word is
taken for the command's name, so 'rookery exec version' works too.

Ends with 0 only when the answer says success=True.`,
		Example: `  rookery exec --group 'My Group' --ca cert.pem command=tell entity=local message='hello there'
  ROOKERY_GROUP='My Group' ROOKERY_PASSWORD=mypassword rookery exec --insecure command=getselfdata data=Name,Position`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.credentials(); err != nil {
				return err
			}
			pairs, err := commandPairs(args)
			if err != nil {
				return withCode(exitUsage, err)
			}
			return execCommand(cmd.Context(), cmd.OutOrStdout(), &flags, pairs, wait, raw)
		},
	}
	flags.register(cmd)
	cmd.Flags().DurationVar(&wait, "timeout", 70*time.Second, "how long to wait for the answer")
	cmd.Flags().BoolVar(&raw, "raw", false, "print the answer as received")
	return cmd
}

// commandPairs reads KEY=VALUE arguments; the value may hold further '='.
func commandPairs(args []string) (script.Pairs, error) {
	var pairs script.Pairs
	for i, arg := range args {
		key, value, found := strings.Cut(arg, "=")
		switch {
		case !found && i == 0:
			key, value = "command", arg
		case !found || key == "":
			return nil, fmt.Errorf("argument %d, %q: want KEY=VALUE", i+1, arg)
		}
		if pairs.Has(key) {
			return nil, fmt.Errorf("argument %d: %s is given twice", i+1, key)
		}
		pairs.Add(key, value)
	}
	if name, _ := pairs.Lookup("command"); name == "" {
		return nil, errors.New("no command: give command=NAME")
	}
	return pairs, nil
}

func execCommand(ctx context.Context, out io.Writer, flags *clientFlags, pairs script.Pairs, wait time.Duration, raw bool) error {
	c, err := flags.dial(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	defer c.closeWith(ctx)()

	if !pairs.Has("group") {
		pairs.Add("group", flags.group)
	}
	if !pairs.Has("password") {
		pairs.Add("password", flags.password)
	}
	mark := uuid.NewString()
	pairs.Add(answerKey, mark)
	if err := c.send(pairs); err != nil {
		return withCode(exitConnect, fmt.Errorf("send to %s: %w", flags.addr, err))
	}
	line, answer, err := c.answer(mark)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("no answer within %s", wait)
		}
		return withCode(exitConnect, fmt.Errorf("%s: %w", flags.addr, err))
	}
	if raw {
		fmt.Fprintln(out, line)
	} else {
		printAnswer(out, answer)
	}
	if ok, _ := answer.Lookup("success"); ok != "True" {
		return &codedError{exitFailed, errors.New("")}
	}
	return nil
}

// answer reads until the line that carries mark, or that refuses the connection.
func (c *client) answer(mark string) (string, script.Pairs, error) {
	for {
		line, err := c.receive()
		if errors.Is(err, io.EOF) {
			return "", nil, errors.New("the door closed the connection without an answer")
		}
		if err != nil {
			return "", nil, err
		}
		pairs, err := script.DecodeLine(line, script.DefaultFilters())
		if err != nil {
			return "", nil, fmt.Errorf("answer %q: %w", line, err)
		}
		if pairs.Get(answerKey) == mark {
			return line, pairs, nil
		}
		if pairs.Get("success") == "False" && !pairs.Has("command") {
			return line, pairs, nil
		}
	}
}

// printAnswer prints one key a line; values with line breaks are quoted.
func printAnswer(out io.Writer, pairs script.Pairs) {
	for _, p := range pairs {
		if p.Key == answerKey {
			continue
		}
		value := p.Value
		if strings.ContainsAny(value, "\r\n") {
			value = strconv.Quote(value)
		}
		fmt.Fprintf(out, "%s=%s\n", p.Key, value)
	}
}
