package config

import (
	"reflect"
	"strconv"
)

// Changes lists the settings that differ between two configurations, by key in
// the order of the template. Tables of a list are compared whole where their
// number differs.
func Changes(from, to *Config) []string {
	var keys []string
	compare(reflect.ValueOf(from).Elem(), reflect.ValueOf(to).Elem(), "", &keys)
	return keys
}

func compare(a, b reflect.Value, key string, keys *[]string) {
	switch {
	case isTable(a.Type()):
		for i := range a.NumField() {
			if name := a.Type().Field(i).Tag.Get("toml"); name != "" {
				compare(a.Field(i), b.Field(i), join(key, name), keys)
			}
		}
	case a.Kind() == reflect.Slice && isTable(a.Type().Elem()) && a.Len() == b.Len():
		for i := range a.Len() {
			compare(a.Index(i), b.Index(i), key+"["+strconv.Itoa(i)+"]", keys)
		}
	case a.Kind() == reflect.Slice && a.Len() == 0 && b.Len() == 0:
	case !reflect.DeepEqual(a.Interface(), b.Interface()):
		*keys = append(*keys, key)
	}
}
