package login

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/internal/xmlscan"
)

// XML-RPC (http://xmlrpc.com/spec.md) as far as logins need it. Values are
// those of LLSD, so that one reader of members serves both forms.

const xmlrpcDepth = 32

// A call is a methodCall, or a methodResponse when method is "".
type call struct {
	method string
	params []any
	fault  error
}

// xmlrpcReader builds values from tags. All XML text outside of values is ignored.
type xmlrpcReader struct {
	sc *xmlscan.Scanner
}

func parseXMLRPC(r io.Reader) (*call, error) {
	x := xmlrpcReader{sc: xmlscan.New(r)}
	c := &call{}
	seen, isFault := false, false
	for {
		kind, err := x.sc.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("xml-rpc: %w", io.ErrUnexpectedEOF)
		}
		if err != nil {
			return nil, err
		}
		name := string(x.sc.Name())
		switch {
		case kind == xmlscan.Start && !seen:
			if name != "methodCall" && name != "methodResponse" {
				return nil, fmt.Errorf("xml-rpc: <%s> where methodCall or methodResponse should be", name)
			}
			seen = true
		case kind == xmlscan.Start && name == "methodName":
			if c.method, err = x.text(); err != nil {
				return nil, err
			}
			c.method = strings.TrimSpace(c.method)
		case kind == xmlscan.Start && name == "fault":
			isFault = true
		case kind == xmlscan.Start && name == "value":
			v, err := x.value(0)
			if err != nil {
				return nil, err
			}
			c.params = append(c.params, v)
		case kind == xmlscan.End && (name == "methodCall" || name == "methodResponse"):
			if isFault {
				c.fault = faultError(c.params)
			}
			return c, nil
		}
	}
}

func faultError(params []any) error {
	if len(params) == 0 {
		return errors.New("xml-rpc fault without a value")
	}
	m, _ := params[0].(map[string]any)
	return fmt.Errorf("xml-rpc fault %s: %s", members(m).text("faultCode"), members(m).text("faultString"))
}

func (x *xmlrpcReader) next() (xmlscan.Kind, string, error) {
	kind, err := x.sc.Next()
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("xml-rpc: %w", io.ErrUnexpectedEOF)
	}
	if kind == xmlscan.Text {
		return kind, "", err
	}
	return kind, string(x.sc.Name()), err
}

// value reads up to </value>. Text without a type is a string.
func (x *xmlrpcReader) value(depth int) (any, error) {
	if depth > xmlrpcDepth {
		return nil, fmt.Errorf("xml-rpc: values nest deeper than %d", xmlrpcDepth)
	}
	var bare strings.Builder
	var v any
	typed := false
	for {
		kind, name, err := x.next()
		switch {
		case err != nil:
			return nil, err
		case kind == xmlscan.Text:
			bare.Write(x.sc.Text())
		case kind == xmlscan.Start:
			if v, err = x.typed(name, depth); err != nil {
				return nil, err
			}
			typed = true
		case kind == xmlscan.End && name != "value":
			return nil, fmt.Errorf("xml-rpc: </%s> inside <value>", name)
		case typed:
			return v, nil
		default:
			return bare.String(), nil
		}
	}
}

func (x *xmlrpcReader) typed(name string, depth int) (any, error) {
	switch name {
	case "struct":
		return x.structure(depth)
	case "array":
		return x.array(depth)
	}
	text, err := x.text()
	if err != nil {
		return nil, err
	}
	trimmed := strings.TrimSpace(text)
	switch name {
	case "string":
		return text, nil
	case "int", "i4", "i8", "i2", "i1":
		// Circuit codes and times come signed and unsigned, so all 64 bits are read.
		n, err := strconv.ParseInt(trimmed, 10, 64)
		if err == nil && int64(int32(n)) != n {
			return n, nil
		}
		return int32(n), nil
	case "boolean":
		return trimmed == "1" || strings.EqualFold(trimmed, "true"), nil
	case "double", "float":
		return parseFloat(trimmed), nil
	case "base64":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return []byte{}, nil
		}
		return b, nil
	case "dateTime.iso8601":
		for _, layout := range []string{"20060102T15:04:05", "20060102T15:04:05Z", time.RFC3339, "2006-01-02T15:04:05"} {
			if t, err := time.Parse(layout, trimmed); err == nil {
				return t.UTC(), nil
			}
		}
		return time.Unix(0, 0).UTC(), nil
	case "nil":
		return nil, nil
	}
	return nil, fmt.Errorf("xml-rpc: unknown type <%s>", name)
}

