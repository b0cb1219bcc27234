package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"rookery/script"
)

// ErrKey reports a key that names no setting.
var ErrKey = errors.New("no such setting")

// header is the header of a table in a document.
type header struct {
	table string // tcp.tls or groups[1]
	line  int    // from 0
}

// headers lists the tables of a valid document in their order.
func headers(document []byte) []header {
	var found []header
	x := indexer{places: map[string]place{}, lengths: map[string]int{}}
	x.parser.Reset(document)
	for x.parser.NextExpression() {
		e := x.parser.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			continue
		}
		keys := e.Key()
		keys.Next()
		line := x.parser.Shape(keys.Node().Raw).Start.Line - 1
		found = append(found, header{x.resolve(e.Key(), e.Kind == unstable.ArrayTable), line})
	}
	return found
}

// setKey writes a value, a TOML literal, at a key of a valid document, in place
// of the one there or in its table. Everything else stays as it is.
func setKey(document []byte, key, literal string) ([]byte, error) {
	if strings.HasSuffix(key, "]") {
		return nil, fmt.Errorf("%s: elements of lists are set with their list", key)
	}
	if at, ok := index(document)[key]; ok {
		return replaceValue(document, key, at, literal)
	}
	table, name := "", key
	if cut := strings.LastIndexByte(key, '.'); cut >= 0 {
		table, name = key[:cut], key[cut+1:]
	}
	lines := strings.SplitAfter(string(document), "\n")
	all := headers(document)
	from, to := 0, len(lines)
	if table != "" {
		i := slices.IndexFunc(all, func(h header) bool { return h.table == table })
		if i < 0 {
			if strings.HasSuffix(table, "]") {
				return nil, fmt.Errorf("%s: %w", key, ErrKey)
			}
			text := strings.TrimRight(string(document), "\n")
			return fmt.Appendf(nil, "%s\n\n[%s]\n%s = %s\n", text, table, name, literal), nil
		}
		from = all[i].line + 1
		all = all[i+1:]
	}
	if len(all) > 0 {
		to = all[0].line
	}
	// The template's comment with the default marks the place; otherwise it is
	// the table's first line.
	at := from
	mark := regexp.MustCompile(`^\s*#\s*` + regexp.QuoteMeta(name) + `\s*=`)
	for i := from; i < to; i++ {
		if mark.MatchString(lines[i]) {
			at = i + 1
		}
	}
	if at > 0 && !strings.HasSuffix(lines[at-1], "\n") {
		lines[at-1] += "\n"
	}
	return []byte(strings.Join(slices.Insert(lines, at, name+" = "+literal+"\n"), "")), nil
}

// replaceValue puts another value in place of the one of the key at a place,
// and leaves the comment behind it.
func replaceValue(document []byte, key string, at place, literal string) ([]byte, error) {
	_, start, end, err := span(document, key, at)
	if err != nil {
		return nil, err
	}
	return slices.Concat(document[:start], []byte(literal), document[end:]), nil
}

// removeKey removes the key at a place with its value and the comment behind it.
func removeKey(document []byte, key string, at place) ([]byte, error) {
	begin, _, end, err := span(document, key, at)
	if err != nil {
		return nil, err
	}
	begin = bytes.LastIndexByte(document[:begin], '\n') + 1
	if next := bytes.IndexByte(document[end:], '\n'); next >= 0 {
		end += next + 1
	} else {
		end = len(document)
	}
	return slices.Concat(document[:begin], document[end:]), nil
}

// span finds where the key at a place begins, and where its value begins and
// ends.
func span(document []byte, key string, at place) (begin, start, end int, err error) {
	for range at.line - 1 {
		start += bytes.IndexByte(document[start:], '\n') + 1
	}
	start += at.column - 1
	begin = start
	equals := bytes.IndexByte(document[start:], '=')
	if equals < 0 {
		return 0, 0, 0, fmt.Errorf("%s: it is not written as a single value", key)
	}
	start += equals + 1
	for start < len(document) && (document[start] == ' ' || document[start] == '\t') {
		start++
	}
	rest := document[start:]
	for end := 1; end <= len(rest); end++ {
		line, _, _ := bytes.Cut(rest[end:], []byte("\n"))
		after := bytes.TrimSpace(line)
		if len(after) > 0 && after[0] != '#' {
			continue
		}
		var v map[string]any
		if toml.Unmarshal(append([]byte("x = "), rest[:end]...), &v) == nil {
			return begin, start, start + end, nil
		}
	}
	return 0, 0, 0, fmt.Errorf("%s: it stands in a table of one line, which is not changed from here", key)
}

// removeTable removes a table of a list, [[list]], with the tables below it.
// Comments above the next table stay.
func removeTable(document []byte, table string) ([]byte, error) {
	all := headers(document)
	i := slices.IndexFunc(all, func(h header) bool { return h.table == table })
	if i < 0 {
		return nil, fmt.Errorf("%s: it is not written as a table of its own", table)
	}
	lines := strings.SplitAfter(string(document), "\n")
	to := len(lines)
	for _, h := range all[i+1:] {
		if !strings.HasPrefix(h.table, table+".") {
			to = h.line
			for to > all[i].line+1 && isRemark(lines[to-1]) {
				to--
			}
			break
		}
	}
	return []byte(strings.Join(slices.Delete(lines, all[i].line, to), "")), nil
}

