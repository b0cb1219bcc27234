package config

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/pelletier/go-toml/v2"

	"rookery/script"
)

// envPrefix begins the name of every environment variable that sets a setting.
const envPrefix = "ROOKERY_"

// decoder puts a document and the environment into a Config, and notes all
// that is wrong on the way instead of stopping at the first.
type decoder struct {
	file     string
	places   map[string]place
	env      map[string]string // variables with the prefix
	used     map[string]bool   // those that set something
	told     map[string]bool   // keys with a problem
	problems Problems
}

// decode reads a document. environ is a list of NAME=VALUE.
func decode(file string, document []byte, environ []string) (*Config, *decoder) {
	d := &decoder{file: file, env: map[string]string{}, used: map[string]bool{}, told: map[string]bool{}}
	for _, v := range environ {
		if name, value, ok := strings.Cut(v, "="); ok && strings.HasPrefix(name, envPrefix) {
			d.env[name] = value
		}
	}
	c := Default()
	c.path = file
	tree := map[string]any{}
	if err := toml.Unmarshal(document, &tree); err != nil {
		p := Problem{File: file, Text: strings.TrimPrefix(err.Error(), "toml: ")}
		if e, ok := errors.AsType[*toml.DecodeError](err); ok {
			p.Line, p.Column = e.Position()
		}
		d.problems = append(d.problems, p)
		return c, d
	}
	d.places = index(document)
	d.structure(reflect.ValueOf(c).Elem(), tree, "", "ROOKERY")
	d.unknownVariables()
	return c, d
}

// problem notes a problem at a key of the file.
func (d *decoder) problem(key, format string, args ...any) {
	d.add(key, false, format, args...)
}

// warning notes something that is not as it should be but can be used.
func (d *decoder) warning(key, format string, args ...any) {
	d.add(key, true, format, args...)
}

func (d *decoder) add(key string, warning bool, format string, args ...any) {
	if d.told[key] { // what follows from a problem is none of its own
		return
	}
	d.told[key] = true
	p := Problem{File: d.file, Key: key, Text: fmt.Sprintf(format, args...), Warning: warning}
	if name := d.variable(key); name != "" {
		p.File = "environment " + name
	} else {
		at := find(d.places, key)
		p.Line, p.Column = at.line, at.column
	}
	d.problems = append(d.problems, p)
}

