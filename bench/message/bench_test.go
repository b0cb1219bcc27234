package message

import "testing"

func BenchmarkDecode(b *testing.B) {
	packets, err := Packets()
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range packets {
		b.Run(p.Name, func(b *testing.B) {
			var c Coder
			b.ReportAllocs()
			b.SetBytes(int64(p.Size))
			for b.Loop() {
				if err := c.Decode(p.Wire); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	packets, err := Packets()
	if err != nil {
		b.Fatal(err)
	}
	for _, p := range packets {
		b.Run(p.Name, func(b *testing.B) {
			var c Coder
			if err := c.Decode(p.Wire); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(p.Size))
			for b.Loop() {
				if _, err := c.Encode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