func isRemark(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// appendGroup adds a group at the end of a document.
func appendGroup(document []byte, g Group) ([]byte, error) {
	texts := func(n int, at func(int) string) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = at(i)
		}
		return list
	}
	b := bytes.TrimRight(document, "\n")
	b = append(slices.Clone(b), "\n\n[[groups]]\n"...)
	for _, kv := range []struct {
		key   string
		value any
	}{
		{"name", g.Name},
		{"uuid", g.UUID.String()},
		{"password", string(g.Password)},
		{"permissions", texts(len(g.Permissions), func(i int) string { return string(g.Permissions[i]) })},
		{"notifications", texts(len(g.Notifications), func(i int) string { return string(g.Notifications[i]) })},
		{"workers", g.Workers},
		{"schedules", g.Schedules},
	} {
		l, err := literal(kv.value)
		if err != nil {
			return nil, err
		}
		b = fmt.Appendf(b, "%s = %s\n", kv.key, l)
	}
	return b, nil
}

// literal writes a value as TOML.
func literal(v any) (string, error) {
	b, err := toml.Marshal(map[string]any{"x": v})
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.TrimPrefix(string(b), "x =")), nil
}

// field finds the setting of a key: tcp.tls.mode or groups[0].name.
func (c *Config) field(key string) (reflect.Value, error) {
	v := reflect.ValueOf(c).Elem()
	for part := range strings.SplitSeq(key, ".") {
		name, element, isElement := strings.Cut(part, "[")
		v = memberOf(v, name)
		if !v.IsValid() {
			return v, c.noKey(key)
		}
		if !isElement {
			continue
		}
		i, err := strconv.Atoi(strings.TrimSuffix(element, "]"))
		if err != nil || !strings.HasSuffix(element, "]") || v.Kind() != reflect.Slice || i < 0 || i >= v.Len() {
			return v, c.noKey(key)
		}
		v = v.Index(i)
	}
	return v, nil
}

// noKey says that there is no such setting, and which one may be meant.
func (c *Config) noKey(key string) error {
	return fmt.Errorf("%q: %w%s", key, ErrKey, didYouMean(key, c.keys()))
}

// keys lists the keys of all settings and tables.
func (c *Config) keys() []string {
	var keys []string
	c.each(func(key string, _ reflect.Value) { keys = append(keys, key) })
	return keys
}

// each visits all settings and tables, a table before what is in it.
func (c *Config) each(visit func(key string, v reflect.Value)) {
	var walk func(v reflect.Value, key string)
	walk = func(v reflect.Value, key string) {
		if key != "" {
			visit(key, v)
		}
		switch {
		case isTable(v.Type()):
			for i := range v.NumField() {
				if name := v.Type().Field(i).Tag.Get("toml"); name != "" {
					walk(v.Field(i), join(key, name))
				}
			}
		case v.Kind() == reflect.Slice && isTable(v.Type().Elem()):
			for i := range v.Len() {
				walk(v.Index(i), key+"["+strconv.Itoa(i)+"]")
			}
		}
	}
	walk(reflect.ValueOf(c).Elem(), "")
}

func memberOf(v reflect.Value, name string) reflect.Value {
	if !isTable(v.Type()) {
		return reflect.Value{}
	}
	for i := range v.NumField() {
		if name != "" && v.Type().Field(i).Tag.Get("toml") == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// Get returns a setting by its key: a list as CSV, a table as TOML, anything
// else as text. Secrets are masked. It returns ErrKey for a key that there is
// not.
func (c *Config) Get(key string) (string, error) {
	v, err := c.field(key)
	if err != nil {
		return "", err
	}
	shown := reflect.New(v.Type()).Elem()
	masked(shown, v)
	name := key[strings.LastIndexByte(key, '.')+1:]
	b, err := toml.Marshal(map[string]any{name: shown.Interface()})
	if err != nil {
		return "", err
	}
	var back map[string]any
	if err := toml.Unmarshal(b, &back); err != nil {
		return "", err
	}
	switch value := back[name].(type) {
	case map[string]any:
		b, err := toml.Marshal(shown.Interface())
		return string(b), err
	case []any:
		if v.Kind() == reflect.Slice && isTable(v.Type().Elem()) {
			return string(b), nil
		}
		cells := make([]string, len(value))
		for i := range value {
			cells[i] = fmt.Sprint(value[i])
		}
		return script.FormatCSV(cells), nil
	case nil:
		return "", nil
	case bool:
		return script.FormatBool(value), nil
	default:
		return fmt.Sprint(value), nil
	}
}

// literalFor writes a text that a user typed as the setting of a key wants it.
func (c *Config) literalFor(key, text string) (string, error) {
	v, err := c.field(key)
	if err != nil {
		return "", err
	}
	switch {
	case isTable(v.Type()), v.Kind() == reflect.Slice && isTable(v.Type().Elem()):
		return "", fmt.Errorf("%s is a table: set what is in it", key)
	case v.Kind() == reflect.Slice:
		return literal(script.ParseCSV(text))
	}
	probe := reflect.New(v.Type()).Elem()
	if err := setScalar(probe, text, true); err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	switch probe.Kind() {
	case reflect.Bool:
		return literal(probe.Bool())
	case reflect.Int:
		if _, isText := probe.Addr().Interface().(interface{ UnmarshalText([]byte) error }); !isText {
			return literal(probe.Int())
		}
	case reflect.Float32:
		return script.FormatFloat32(float32(probe.Float())), nil
	}
	return literal(text)
}
