// Package circuit measures reliable circuits beside bare UDP, and what an idle
// one costs.
package circuit

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"runtime"
	"sync/atomic"
	"testing"

	"rookery/grid/circuit"
	"rookery/grid/message"
)

// update is a message of about 500 bytes, as a simulator sends them most.
func update() *message.ImprovedTerseObjectUpdate {
	m := &message.ImprovedTerseObjectUpdate{}
	for range 7 {
		m.ObjectData = append(m.ObjectData, message.ImprovedTerseObjectUpdateObjectData{Data: bytes.Repeat([]byte{1}, 60)})
	}
	return m
}

func accept(h circuit.Handler) circuit.Options {
	return circuit.Options{Accept: func(netip.AddrPort, message.Message) circuit.Handler { return h }}
}

func listen(b *testing.B, o circuit.Options) *circuit.Endpoint {
	b.Helper()
	e, err := circuit.Listen("127.0.0.1:0", o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

// BenchmarkReliable sends reliable messages and waits until each was handled.
func BenchmarkReliable(b *testing.B) {
	var got atomic.Int64
	done, want := make(chan struct{}), int64(0)
	server := listen(b, accept(func(*circuit.Circuit, message.Message) {
		if got.Add(1) == atomic.LoadInt64(&want) {
			close(done)
		}
	}))
	client := listen(b, circuit.Options{SendQueue: 1 << 30})
	c, err := client.Dial(server.LocalAddr(), func(*circuit.Circuit, message.Message) {})
	if err != nil {
		b.Fatal(err)
	}
	m := update()
	atomic.StoreInt64(&want, int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if err := c.SendReliable(m); err != nil {
			b.Fatal(err)
		}
	}
	<-done
	b.ReportMetric(float64(c.Stats().Resent)/float64(b.N), "resent/op")
}

// BenchmarkBareUDP sends datagrams of the same size, each answered by another
// after every 64, so that none is lost.
func BenchmarkBareUDP(b *testing.B) {
	server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	client, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	const batch = 64
	go func() {
		buf := make([]byte, 8192)
		for n := 1; ; n++ {
			_, from, err := server.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if n%batch == 0 {
				if _, err := server.WriteToUDPAddrPort(buf[:1], from); err != nil {
					return
				}
			}
		}
	}()
	packet, err := message.AppendPacket(nil, message.Header{}, update())
	if err != nil {
		b.Fatal(err)
	}
	to, buf := server.LocalAddr().(*net.UDPAddr).AddrPort(), make([]byte, 16)
	b.ReportAllocs()
	b.ResetTimer()
	for n := 1; n <= b.N; n++ {
		if _, err := client.WriteToUDPAddrPort(packet, to); err != nil {
			b.Fatal(err)
		}
		if n%batch == 0 {
			if _, _, err := client.ReadFromUDPAddrPort(buf); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRoundTrip sends a message and waits for the peer's answer.
func BenchmarkRoundTrip(b *testing.B) {
	server := listen(b, accept(func(c *circuit.Circuit, m message.Message) { _ = c.Send(m) }))
	answers := make(chan struct{}, 1)
	client := listen(b, circuit.Options{})
	c, err := client.Dial(server.LocalAddr(), func(*circuit.Circuit, message.Message) { answers <- struct{}{} })
	if err != nil {
		b.Fatal(err)
	}
	m := update()
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Send(m); err != nil {
			b.Fatal(err)
		}
		<-answers
	}
}

// BenchmarkIdle tells the heap and stacks of 500 agents' endpoints and
// circuits and of the simulator's end of them.
func BenchmarkIdle(b *testing.B) {
	const agents = 500
	for b.Loop() {
		server := listen(b, accept(func(*circuit.Circuit, message.Message) {}))
		before := memory()
		for range agents {
			e := listen(b, circuit.Options{})
			c, err := e.Dial(server.LocalAddr(), func(*circuit.Circuit, message.Message) {})
			if err != nil {
				b.Fatal(err)
			}
			if err := c.SendWait(context.Background(), update()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(memory()-before)/agents, "B/agent")
	}
}

func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
