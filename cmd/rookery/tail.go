package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rookery/script"
)

func newTailCmd() *cobra.Command {
	var flags clientFlags
	var types []string
	var raw bool
	var count int
	cmd := &cobra.Command{
		Use:   "tail [flags] --type NAME[,NAME]...",
		Short: "print notifications as they come",
		Long: `Asks a TCP door for notifications and prints each as it comes: the time, the
notification's name and its keys. It ends when the door does (exit code 1), on
a signal, or after --count notifications.`,
		Example: `  rookery tail --group 'My Group' --ca cert.pem --type local,message
  rookery tail --insecure --type local --raw`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.credentials(); err != nil {
				return err
			}
			return tailNotifications(cmd.Context(), cmd.OutOrStdout(), &flags, types, raw, count)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringSliceVar(&types, "type", []string{"local"}, "notifications to ask for, by `name`")
	cmd.Flags().BoolVar(&raw, "raw", false, "print lines as received")
	cmd.Flags().IntVar(&count, "count", 0, "end after this many notifications; 0 never")
	return cmd
}

func tailNotifications(ctx context.Context, out io.Writer, flags *clientFlags, types []string, raw bool, count int) error {
	c, err := flags.dial(ctx)
	if err != nil {
		return err
	}
	defer c.closeWith(ctx)()
	if err := c.subscribe(flags, types); err != nil {
		return withCode(exitConnect, fmt.Errorf("%s: %w", flags.addr, err))
	}
	for n := 0; count == 0 || n < count; n++ {
		line, err := c.receive()
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return withCode(exitFailed, errors.New("the door closed the connection"))
		}
		if err != nil {
			return withCode(exitFailed, err)
		}
		if raw {
			fmt.Fprintln(out, line)
			continue
		}
		pairs, err := script.DecodeLine(line, script.DefaultFilters())
		if err != nil {
			return withCode(exitFailed, fmt.Errorf("line %q: %w", line, err))
		}
		fmt.Fprintln(out, readable(time.Now(), pairs))
	}
	return nil
}

// subscribe performs the handshake.
func (c *client) subscribe(flags *clientFlags, types []string) error {
	var hello script.Pairs
	hello.Add("group", flags.group)
	hello.Add("password", flags.password)
	hello.Add("type", script.FormatCSV(types))
	if err := c.send(hello); err != nil {
		return err
	}
	line, err := c.receive()
	if err != nil {
		return fmt.Errorf("no answer to the handshake: %w", err)
	}
	answer, err := script.DecodeLine(line, script.DefaultFilters())
	if err != nil {
		return fmt.Errorf("answer %q: %w", line, err)
	}
	if answer.Get("success") == "True" {
		return nil
	}
	if text := answer.Get("error"); text != "" {
		return fmt.Errorf("refused: %s (status %s)", text, answer.Get("status"))
	}
	return fmt.Errorf("refused: %s", line)
}

// readable renders one notification for people: who first, then what, then the rest.
func readable(at time.Time, pairs script.Pairs) string {
	var b strings.Builder
	b.WriteString(at.Format("15:04:05 "))
	fmt.Fprintf(&b, "%-10s", pairs.Get("type"))
	who := strings.TrimSpace(pairs.Get("firstname") + " " + pairs.Get("lastname"))
	if who == "" {
		who = pairs.Get("name")
	}
	if who != "" {
		fmt.Fprintf(&b, " %s:", who)
	}
	if message, ok := pairs.Lookup("message"); ok {
		b.WriteString(" " + oneLine(message))
	}
	for _, p := range pairs {
		switch p.Key {
		case "type", "notification", "firstname", "lastname", "message":
			continue
		}
		fmt.Fprintf(&b, " %s=%s", p.Key, oneLine(p.Value))
	}
	return b.String()
}

// oneLine keeps control characters from the terminal.
func oneLine(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return strconv.Quote(s)
		}
	}
	return s
}
