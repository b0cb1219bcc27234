package login

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"rookery/grid/llsd"
)

// A Request is a login as the grid's half receives it.
type Request struct {
	// Params hold what the client sent. Password is the hash, Options what
	// was asked for, Starts the one start location if it could be read.
	Params
	Method string
	Form   Form
	// StartText is the start location as it was sent.
	StartText string
	// Remote is the address the request came from, with its port.
	Remote string
	// Raw is the whole request, for members that Params has no field for.
	Raw map[string]any
}

// CheckPassword reports, in constant time, whether the request was made with
// this password, cut to 16 characters by the client or not.
func (r *Request) CheckPassword(password string) bool {
	sent := HashPassword(r.Password, 0)
	whole := subtle.ConstantTimeCompare([]byte(sent), []byte(HashPassword(password, 0)))
	cut := subtle.ConstantTimeCompare([]byte(sent), []byte(HashPassword(password, lindenPasswordLimit)))
	return whole|cut == 1
}

// Wants reports whether the client asked for the named part of the answer.
func (r *Request) Wants(option string) bool { return slices.Contains(r.Options, option) }

const maxRequest = 1 << 20

// A Handler is the login service of a grid.
type Handler struct {
	// Login answers a request. A *Failure or *Redirect as error is told to
	// the client, any other error as an internal one, and logged.
	Login func(ctx context.Context, r *Request) (*Response, error)
	Log   *slog.Logger // nil is silent
}

// ServeHTTP answers in the form in which the request came.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "This is a login service: it wants an XML-RPC or LLSD request by POST.", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		http.Error(w, fmt.Sprintf("The request is longer than %d bytes.", maxRequest), http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		return // the client is gone
	}
	req, err := DecodeRequest(body)
	if err != nil {
		h.refuse(w, body, err)
		return
	}
	req.Remote = r.RemoteAddr
	if req.Method != defaultMethod {
		h.write(w, XMLRPC, nil, encodeFault(-32601, fmt.Sprintf("method %q is not known; want %s", req.Method, defaultMethod)))
		return
	}
	resp, err := h.Login(r.Context(), req)
	h.write(w, req.Form, h.answer(req, resp, err), nil)
}

// refuse answers what could not be read.
func (h *Handler) refuse(w http.ResponseWriter, body []byte, err error) {
	if isXMLRPC(body) {
		h.write(w, XMLRPC, nil, encodeFault(-32700, err.Error()))
		return
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
}

func (h *Handler) answer(req *Request, resp *Response, err error) map[string]any {
	var failure *Failure
	var redirect *Redirect
	switch {
	case err == nil && resp != nil:
		return resp.members(req.Options)
	case errors.As(err, &failure):
		return failure.members()
	case errors.As(err, &redirect):
		return redirect.members()
	}
	if h.Log != nil {
		h.Log.Error("login failed", "first", req.First, "last", req.Last, "err", err)
	}
	return Fail(ErrUnavailable, "The grid could not log you in. Please try again later.").members()
}

func (h *Handler) write(w http.ResponseWriter, form Form, answer map[string]any, body []byte) {
	if body == nil {
		var err error
		if body, err = encodeForm(form, answer); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.Header().Set("Content-Type", form.contentType())
	_, _ = w.Write(body) // an error means that the client is gone
}

func encodeForm(form Form, answer map[string]any) ([]byte, error) {
	if form == LLSD {
		return llsd.MarshalXML(answer)
	}
	return encodeAnswer(answer), nil
}

// EncodeResponse writes an answer with the parts that options ask for.
func EncodeResponse(form Form, r *Response, options []string) ([]byte, error) {
	return encodeForm(form, r.members(options))
}

// DecodeRequest reads a request in whichever form it came.
func DecodeRequest(body []byte) (*Request, error) {
	if isXMLRPC(body) {
		c, err := parseXMLRPC(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req := &Request{Method: c.method, Form: XMLRPC}
		if c.method != defaultMethod {
			return req, nil
		}
		if len(c.params) == 0 {
			return nil, errors.New("login request: the parameter is missing")
		}
		return req, req.fill(c.params[0])
	}
	v, err := llsd.Parse(bytes.NewReader(body), llsd.MaxSize(maxRequest), llsd.MaxDepth(16))
	if err != nil {
		return nil, fmt.Errorf("login request: %w", err)
	}
	req := &Request{Method: defaultMethod, Form: LLSD}
	return req, req.fill(v)
}

func (r *Request) fill(v any) error {
	raw, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("login request: the parameter is %T where a struct should be", v)
	}
	m := members(raw)
	r.Raw = raw
	r.StartText = m.text("start")
	r.Params = Params{
		First: m.text("first"), Last: m.text("last"), Password: m.text("passwd"),
		Channel: m.text("channel"), Version: m.text("version"),
		Platform: m.text("platform"), PlatformVersion: m.text("platform_version"),
		MAC: m.text("mac"), ID0: m.text("id0"), HostID: m.text("host_id"), ViewerDigest: m.text("viewer_digest"),
		AgreeToTOS: m.truth("agree_to_tos"), ReadCritical: m.truth("read_critical"), SkipOptional: m.truth("skipoptional"),
		Token: m.text("token"), MFAHash: m.text("mfa_hash"), ScopeID: m.uuid("scope_id"), Options: m.texts("options"),
	}
	if key := m.text("web_login_key"); r.Password == "" && key != "" {
		r.Password = "$1$" + strings.TrimPrefix(key, "$1$")
	}
	if s, err := ParseStart(r.StartText); err == nil {
		r.Starts = []Start{s}
	}
	return nil
}
