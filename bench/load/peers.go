package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// serve is a peer, as plain as Go can: it tells its address and answers.
func serve(kind string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	switch kind {
	case "http":
		return http.Serve(l, http.HandlerFunc(answer))
	case "echo":
		return echo(l)
	}
	return fmt.Errorf("there is no peer %q", kind)
}

// answer reads a body and sends it back.
func answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	_, _ = w.Write(body)
}

// echo sends each line back.
func echo(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			in := bufio.NewReader(c)
			for {
				line, err := in.ReadSlice('\n')
				if err != nil {
					return
				}
				if _, err := c.Write(line); err != nil {
					return
				}
			}
		}()
	}
}
