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

// tail is one run of the command tail.
type tail struct {
	flags *clientFlags
	out   io.Writer
	raw   bool
	// left is how many notifications are still to be printed; below 0 there is
	// no end.
	left int

	types, data  []string
	subscription string
	from         uint64 // 0 where the subscription says
}

func newTailCmd() *cobra.Command {
	var flags clientFlags
	var t tail
	var count int
	cmd := &cobra.Command{
		Use:   "tail [flags] --type NAME[,NAME]...",
		Short: "print notifications as they come",
		Long: `Asks a TCP door for notifications and prints each as it comes: the time, the
notification's name and its keys. It ends when the door does (exit code 1), on
a signal, or after --count notifications.

With --subscription the door keeps notifications while nobody is connected, and
tail connects again when the connection breaks: it goes on behind the last
notification that it printed. --from says where it begins.`,
		Example: `  rookery tail --group 'My Group' --ca cert.pem --type local,message
  rookery tail --insecure --type local --raw
  rookery tail --insecure --type local,message --subscription inbox --from 42`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := flags.credentials(); err != nil {
				return err
			}
			if t.from > 0 && t.subscription == "" {
				return withCode(exitUsage, errors.New("--from belongs to a --subscription"))
			}
			t.flags, t.out, t.left = &flags, cmd.OutOrStdout(), count
			if count == 0 {
				t.left = -1
			}
			return t.run(cmd.Context(), cmd.ErrOrStderr())
		},
	}
	flags.register(cmd)
	cmd.Flags().StringSliceVar(&t.types, "type", []string{"local"}, "notifications to ask for, by `name`")
	cmd.Flags().StringSliceVar(&t.data, "data", nil, "raw `fields` to be told in place of the usual keys")
	cmd.Flags().StringVar(&t.subscription, "subscription", "", "`name` of a durable subscription")
	cmd.Flags().Uint64Var(&t.from, "from", 0, "`sequence` that a durable subscription begins with; 0: behind what was sent before")
	cmd.Flags().BoolVar(&t.raw, "raw", false, "print lines as received")
	cmd.Flags().IntVar(&count, "count", 0, "end after this many notifications; 0 never")
	return cmd
}

// The pauses before a durable subscription is connected to again.
const (
	shortestPause = 500 * time.Millisecond
	longestPause  = 30 * time.Second
)

// run listens once, or again and again to a durable subscription.
func (t *tail) run(ctx context.Context, errOut io.Writer) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		before := t.from
		err := t.listen(ctx)
		var refused *refusedError
		if err == nil || t.subscription == "" || errors.As(err, &refused) {
			return err
		}
		if t.from > before {
			pause = shortestPause
		}
		fmt.Fprintf(errOut, "%v; again in %v\n", err, pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// listen prints notifications until the connection ends.
func (t *tail) listen(ctx context.Context) error {
	c, err := t.flags.dial(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer c.closeWith(ctx)()
	if err := c.subscribe(t); err != nil {
		return withCode(exitConnect, fmt.Errorf("%s: %w", t.flags.addr, err))
	}
	for ; t.left != 0; t.left-- {
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
		if err := t.print(line); err != nil {
			return withCode(exitFailed, err)
		}
	}
	return nil
}

// print prints a notification and notes its sequence.
func (t *tail) print(line string) error {
	pairs, err := script.DecodeLine(line, script.DefaultFilters())
	if err != nil && !t.raw {
		return fmt.Errorf("line %q: %w", line, err)
	}
	if t.raw {
		_, err = fmt.Fprintln(t.out, line)
	} else {
		_, err = fmt.Fprintln(t.out, readable(time.Now(), pairs))
	}
	if sequence, ok := pairs.Lookup("sequence"); ok && t.subscription != "" {
		if n, err := strconv.ParseUint(sequence, 10, 64); err == nil {
			t.from = n + 1
		}
	}
	return err
}

// refusedError is the answer to a handshake that the door did not let in: to
// ask again would not help.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return "refused: " + e.text }

// subscribe performs the handshake.
func (c *client) subscribe(t *tail) error {
	var hello script.Pairs
	hello.Add("group", t.flags.group)
	hello.Add("password", t.flags.password)
	hello.Add("type", script.FormatCSV(t.types))
	if len(t.data) > 0 {
		hello.Add("data", script.FormatCSV(t.data))
	}
	if t.subscription != "" {
		hello.Add("subscription", t.subscription)
	}
	if t.from > 0 {
		hello.Add("from", strconv.FormatUint(t.from, 10))
	}
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
		line = fmt.Sprintf("%s (status %s)", text, answer.Get("status"))
	}
	return &refusedError{line}
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