// text reads up to the end of the current element, passing over elements in it.
func (x *xmlrpcReader) text() (string, error) {
	var b strings.Builder
	for depth := 0; ; {
		kind, _, err := x.next()
		switch {
		case err != nil:
			return "", err
		case kind == xmlscan.Text:
			if depth == 0 {
				b.Write(x.sc.Text())
			}
		case kind == xmlscan.Start:
			depth++
		case depth == 0:
			return b.String(), nil
		default:
			depth--
		}
	}
}

func (x *xmlrpcReader) structure(depth int) (any, error) {
	m := map[string]any{}
	key := ""
	for {
		kind, name, err := x.next()
		switch {
		case err != nil:
			return nil, err
		case kind == xmlscan.Start && name == "name":
			if key, err = x.text(); err != nil {
				return nil, err
			}
		case kind == xmlscan.Start && name == "value":
			if m[key], err = x.value(depth + 1); err != nil {
				return nil, err
			}
		case kind == xmlscan.End && name == "struct":
			return m, nil
		}
	}
}

func (x *xmlrpcReader) array(depth int) (any, error) {
	a := []any{}
	for {
		kind, name, err := x.next()
		switch {
		case err != nil:
			return nil, err
		case kind == xmlscan.Start && name == "value":
			v, err := x.value(depth + 1)
			if err != nil {
				return nil, err
			}
			a = append(a, v)
		case kind == xmlscan.End && name == "array":
			return a, nil
		}
	}
}

const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

func encodeCall(method string, param map[string]any) []byte {
	b := append([]byte(xmlHead), "<methodCall><methodName>"...)
	b = append(xmlscan.AppendText(b, method), "</methodName><params><param>"...)
	b = appendXMLRPC(b, param)
	return append(b, "</param></params></methodCall>"...)
}

func encodeAnswer(param map[string]any) []byte {
	b := append([]byte(xmlHead), "<methodResponse><params><param>"...)
	b = appendXMLRPC(b, param)
	return append(b, "</param></params></methodResponse>"...)
}

func encodeFault(code int, text string) []byte {
	b := append([]byte(xmlHead), "<methodResponse><fault>"...)
	b = appendXMLRPC(b, map[string]any{"faultCode": int32(code), "faultString": text})
	return append(b, "</fault></methodResponse>"...)
}

// appendXMLRPC writes plain escaped text: OpenSimulator's reader loses CDATA.
func appendXMLRPC(b []byte, v any) []byte {
	b = append(b, "<value>"...)
	switch v := v.(type) {
	case map[string]any:
		b = append(b, "<struct>"...)
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b = append(xmlscan.AppendText(append(b, "<member><name>"...), k), "</name>"...)
			b = append(appendXMLRPC(b, v[k]), "</member>"...)
		}
		b = append(b, "</struct>"...)
	case []any:
		b = append(b, "<array><data>"...)
		for _, el := range v {
			b = appendXMLRPC(b, el)
		}
		b = append(b, "</data></array>"...)
	case bool:
		n := byte('0')
		if v {
			n = '1'
		}
		b = append(append(append(b, "<boolean>"...), n), "</boolean>"...)
	case int32:
		b = append(strconv.AppendInt(append(b, "<int>"...), int64(v), 10), "</int>"...)
	case float64:
		b = append(strconv.AppendFloat(append(b, "<double>"...), v, 'f', -1, 64), "</double>"...)
	case []byte:
		b = append(base64.StdEncoding.AppendEncode(append(b, "<base64>"...), v), "</base64>"...)
	case time.Time:
		b = append(v.UTC().AppendFormat(append(b, "<dateTime.iso8601>"...), "20060102T15:04:05"), "</dateTime.iso8601>"...)
	case grid.UUID:
		b = append(append(append(b, "<string>"...), v.String()...), "</string>"...)
	case string:
		b = append(xmlscan.AppendText(append(b, "<string>"...), v), "</string>"...)
	default:
		b = append(xmlscan.AppendText(append(b, "<string>"...), fmt.Sprint(v)), "</string>"...)
	}
	return append(b, "</value>"...)
}
