package llsd

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"time"

	"rookery/grid"
	"rookery/grid/internal/xmlscan"
)

type xmlForm struct{}

func (xmlForm) head(b []byte) []byte {
	return append(b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<llsd>"...)
}
func (xmlForm) tail(b []byte) []byte              { return append(b, "</llsd>"...) }
func (xmlForm) beginMap(b []byte, _ int) []byte   { return append(b, "<map>"...) }
func (xmlForm) endMap(b []byte) []byte            { return append(b, "</map>"...) }
func (xmlForm) beginArray(b []byte, _ int) []byte { return append(b, "<array>"...) }
func (xmlForm) endArray(b []byte) []byte          { return append(b, "</array>"...) }
func (xmlForm) element(b []byte, _ bool) []byte   { return b }
func (xmlForm) key(b []byte, k string, _ bool) []byte {
	return append(xmlscan.AppendText(append(b, "<key>"...), k), "</key>"...)
}

func (xmlForm) scalar(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, "<boolean>true</boolean>"...)
		}
		return append(b, "<boolean>false</boolean>"...)
	case int32:
		return append(strconv.AppendInt(append(b, "<integer>"...), int64(v), 10), "</integer>"...)
	case float64:
		return append(appendReal(append(b, "<real>"...), v), "</real>"...)
	case string:
		if v == "" {
			return append(b, "<string />"...)
		}
		return append(xmlscan.AppendText(append(b, "<string>"...), v), "</string>"...)
	case grid.UUID:
		if v == (grid.UUID{}) {
			return append(b, "<uuid />"...)
		}
		return append(appendUUID(append(b, "<uuid>"...), v), "</uuid>"...)
	case time.Time:
		return append(appendDate(append(b, "<date>"...), v), "</date>"...)
	case URI:
		return append(xmlscan.AppendText(append(b, "<uri>"...), string(v)), "</uri>"...)
	case []byte:
		// The encoding is named although it is the default: some readers ask for it.
		b = append(b, `<binary encoding="base64">`...)
		return append(base64.StdEncoding.AppendEncode(b, v), "</binary>"...)
	}
	return append(b, "<undef />"...)
}

func appendUUID(b []byte, id grid.UUID) []byte {
	var text [36]byte
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return append(b, text[:]...)
}

type binaryForm struct{}

func (binaryForm) head(b []byte) []byte { return append(b, "<? LLSD/Binary ?>\n"...) }
func (binaryForm) tail(b []byte) []byte { return b }
func (binaryForm) beginMap(b []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(append(b, '{'), uint32(n))
}
func (binaryForm) endMap(b []byte) []byte { return append(b, '}') }
func (binaryForm) beginArray(b []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(append(b, '['), uint32(n))
}
func (binaryForm) endArray(b []byte) []byte        { return append(b, ']') }
func (binaryForm) element(b []byte, _ bool) []byte { return b }
func (binaryForm) key(b []byte, k string, _ bool) []byte {
	return appendSized(append(b, 'k'), toText([]byte(k)))
}

func appendSized[T string | []byte](b []byte, s T) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

func (binaryForm) scalar(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, '1')
		}
		return append(b, '0')
	case int32:
		return binary.BigEndian.AppendUint32(append(b, 'i'), uint32(v))
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 'r'), math.Float64bits(v))
	case string:
		return appendSized(append(b, 's'), toText([]byte(v)))
	case grid.UUID:
		return append(append(b, 'u'), v[:]...)
	case time.Time:
		// Little endian, as the standard's own writer on the machines it runs on.
		return binary.LittleEndian.AppendUint64(append(b, 'd'), math.Float64bits(seconds(v)))
	case URI:
		return appendSized(append(b, 'l'), toText([]byte(v)))
	case []byte:
		return appendSized(append(b, 'b'), v)
	}
	return append(b, '!')
}

type notationForm struct{}

func (notationForm) head(b []byte) []byte              { return append(b, "<? llsd/notation ?>\n"...) }
func (notationForm) tail(b []byte) []byte              { return b }
func (notationForm) beginMap(b []byte, _ int) []byte   { return append(b, '{') }
func (notationForm) endMap(b []byte) []byte            { return append(b, '}') }
func (notationForm) beginArray(b []byte, _ int) []byte { return append(b, '[') }
func (notationForm) endArray(b []byte) []byte          { return append(b, ']') }
func (notationForm) element(b []byte, first bool) []byte {
	if first {
		return b
	}
	return append(b, ',')
}

func (n notationForm) key(b []byte, k string, first bool) []byte {
	return append(appendQuoted(n.element(b, first), k, '\''), ':')
}

func (notationForm) scalar(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case int32:
		return strconv.AppendInt(append(b, 'i'), int64(v), 10)
	case float64:
		return appendReal(append(b, 'r'), v)
	case string:
		return appendQuoted(b, v, '\'')
	case grid.UUID:
		return appendUUID(append(b, 'u'), v)
	case time.Time:
		return append(appendDate(append(b, `d"`...), v), '"')
	case URI:
		return appendQuoted(append(b, 'l'), string(v), '"')
	case []byte:
		return append(base64.StdEncoding.AppendEncode(append(b, `b64"`...), v), '"')
	}
	return append(b, '!')
}

func appendQuoted(b []byte, s string, quote byte) []byte {
	const hexDigits = "0123456789abcdef"
	s = toText([]byte(s))
	b = append(b, quote)
	for i := range len(s) {
		switch c := s[i]; {
		case c == quote || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < ' ' || c == 0x7f:
			b = append(b, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, quote)
}
