package tcpserver

import (
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// option reads a socket option of a connection.
func option(t *testing.T, c syscall.Conn, level, name int) int {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var (
		v     int
		fault error
	)
	if err := raw.Control(func(fd uintptr) { v, fault = unix.GetsockoptInt(int(fd), level, name) }); err != nil || fault != nil {
		t.Fatal(err, fault)
	}
	return v
}

func TestBacklogIsTheListeningSockets(t *testing.T) {
	s := begin(t, &Server{ConnectionBacklog: 17})
	raw, err := s.listener.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.SOL_TCP, unix.TCP_INFO)
		if err != nil {
			t.Error(err)
			return
		}
		// For a listening socket Linux reports the backlog here (tcp_get_info).
		if info.Sacked != 17 {
			t.Errorf("backlog is %d, want 17", info.Sacked)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestKeepAliveIsSetOnAcceptedSockets(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{KeepAlive: true, Settings: Settings{KeepAliveTime: 90 * time.Second, KeepAliveInterval: 1500 * time.Millisecond}, Events: j.events()})
	dial(t, s)
	nc := j.up().nc
	if option(t, nc, unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 1 {
		t.Error("SO_KEEPALIVE is off")
	}
	if v := option(t, nc, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE); v != 90 {
		t.Errorf("TCP_KEEPIDLE is %d", v)
	}
	if v := option(t, nc, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL); v != 2 {
		t.Errorf("TCP_KEEPINTVL is %d, want 2: parts of seconds are rounded up", v)
	}
}

func TestWithoutKeepAliveTheOptionIsOff(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	dial(t, s)
	if option(t, j.up().nc, unix.SOL_SOCKET, unix.SO_KEEPALIVE) != 0 {
		t.Error("SO_KEEPALIVE is on")
	}
}

func TestConfigWhileListeningHoldsForNewConnections(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	dial(t, s)
	before := j.up()
	if option(t, before.nc, unix.IPPROTO_TCP, unix.TCP_NODELAY) != 0 {
		t.Error("TcpNoDelay is on by default")
	}
	for _, setting := range []string{"TcpNoDelay=True", "InBufferSize=16384", "OutBufferSize=32768"} {
		if _, err := s.Config(setting); err != nil {
			t.Fatal(err)
		}
	}
	dial(t, s)
	nc := j.up().nc
	// Linux doubles the buffer sizes it is asked for, socket(7).
	if option(t, nc, unix.IPPROTO_TCP, unix.TCP_NODELAY) == 0 ||
		option(t, nc, unix.SOL_SOCKET, unix.SO_RCVBUF) != 2*16384 || option(t, nc, unix.SOL_SOCKET, unix.SO_SNDBUF) != 2*32768 {
		t.Error("the settings do not hold for a new connection")
	}
	if option(t, before.nc, unix.IPPROTO_TCP, unix.TCP_NODELAY) != 0 {
		t.Error("an existing connection was modified")
	}
}

func TestAcceptSurvivesRunningOutOfFiles(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{DefaultSingleLineMode: true, ConnectionBacklog: 64, Events: j.events()})
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	c := newUnconnected(t)
	low := limit
	low.Cur = uint64(c.fd) + 1 // the next descriptor would be one too many
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Skipf("cannot lower the limit of open files: %v", err)
	}
	var fill []*os.File // the gaps below
	for {
		f, err := os.Open(os.DevNull)
		if err != nil {
			break
		}
		fill = append(fill, f)
	}
	restore := func() {
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
		for _, f := range fill {
			_ = f.Close()
		}
	}
	defer restore()
	c.connect(t, s)
	j.await("error 10024 accept")
	restore()
	j.await("connected 0 OK")
	if !s.Listening() {
		t.Error("the server has stopped listening")
	}
}

// unconnected is a client socket made beforehand, for when no file can be opened.
type unconnected struct{ fd int }

func newUnconnected(t *testing.T) unconnected {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	return unconnected{fd}
}

func (u unconnected) connect(t *testing.T, s *Server) {
	t.Helper()
	addr := syscall.SockaddrInet4{Port: int(s.Addr().Port()), Addr: s.Addr().Addr().As4()}
	if err := syscall.Connect(u.fd, &addr); err != nil {
		t.Fatal(err)
	}
}
