package http

import (
	"net/http"
	"strconv"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
)

// command answers one POST. What the agent answers is status 200, success=False
// included, as scripts expect it; other statuses are for what kept the command
// from being run at all. The error stands in the body in every case.
func (d *Door) command(w http.ResponseWriter, r *http.Request) {
	body, err := d.body(w, r)
	if err != nil {
		d.refuse(w, r, d.announced(r), err)
		return
	}
	pairs, language, err := d.desk.Decode(body)
	if err == nil && len(pairs) == 0 {
		err = gateway.Explain(script.ErrUndecodable, "want key=value&key=value or one JSON object, with command, group and password")
	}
	if err != nil {
		if language == gateway.WAS { // nothing in it says so
			language = d.announced(r)
		}
		d.refuse(w, r, language, err)
		return
	}
	// Not the request's context: a command goes on when its client has left,
	// which may wait for its answer at a callback.
	answer := d.desk.Execute(d.ctx, bus.Request{Door: "http", Sender: "Web Request", Identifier: r.RemoteAddr, Pairs: pairs})
	d.answer(w, r, language, statusOf(answer), answer)
}

// refusal is why a request was not even read.
type refusal struct {
	status int
	why    *script.Error
}

func (r refusal) Error() string { return r.why.Text }

func refuse(status int, format string, args ...any) error {
	return refusal{status, gateway.Explain(script.ErrUndecodable, format, args...)}
}

func (d *Door) refuse(w http.ResponseWriter, r *http.Request, l gateway.Language, err error) {
	d.log.Info("refused", "remote", r.RemoteAddr, "error", err)
	status := http.StatusBadRequest
	if of, ok := err.(refusal); ok {
		status, err = of.status, of.why
	}
	d.answer(w, r, l, status, gateway.Refusal(script.AsError(err)))
}

// answer writes an answer in the language of the request, or in the one that
// the client asks for.
func (d *Door) answer(w http.ResponseWriter, r *http.Request, l gateway.Language, status int, answer script.Pairs) {
	l = accepted(r, l)
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
