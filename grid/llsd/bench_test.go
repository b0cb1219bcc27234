package llsd_test

import (
	"bytes"
	"fmt"
	"testing"

	"rookery/grid/llsd"
)

// folders is the shape of an inventory's answer.
func folders(n int) any {
	items := make([]any, n)
	for i := range items {
		items[i] = map[string]any{
			"item_id": someUUID, "name": fmt.Sprintf("Item %d & more", i), "flags": int32(i), "created_at": int32(1700000000), "desc": "",
			"permissions": map[string]any{"base_mask": int32(0x7fffffff), "owner_id": someUUID},
		}
	}
	return map[string]any{"folders": []any{map[string]any{"items": items}}}
}

func BenchmarkParse(b *testing.B) {
	v := folders(1000)
	for _, f := range forms[:3] {
		text, err := f.marshal(v)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(f.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := llsd.Parse(bytes.NewReader(text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMarshal(b *testing.B) {
	v := folders(1000)
	for _, f := range forms[:3] {
		b.Run(f.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				text, err := f.marshal(v)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(text)))
			}
		})
	}
}
