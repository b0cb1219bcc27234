// Package tcpserver is an event-driven server for line, record and byte-stream
// protocols over TCP and TLS.
//
//	srv := &tcpserver.Server{
//		LocalHost:             "127.0.0.1",
//		LocalPort:             4000,
//		DefaultSingleLineMode: true,
//		Events: tcpserver.Events{
//			DataIn: func(c *tcpserver.Conn, line []byte, eol bool) {
//				c.SendLine("you said " + string(line))
//			},
//		},
//	}
//	err := srv.StartListening()
//
// The exported fields of Server are its properties; the zero value of each is
// its documented default. Clients arrive as *Conn values. For one connection
// events come in order and never at the same time; different connections run
// in parallel. An idle connection holds no buffer, a slow reader slows nobody
// else, and Server.Broadcast sends one shared buffer to any number of
// connections.
//
// Every error of this package is an *Error with one of the numbers in the
// table of the file CONFORMANCE.md, and errors.Is and errors.As reach its cause.
package tcpserver
