package http

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// body reads the request's body, decompressed.
func (d *Door) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if t := r.Header.Get("Content-Type"); t != "" {
		media, params, err := mime.ParseMediaType(t)
		if err == nil && media == "multipart/form-data" {
			return nil, refuse(http.StatusUnsupportedMediaType, "content type %s: want application/x-www-form-urlencoded or application/json", media)
		}
		switch charset := strings.ToLower(params["charset"]); charset {
		case "", "utf-8", "utf8", "us-ascii":
		default:
			return nil, refuse(http.StatusUnsupportedMediaType, "charset %s: want utf-8", charset)
		}
	}
	if r.ContentLength > d.cfg.MaxBody { // nobody need send it (Expect: 100-continue)
		return nil, d.unread(&http.MaxBytesError{Limit: d.cfg.MaxBody})
	}
	in, err := decompress(r.Header.Get("Content-Encoding"), http.MaxBytesReader(w, r.Body, d.cfg.MaxBody))
	var body []byte
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(in, d.cfg.MaxBody+1))
	}
	if err != nil {
		return nil, d.unread(err)
	}
	if int64(len(body)) > d.cfg.MaxBody {
		return nil, d.unread(&http.MaxBytesError{Limit: d.cfg.MaxBody})
	}
	// A line end behind the text is how people's tools write it.
	return bytes.TrimRight(body, "\r\n"), nil
}

// unread tells why a body was not read to its end.
func (d *Door) unread(err error) error {
	if _, known := errors.AsType[refusal](err); known {
		return err
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusRequestEntityTooLarge, "a body may have %d bytes", d.cfg.MaxBody)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return refuse(http.StatusRequestTimeout, "the body did not come within %s", bodyTimeout)
	}
	return refuse(http.StatusBadRequest, "the body ended early or is damaged: %v", err)
}

// decompress undoes a content encoding.
func decompress(encoding string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity", "utf-8": // clients of the original are known to send the last
		return in, nil
	case "gzip", "x-gzip":
		return gzip.NewReader(in)
	case "deflate":
		// It means zlib (RFC 9110 §8.4.1.2), and many clients, .NET's among
		// them, send what is within zlib alone.
		b := bufio.NewReader(in)
		head, err := b.Peek(2)
		if err != nil {
			return nil, err
		}
		if head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 { // RFC 1950 §2.2
			return zlib.NewReader(b)
		}
		return flate.NewReader(b), nil
	}
	return nil, refuse(http.StatusUnsupportedMediaType, "content encoding %s: want gzip, deflate or none", encoding)
}
