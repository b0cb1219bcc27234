package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func (b *bench) broadcasts(mode string, conns, sizes []int) error {
	for _, n := range conns {
		rates := make([]map[string]float64, len(sizes))
		for i := range rates {
			rates[i] = map[string]float64{}
		}
		for _, kind := range b.able("broadcast", mode) {
			if err := b.broadcast(kind, mode, n, sizes, rates); err != nil {
				return fmt.Errorf("%s with %d connections: %w", kind, n, err)
			}
		}
		for i, size := range sizes {
			r := row{what: fmt.Sprintf("broadcast %d B to %d", size, n), mode: mode, unit: "deliveries/s", more: true, values: rates[i]}
			if size == 300 && n == 1000 {
				r.bar = &bar{peer: "nats", ratio: map[string]float64{"plain": 2, "tls": 3}[mode]}
			}
			b.table.add(r)
		}
	}
	return nil
}

// broadcast measures one server with n connections for each size.
func (b *bench) broadcast(kind, mode string, n int, sizes []int, rates []map[string]float64) error {
	c, err := launch(kind, mode)
	if err != nil {
		return err
	}
	defer c.end()
	conns, err := c.subscribers(n)
	if err != nil {
		return err
	}
	defer closeAll(conns)
	var got atomic.Int64
	buffer := 64 << 10
	if n > 1000 {
		buffer = 16 << 10
	}
	for _, nc := range conns {
		go func() {
			buf := make([]byte, buffer)
			for {
				n, err := nc.Read(buf)
				got.Add(int64(n))
				if err != nil {
					return
				}
			}
		}()
	}
	for i, size := range sizes {
		// A batch is 64 KiB to each, less where that would be more than 16 MiB in all.
		count := max(1, min(64<<10, 16<<20/n)/size)
		if _, err := c.ask(fmt.Sprintf("publish %d %d", size, count)); err != nil {
			return err
		}
		time.Sleep(b.time / 3) // until queues and pools have their size
		before, begun := got.Load(), time.Now()
		time.Sleep(b.time)
		bytes, took := got.Load()-before, time.Since(begun)
		if _, err := c.ask("stop"); err != nil {
			return err
		}
		rates[i][kind] = float64(bytes) / float64(c.wireSize(size)) / took.Seconds()
		settle(&got)
	}
	return nil
}

// settle waits until nothing more of the last measurement arrives.
func settle(got *atomic.Int64) {
	for last := int64(-1); last != got.Load(); time.Sleep(50 * time.Millisecond) {
		last = got.Load()
	}
}

// wireSize is what a message of that size is on the wire.
func (c *child) wireSize(size int) int {
	if c.kind == "nats" {
		return len(fmt.Sprintf("MSG b 1 %d\r\n", size)) + size + 2
	}
	return size
}

const echoRounds = 9

func medians(rounds map[string][]float64) map[string]float64 {
	out := map[string]float64{}
	for kind, values := range rounds {
		slices.Sort(values)
		out[kind] = values[len(values)/2]
	}
	return out
}

func (b *bench) echoes(mode string) error {
	for _, load := range []int{1, 50} {
		// Many short rounds in turns, and the median of each number over them, so
		// that whatever else the machine does meets all alike.
		p50, p99, rate := map[string][]float64{}, map[string][]float64{}, map[string][]float64{}
		for range echoRounds {
			for _, kind := range b.able("echo", mode) {
				times, took, err := b.echo(kind, mode, load)
				if err != nil {
					return fmt.Errorf("%s: %w", kind, err)
				}
				slices.Sort(times)
				p50[kind] = append(p50[kind], float64(times[len(times)/2].Nanoseconds())/1000)
				p99[kind] = append(p99[kind], float64(times[len(times)*99/100].Nanoseconds())/1000)
				rate[kind] = append(rate[kind], float64(len(times))/took.Seconds())
			}
		}
		what := fmt.Sprintf("echo 64 B, %d clients", load)
		b.table.add(row{what: what + ", p50", mode: mode, unit: "µs", values: medians(p50)})
		b.table.add(row{what: what + ", p99", mode: mode, unit: "µs", values: medians(p99), bar: &bar{peer: "net", ratio: 1 / 1.3}})
		b.table.add(row{what: what, mode: mode, unit: "round trips/s", more: true, values: medians(rate)})
	}
	return nil
}

