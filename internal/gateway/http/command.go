package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
)

// command answers one POST. What the agent answers is status 200, success=False
// included, as scripts expect it; other statuses are for what kept the command
// from being run at all. The error stands in the body in every case.
func (d *Door) command(w http.ResponseWriter, r *http.Request) {
	language := d.cfg.Language
	body, status, err := d.body(w, r)
	if err != nil {
		d.answer(w, r, language, status, gateway.Refusal(script.ErrUndecodable))
		d.log.Info("refused", "remote", r.RemoteAddr, "error", err)
		return
	}
	pairs, spoken, err := d.desk.Decode(body)
	if spoken == gateway.JSON || len(body) > 0 {
		language = spoken
	}
	if err != nil || len(pairs) == 0 {
		d.answer(w, r, language, http.StatusBadRequest, gateway.Refusal(script.ErrUndecodable))
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(d.ctx, cancel)()
	answer := d.desk.Execute(ctx, bus.Request{Door: "http", Sender: "Web Request", Identifier: r.RemoteAddr, Pairs: pairs})
	d.answer(w, r, language, statusOf(answer), answer)
}

// body reads the request's body, decompressed.
func (d *Door) body(w http.ResponseWriter, r *http.Request) ([]byte, int, error) {
	if t := r.Header.Get("Content-Type"); t != "" {
		if media, params, err := mime.ParseMediaType(t); err == nil && media == "multipart/form-data" {
			return nil, http.StatusUnsupportedMediaType, fmt.Errorf("content type %s: want form-encoded text or JSON", media)
		} else if charset := strings.ToLower(params["charset"]); charset != "" && charset != "utf-8" && charset != "us-ascii" {
			return nil, http.StatusUnsupportedMediaType, fmt.Errorf("charset %s: want utf-8", charset)
		}
	}
	var in io.Reader = http.MaxBytesReader(w, r.Body, d.cfg.MaxBody)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity", "utf-8": // clients of the original are known to send the last
	case "gzip", "x-gzip":
		unzip, err := gzip.NewReader(in)
		if err != nil {
			return nil, http.StatusBadRequest, fmt.Errorf("gzip: %w", err)
		}
		in = unzip
	case "deflate":
		inflate, err := zlib.NewReader(in)
		if err != nil {
			return nil, http.StatusBadRequest, fmt.Errorf("deflate: %w", err)
		}
		in = inflate
	default:
		return nil, http.StatusUnsupportedMediaType, fmt.Errorf("content encoding %s: want gzip, deflate or none", encoding)
	}
	body, err := io.ReadAll(io.LimitReader(in, d.cfg.MaxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), int64(len(body)) > d.cfg.MaxBody:
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("a body may have %d bytes", d.cfg.MaxBody)
	case err != nil:
		return nil, http.StatusBadRequest, err
	}
	// A line end behind the text is how people's tools write it.
	return bytes.TrimRight(body, "\r\n"), 0, nil
}

// answer writes an answer in the language of the request, or in the one that
// the client asks for.
func (d *Door) answer(w http.ResponseWriter, r *http.Request, l gateway.Language, status int, answer script.Pairs) {
	if accept := r.Header.Get("Accept"); strings.Contains(accept, "application/json") {
		l = gateway.JSON
	}
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", d.desk.ContentType(l))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(d.desk.Append(nil, answer, l))
}

// statuses are those of answers that say that nothing was run.
var statuses = map[int]int{
	script.ErrAccessDenied.Status:    http.StatusForbidden,
	script.ErrTooManyAttempts.Status: http.StatusTooManyRequests,
	script.ErrTooManyWorkers.Status:  http.StatusTooManyRequests,
	script.ErrNotConnected.Status:    http.StatusServiceUnavailable,
	script.ErrGeneral.Status:         http.StatusInternalServerError,
}

func statusOf(answer script.Pairs) int {
	if n, err := strconv.Atoi(answer.Get("status")); err == nil && answer.Get("success") == "False" {
		if status, ok := statuses[n]; ok {
			return status
		}
	}
	return http.StatusOK
}
