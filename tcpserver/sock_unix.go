//go:build unix

package tcpserver

import (
	"errors"
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// sysRead reads from a socket that does not block.
func sysRead(fd uintptr, b []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), b)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// sysWrite writes to a socket that does not block.
func sysWrite(fd uintptr, b []byte) (int, error) {
	for {
		n, err := syscall.Write(int(fd), b)
		if err == syscall.EINTR {
			continue
		}
		return max(n, 0), err
	}
}

// sysPeek looks at the first bytes that wait in a socket without taking them.
func sysPeek(fd uintptr, b []byte) (int, error) {
	for {
		n, _, err := syscall.Recvfrom(int(fd), b, syscall.MSG_PEEK)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

func wouldBlock(err error) bool { return errors.Is(err, syscall.EAGAIN) }

// setBacklog tells a listening socket how many connections it may keep
// waiting: net.Listen always asks for the system's maximum, and a second
// listen(2) replaces that.
func setBacklog(l *net.TCPListener, n int) error {
	raw, err := l.SyscallConn()
	if err != nil {
		return err
	}
	var fault error
	if err := raw.Control(func(fd uintptr) { fault = syscall.Listen(int(fd), n) }); err != nil {
		return err
	}
	return fault
}

// sharePort lets other sockets bind to the same port.
func sharePort(_, _ string, raw syscall.RawConn) error {
	var fault error
	if err := raw.Control(func(fd uintptr) {
		fault = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}); err != nil {
		return err
	}
	return fault
}

const errWouldBlock = syscall.EAGAIN