func (b *bench) echo(kind, mode string, clients int) ([]time.Duration, time.Duration, error) {
	c, err := launch(kind, mode)
	if err != nil {
		return nil, 0, err
	}
	defer c.end()
	conns, err := c.subscribers(clients)
	if err != nil {
		return nil, 0, err
	}
	defer closeAll(conns)
	message := []byte(strings.Repeat("x", 63) + "\n")
	var (
		mu    sync.Mutex
		all   []time.Duration
		fault error
		wg    sync.WaitGroup
	)
	begun, length := time.Now(), b.time/2
	for _, nc := range conns {
		wg.Go(func() {
			own, err := roundTrips(nc, message, begun.Add(length/8), begun.Add(length))
			mu.Lock()
			defer mu.Unlock()
			all = append(all, own...)
			if err != nil {
				fault = err
			}
		})
	}
	wg.Wait()
	if fault == nil && len(all) == 0 {
		fault = fmt.Errorf("no round trip in %s", length)
	}
	return all, length - length/8, fault
}

// roundTrips sends and awaits messages until a time, and counts from another.
func roundTrips(nc net.Conn, message []byte, from, until time.Time) (times []time.Duration, err error) {
	buf := make([]byte, len(message))
	for {
		at := time.Now()
		if at.After(until) {
			return times, nil
		}
		if _, err := nc.Write(message); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(nc, buf); err != nil {
			return nil, err
		}
		if at.After(from) {
			times = append(times, time.Since(at))
		}
	}
}

func (b *bench) idles(mode string, n int) error {
	resident, used := map[string]float64{}, map[string]float64{}
	for _, kind := range b.able("idle", mode) {
		r, u, err := b.idle(kind, mode, n)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		resident[kind], used[kind] = r, u
	}
	limit := map[string]float64{"plain": 6 << 10, "tls": 24 << 10}[mode]
	what := fmt.Sprintf("idle, %d connections, each", n)
	b.table.add(row{what: what, mode: mode, unit: "B resident", values: resident, bar: &bar{limit: limit}})
	b.table.add(row{what: what, mode: mode, unit: "B heap and stack", values: used})
	return nil
}

// idle holds n connections that each had traffic and then fell silent.
func (b *bench) idle(kind, mode string, n int) (resident, used float64, err error) {
	c, err := launch(kind, mode)
	if err != nil {
		return 0, 0, err
	}
	defer c.end()
	residentBefore, usedBefore, err := c.memory()
	if err != nil {
		return 0, 0, err
	}
	conns, err := c.subscribers(n)
	if err != nil {
		return 0, 0, err
	}
	defer closeAll(conns)
	if kind != "nats" {
		message := []byte(strings.Repeat("x", 299) + "\n")
		buf := make([]byte, len(message))
		for _, nc := range conns {
			if _, err := nc.Write(message); err != nil {
				return 0, 0, err
			}
			if _, err := io.ReadFull(nc, buf); err != nil {
				return 0, 0, err
			}
		}
	}
	time.Sleep(b.silence)
	if resident, used, err = c.memory(); err != nil {
		return 0, 0, err
	}
	return (resident - residentBefore) / float64(n), (used - usedBefore) / float64(n), nil
}

func (b *bench) accepts(mode string) error {
	kinds := []string{"full"}
	if mode == "tls" {
		kinds = append(kinds, "resumed")
	}
	for _, what := range kinds {
		rates := map[string]float64{}
		for _, kind := range b.able("accept", mode) {
			r, err := b.accept(kind, mode, what == "resumed")
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			rates[kind] = r
		}
		name := "accept"
		if mode == "tls" {
			name += ", TLS 1.3 " + what
		}
		b.table.add(row{what: name, mode: mode, unit: "connections/s", more: true, values: rates})
	}
	return nil
}

// accept connects again and again, each time until the first byte came back.
func (b *bench) accept(kind, mode string, resumed bool) (float64, error) {
	c, err := launch(kind, mode)
	if err != nil {
		return 0, err
	}
	defer c.end()
	var (
		count atomic.Int64
		fault atomic.Pointer[error]
		wg    sync.WaitGroup
	)
	begun := time.Now()
	for range 8 {
		wg.Go(func() {
			cfg := clientTLS(nil)
			if resumed {
				cfg = clientTLS(tls.NewLRUClientSessionCache(4))
			}
			for time.Since(begun) < b.time {
				if err := c.visit(cfg, resumed && count.Load() > 100); err != nil {
					fault.Store(&err)
					return
				}
				count.Add(1)
			}
		})
	}
	wg.Wait()
	if err := fault.Load(); err != nil {
		return 0, *err
	}
	return float64(count.Load()) / time.Since(begun).Seconds(), nil
}

func (c *child) visit(cfg *tls.Config, mustResume bool) error {
	nc, err := c.dial(cfg)
	if err != nil {
		return err
	}
	defer hangUp(nc)
	if c.kind != "nats" { // which speaks first
		if _, err := io.WriteString(nc, "\n"); err != nil {
			return err
		}
	}
	if _, err := nc.Read(make([]byte, 1)); err != nil {
		return err
	}
	if t, ok := nc.(*tls.Conn); ok && mustResume && !t.ConnectionState().DidResume {
		return fmt.Errorf("the session is not resumed")
	}
	return nil
}