// sorted gives the problems in the order of the file.
func (d *decoder) sorted() Problems {
	sort.SliceStable(d.problems, func(i, j int) bool {
		a, b := d.problems[i], d.problems[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return d.problems
}

// envName is the variable that sets a key: tcp.tls.mode is ROOKERY_TCP_TLS_MODE
// and groups[0].password is ROOKERY_GROUPS_0_PASSWORD.
func envName(key string) string {
	return envPrefix + strings.ToUpper(strings.NewReplacer(".", "_", "[", "_", "]", "").Replace(key))
}

// variable is the variable that set a key, or the list a key is an element of;
// empty if the file did.
func (d *decoder) variable(key string) string {
	if name := envName(key); d.used[name] {
		return name
	}
	if strings.HasSuffix(key, "]") {
		if name := envName(key[:strings.LastIndexByte(key, '[')]); d.used[name] {
			return name
		}
	}
	return ""
}

// structure decodes a table into a struct.
func (d *decoder) structure(v reflect.Value, tree map[string]any, key, env string) {
	var names []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("toml")
		if name == "" {
			continue
		}
		names = append(names, name)
		d.value(v.Field(i), tree[name], join(key, name), env+"_"+strings.ToUpper(name))
	}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		if !slices.Contains(names, name) {
			d.problem(join(key, name), "unknown setting%s: allowed here are %s",
				didYouMean(name, names), strings.Join(names, ", "))
		}
	}
}

// value decodes what the file (in, nil if nothing) or the environment says.
func (d *decoder) value(v reflect.Value, in any, key, env string) {
	if text, ok := d.env[env]; ok && !isTable(v.Type()) {
		d.used[env] = true
		if v.Kind() == reflect.Slice {
			d.list(v, toAny(script.ParseCSV(text)), key)
			return
		}
		d.scalar(v, text, key)
		return
	}
	switch {
	case v.Kind() == reflect.Slice && isTable(v.Type().Elem()):
		d.tables(v, in, key, env)
	case isTable(v.Type()):
		tree, ok := in.(map[string]any)
		if in != nil && !ok {
			d.problem(key, "want a table, [%s], not %s", key, kindOf(in))
		}
		d.structure(v, tree, key, env)
	case in == nil:
	case v.Kind() == reflect.Slice:
		list, ok := in.([]any)
		if !ok {
			d.problem(key, "want a list, such as [\"a\", \"b\"], not %s", kindOf(in))
			return
		}
		d.list(v, list, key)
	default:
		d.scalar(v, in, key)
	}
}

// isTable tells whether a type is written as a table.
func isTable(t reflect.Type) bool { return t.Kind() == reflect.Struct }

func toAny(texts []string) []any {
	list := make([]any, len(texts))
	for i, t := range texts {
		list[i] = t
	}
	return list
}

// tables decodes an array of tables; the environment may change elements and
// add new ones at the end.
func (d *decoder) tables(v reflect.Value, in any, key, env string) {
	list, ok := in.([]any)
	if in != nil && !ok {
		d.problem(key, "want tables, [[%s]], not %s", key, kindOf(in))
	}
	n := len(list)
	for d.hasElement(env, n) {
		n++
	}
	out := reflect.MakeSlice(v.Type(), n, n)
	for i := range n {
		at := key + "[" + strconv.Itoa(i) + "]"
		switch e := out.Index(i).Addr().Interface().(type) {
		case *Agent:
			*e = defaultAgent()
		case *Group:
			*e = defaultGroup()
		}
		var tree map[string]any
		if i < len(list) {
			if tree, ok = list[i].(map[string]any); !ok {
				d.problem(at, "want a table, [[%s]], not %s", key, kindOf(list[i]))
			}
		}
		d.structure(out.Index(i), tree, at, env+"_"+strconv.Itoa(i))
	}
	v.Set(out)
}

func (d *decoder) hasElement(env string, i int) bool {
	prefix := env + "_" + strconv.Itoa(i) + "_"
	for name := range d.env {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// list decodes a list of scalars.
func (d *decoder) list(v reflect.Value, in []any, key string) {
	out := reflect.MakeSlice(v.Type(), 0, len(in))
	for i, element := range in {
		e := reflect.New(v.Type().Elem()).Elem()
		if d.scalar(e, element, key+"["+strconv.Itoa(i)+"]") {
			out = reflect.Append(out, e)
		}
	}
	v.Set(out)
}

// scalar decodes one value: of the file as its type there, of the environment
// as text.
func (d *decoder) scalar(v reflect.Value, in any, key string) bool {
	if err := setScalar(v, in, d.variable(key) != ""); err != nil {
		d.problem(key, "%v", err)
		return false
	}
	return true
}

func setScalar(v reflect.Value, in any, fromEnv bool) error {
	text, isText := in.(string)
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if n, isNumber := in.(int64); isNumber && v.Type() == reflect.TypeFor[Size]() {
			text, isText = strconv.FormatInt(n, 10), true
		}
		if !isText {
			if err := u.UnmarshalText([]byte(fmt.Sprint(in))); err == nil {
				return fmt.Errorf("want it in quotes: \"%v\"", in)
			}
			return fmt.Errorf("want a text in quotes, not %s", kindOf(in))
		}
		err := u.UnmarshalText([]byte(text))
		if err != nil && v.Type() == reflect.TypeFor[uuid.UUID]() {
			return fmt.Errorf("%q is not a UUID such as 01234567-89ab-cdef-0123-456789abcdef", text)
		}
		return err
	}
	switch v.Kind() {
	case reflect.String:
		if !isText {
			return fmt.Errorf("want a text in quotes, not %s", kindOf(in))
		}
		v.SetString(text)
	case reflect.Bool:
		b, ok := in.(bool)
		if fromEnv {
			var err error
			b, err = script.ParseBool(text)
			ok = err == nil
		}
		if !ok {
			return fmt.Errorf("want true or false, not %s", show(in))
		}
		v.SetBool(b)
	case reflect.Int:
		n, ok := in.(int64)
		if fromEnv {
			var err error
			n, err = strconv.ParseInt(text, 10, 64)
			ok = err == nil
		}
		if !ok || n < math.MinInt32 || n > math.MaxInt32 {
			return fmt.Errorf("want a whole number, not %s", show(in))
		}
		v.SetInt(n)
	case reflect.Float32:
		f, ok := in.(float64)
		if n, isInt := in.(int64); isInt {
			f, ok = float64(n), true
		}
		if fromEnv {
			var err error
			f, err = script.ParseFloat(text)
			ok = err == nil
		}
		if !ok || math.IsNaN(f) || math.Abs(f) > math.MaxFloat32 {
			return fmt.Errorf("want a number, not %s", show(in))
		}
		v.SetFloat(f)
	default:
		return fmt.Errorf("cannot hold a setting of type %s", v.Type())
	}
	return nil
}

// kindOf names the kind of a value of the file. Values are not shown here:
// they may be secrets.
func kindOf(in any) string {
	switch in.(type) {
	case string:
		return "a text"
	case bool:
		return "a truth value"
	case int64:
		return "a whole number"
	case float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}

// show writes a value where a number or truth value was wanted.
func show(in any) string {
	switch in := in.(type) {
	case string:
		return strconv.Quote(in)
	case bool, int64, float64:
		return fmt.Sprint(in)
	}
	return kindOf(in)
}

// foreignVariables are variables with the prefix that are not settings: the
// command line reads them.
var foreignVariables = []string{"ROOKERY_CONFIG", "ROOKERY_ADDR", "ROOKERY_GROUP", "ROOKERY_PASSWORD", "ROOKERY_CA"}

// unknownVariables warns of variables that set nothing. It is no more than a
// warning because others use such names too: Kubernetes sets ROOKERY_PORT
// where a service is called rookery.
func (d *decoder) unknownVariables() {
	for _, name := range slices.Sorted(maps.Keys(d.env)) {
		if d.used[name] || slices.Contains(foreignVariables, name) {
			continue
		}
		d.problems = append(d.problems, Problem{
			File: "environment " + name, Warning: true,
			Text: "sets nothing: it is not the name of a setting",
		})
	}
}
