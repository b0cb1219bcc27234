package codepage

import "golang.org/x/text/encoding/unicode"

var table = map[uint32]*Page{
	UTF8: {Encoding: unicode.UTF8, number: UTF8, name: "Unicode UTF-8"},
}
