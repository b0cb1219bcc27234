package bridge

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/fetch"
	"rookery/internal/rights"
	"rookery/script"
)

// The words of the parameter output that are not names of headers.
const (
	outputStatus   = "status"
	outputBody     = "body"
	outputEncoding = "encoding"
)

// maxURL is the longest URL that is taken, in bytes.
const maxURL = 4096

// web holds the parameters of HTTP.
type web struct {
	url     param.Param[string]
	action  param.Param[string]
	data    param.Param[string]
	kind    param.Param[string]
	headers param.Param[[]string]
	output  param.Param[[]string]
}

// HTTP asks a web server.
func HTTP() command.Command {
	w := web{
		url: param.Text("URL", "what to ask for, http or https, at most 4096 bytes").Fails(script.ErrInvalidURLProvided).Required(),
		action: param.OneOf("action", "the method of the request", script.ErrUnknownAction,
			"get", "post", "put", "patch", "delete", "head").Or("get"),
		data:    param.Text("data", "the body of the request, sent as it stands; not for get and head"),
		kind:    param.Text("type", "media type of data, such as application/json").Or("text/plain; charset=utf-8"),
		headers: param.List("headers", "further headers of the request: name, value for each"),
		output: param.List("output", "what is answered, in place of the body alone, any of: status (a number), body, encoding (text or base64), "+
			"and names of headers"),
	}
	return command.Command{
		Name:       "http",
		Permission: rights.Bridge,
		Summary:    "Asks a web server (HTTP) and answers what it says.",
		Notes: []string{
			"An answer with a status from 400 fails the command; `data` holds it all the same.",
			"A body is answered as text, converted to UTF-8 from the character set that its Content-Type names. One that is no text comes in base64; " +
				"`encoding` among the `output` tells. With `output`, data is name, value for each name that was asked for, in that order; " +
				"headers that the answer does not have are left out, and values of one that it has several times are joined with a comma.",
			"The whole request may take as long as `timeout` says. The body of an answer may have 256 KiB unless configured otherwise; a larger one is an error. " +
				"Up to five redirections are followed, but none from https to http; one to another host takes no `headers` along but harmless ones. " +
				"There are no cookies. Certificates are checked.",
			"Headers that belong to the connection or are made of other things, such as Host, Content-Length and Accept-Encoding, cannot be set.",
			"Like callbacks, only the public Internet is asked, unless the setting `outgoing.allow_private` names the address, network or host.",
		},
		Params: []command.Parameter{w.url, w.action, w.data, w.kind, w.headers, w.output},
		Result: "the body of the answer; with `output` name, value for each",
		Errors: []*script.Error{script.ErrInvalidParameter, script.ErrUnableToRetrieveData, script.ErrTimeout, script.ErrNotSupported},
		Run:    w.run,
	}
}

func (w web) run(ctx context.Context, c *command.Call) (command.Data, error) {
	request, err := w.request(c)
	if err != nil {
		return command.Data{}, err
	}
	output, err := w.output.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	client := c.Rooms.Web
	if client == nil {
		return command.Data{}, command.Explain(script.ErrNotSupported, "nothing can be asked from here")
	}
	if err := client.Check(request.URL); err != nil {
		return command.Data{}, command.Explain(script.ErrInvalidURLProvided, "%v", err)
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	answer, err := client.Do(ctx, request)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return command.Data{}, command.Explain(script.ErrTimeout, "the server has not answered in %v", c.Timeout)
	case errors.Is(err, context.Canceled):
		return command.Data{}, err
	case err != nil:
		return command.Data{}, command.Explain(script.ErrUnableToRetrieveData, "%v", err)
	}
	data := pick(answer, output)
	if answer.Status >= http.StatusBadRequest {
		return data, command.Explain(script.ErrUnableToRetrieveData, "the server answered %s", answer)
	}
	return data, nil
}

// request reads what to ask for.
func (w web) request(c *command.Call) (fetch.Request, error) {
	var r fetch.Request
	url, err := w.url.Of(c)
	if err != nil {
		return r, err
	}
	if r.URL = strings.TrimSpace(url); len(r.URL) > maxURL {
		return r, command.Explain(script.ErrInvalidURLProvided, "URL has %d bytes; allowed are %d", len(r.URL), maxURL)
	}
	action, err := w.action.Of(c)
	if err != nil {
		return r, err
	}
	r.Method = strings.ToUpper(action)
	r.Header = make(http.Header)
	body, err := w.data.Of(c)
	if err != nil {
		return r, err
	}
	if body != "" {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			return r, command.Explain(script.ErrInvalidParameter, "data: a request of the action %s has no body; allowed with one are post, put, patch, delete", action)
		}
		r.Body = []byte(body)
	}
	if body != "" || w.kind.Given(c) {
		kind, err := w.kind.Of(c)
		if err != nil {
			return r, err
		}
		if err := fetch.CheckHeader("Content-Type", kind); err != nil {
			return r, command.Explain(script.ErrInvalidParameter, "type: %v", err)
		}
		r.Header.Set("Content-Type", kind)
	}
	return r, w.addHeaders(c, r.Header)
}

func (w web) addHeaders(c *command.Call, header http.Header) error {
	cells, err := w.headers.Of(c)
	if err != nil {
		return err
	}
	if len(cells)%2 != 0 {
		return command.Explain(script.ErrInvalidParameter, "headers: want name, value for each, but the last name has no value")
	}
	for pair := range slices.Chunk(cells, 2) {
		name, value := strings.TrimSpace(pair[0]), strings.TrimSpace(pair[1])
		if http.CanonicalHeaderKey(name) == "Content-Type" {
			return command.Explain(script.ErrInvalidParameter, "headers: the parameter type holds the Content-Type")
		}
		if err := fetch.CheckHeader(name, value); err != nil {
			return command.Explain(script.ErrInvalidParameter, "headers: %v", err)
		}
		header.Add(name, value)
	}
	return nil
}

// pick makes the data of what was asked for of an answer.
func pick(answer *fetch.Answer, output []string) command.Data {
	body, inBase64 := answer.Text()
	if len(output) == 0 {
		return command.Text(body)
	}
	var cells []string
	for _, name := range output {
		switch name = strings.TrimSpace(name); strings.ToLower(name) {
		case outputStatus:
			cells = append(cells, name, strconv.Itoa(answer.Status))
		case outputBody:
			cells = append(cells, name, body)
		case outputEncoding:
			encoding := "text"
			if inBase64 {
				encoding = "base64"
			}
			cells = append(cells, name, encoding)
		default:
			if values := answer.Header.Values(name); len(values) > 0 {
				cells = append(cells, name, strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD"))
			}
		}
	}
	return command.List(cells...)
}
