//go:build !unix

package tcpserver

import (
	"errors"
	"net"
	"syscall"
)

// The server reads and writes sockets that do not block by their descriptors,
// which is the way of Unix-like systems. Elsewhere the package compiles and
// StartListening says so.
var errPlatform = &Error{Code: 10043, Text: "tcpserver runs on Linux, macOS and the BSDs only"}

var errWouldBlock = errors.New("would block")

func sysRead(uintptr, []byte) (int, error)  { return 0, errPlatform }
func sysWrite(uintptr, []byte) (int, error) { return 0, errPlatform }
func sysPeek(uintptr, []byte) (int, error)  { return 0, errPlatform }

func wouldBlock(err error) bool { return errors.Is(err, errWouldBlock) }

func setBacklog(*net.TCPListener, int) error { return errPlatform }

func sharePort(_, _ string, _ syscall.RawConn) error { return errPlatform }

func errnoCode(error) (int, bool) { return 0, false }

func isTemporaryAccept(error) bool { return false }
