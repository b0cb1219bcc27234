package script

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseJSON reads words written as one JSON object: its members are the pairs,
// in their order. Texts stand for themselves, numbers and booleans for the way
// they are written, null for nothing at all, and an array of those is a list
// ([FormatCSV]). Objects within, and anything behind the object, are an error.
func ParseJSON(text []byte) (Pairs, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, ErrUndecodable.Detailf("want one JSON object")
	}
	var ps Pairs
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, brokenJSON(err)
		}
		var v any
		if err := dec.Decode(&v); err != nil {
			return nil, brokenJSON(err)
		}
		value, ok, err := jsonValue(v)
		if err != nil {
			return nil, ErrUndecodable.Detailf("%q: %v", key, err)
		}
		if ok {
			ps.Add(key.(string), value)
		}
	}
	if _, err := dec.Token(); err != nil {
		return nil, brokenJSON(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, ErrUndecodable.Detailf("want nothing behind the JSON object")
	}
	return ps, nil
}

func brokenJSON(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrUndecodable.Detailf("the JSON object is not finished")
	}
	return ErrUndecodable.Because(err)
}

// jsonValue tells what a member stands for; false for nothing.
func jsonValue(v any) (string, bool, error) {
	switch v := v.(type) {
	case nil:
		return "", false, nil
	case string:
		return v, true, nil
	case json.Number:
		return v.String(), true, nil
	case bool:
		return FormatBool(v), true, nil
	case []any:
		cells := make([]string, len(v))
		for i, e := range v {
			if _, nested := e.([]any); nested {
				return "", false, fmt.Errorf("a list within a list")
			}
			cell, _, err := jsonValue(e)
			if err != nil {
				return "", false, err
			}
			cells[i] = cell
		}
		return FormatCSV(cells), true, nil
	}
	return "", false, fmt.Errorf("want a text, a number, a boolean or an array of these")
}

// AppendJSON appends the pairs as one JSON object of texts, in their order; the
// first of equal keys counts. The value of data is an array, the cells of the
// list that it is; a text that is not written as a list is ([FormatCSV]) is the
// only cell.
func AppendJSON(dst []byte, ps Pairs) []byte {
	dst = append(dst, '{')
	for i, p := range ps.Unique() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSONText(dst, p.Key)
		dst = append(dst, ':')
		if p.Key != "data" {
			dst = appendJSONText(dst, p.Value)
			continue
		}
		dst = append(dst, '[')
		cells := ParseCSV(p.Value)
		if FormatCSV(cells) != p.Value {
			cells = []string{p.Value}
		}
		for j, cell := range cells {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSONText(dst, cell)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendJSONText(dst []byte, text string) []byte {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // texts always encode
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}
