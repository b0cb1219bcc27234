package bridge

import (
	"fmt"
	"strconv"
	"strings"
)

// FormatBytes writes bytes as a list of numbers from 0 to 255.
func FormatBytes(payload []byte) string {
	text := make([]byte, 0, 4*len(payload))
	for i, b := range payload {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendUint(text, uint64(b), 10)
	}
	return string(text)
}

// ParseBytes reads a list of numbers from 0 to 255. An empty text is no bytes.
func ParseBytes(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	payload := make([]byte, 0, len(text)/2+1)
	for cell := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseUint(strings.TrimSpace(cell), 10, 8)
		if err != nil {
			return nil, fmt.Errorf("%.20q is no byte: want numbers from 0 to 255, as in 72,105", cell)
		}
		payload = append(payload, byte(n))
	}
	return payload, nil
}
