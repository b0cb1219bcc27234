package tcp_test

import (
	"fmt"
	"io"
	"testing"

	"rookery/internal/gateway/tcp"
)

func TestClientsThatDoNotWaitForAnswersGetThemAll(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	const clients, commands = 16, 1000
	done := make(chan error, clients)
	for range clients {
		c := h.call()
		go func() {
			for n := range commands {
				if _, err := io.WriteString(c.conn, fmt.Sprintf("command=echo&group=G&password=p&_id=%d\n", n)); err != nil {
					return
				}
			}
		}()
		go func() {
			for n := range commands {
				if _, err := c.in.ReadSlice('\n'); err != nil {
					done <- fmt.Errorf("after %d answers: %w", n, err)
					return
				}
			}
			done <- nil
		}()
	}
	for range clients {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
