package chatlog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// extension ends the name of a file that is being written; older ones have a
// number behind it.
const extension = ".log"

// Names of files are kept well below what file systems take. A longer one is
// cut, and a hash of the whole tells it from others.
const (
	longestName = 120
	cutName     = 96
)

// guard stands before what would otherwise be a device.
const guard = "~"

// plainMarks may stand in the name of a file, beside letters and digits, on
// every file system.
const plainMarks = " -_.,'()[]{}!&@#$=+^"

// FileName is what the file of a name is called, without extension. Different
// names have different ones, but for spaces around them.
func FileName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(strings.TrimSpace(name), "\uFFFD"))
	var b strings.Builder
	for i, r := range name {
		last := i+utf8.RuneLen(r) == len(name)
		if (unicode.In(r, unicode.L, unicode.M, unicode.Nd) || strings.ContainsRune(plainMarks, r)) && (r != '.' || i > 0 && !last) {
			b.WriteRune(r)
			continue
		}
		escape(&b, string(r))
	}
	file := b.String()
	if isDevice(file) {
		file = guard + file
	}
	if file == "" {
		return "%"
	}
	if len(file) <= longestName {
		return file
	}
	hash := sha256.Sum256([]byte(foldName(name)))
	end := cutName
	for !utf8.RuneStart(file[end]) {
		end--
	}
	// An escape is not cut in two.
	if i := strings.LastIndexByte(file[:end], '%'); i >= 0 && end-i < 3 {
		end = i
	}
	return file[:end] + "~" + hex.EncodeToString(hash[:8])
}

func escape(b *strings.Builder, text string) {
	for i := range len(text) {
		fmt.Fprintf(b, "%%%02X", text[i])
	}
}

// isDevice tells whether Windows takes the name for a device.
func isDevice(file string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(file), ".")
	switch stem = strings.TrimSpace(stem); stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	number, isPort := strings.CutPrefix(stem, "com")
	if !isPort {
		number, isPort = strings.CutPrefix(stem, "lpt")
	}
	return isPort && len(number) == 1 && number[0] >= '0' && number[0] <= '9'
}

// foldName is the same for names that differ in case only.
func foldName(name string) string { return cases.Fold().String(name) }

// nameOf is the name whose file is called so, as far as it can be told.
func nameOf(file string) string {
	file = strings.TrimPrefix(file, guard)
	var b []byte
	for i := 0; i < len(file); i++ {
		if file[i] == '%' && i+2 < len(file) {
			if n, err := strconv.ParseUint(file[i+1:i+3], 16, 8); err == nil {
				b = append(b, byte(n))
				i += 2
				continue
			}
		}
		b = append(b, file[i])
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// maxAge is the highest number behind the name of a file.
const maxAge = 999

// splitFile tells the name of a file and its age: 0 for NAME.log, N for
// NAME.log.N. False for a file of something else.
func splitFile(file string) (name string, age int, ok bool) {
	if name, ok := strings.CutSuffix(file, extension); ok {
		return name, 0, name != ""
	}
	at := strings.LastIndexByte(file, '.')
	if at < 0 {
		return "", 0, false
	}
	name, ok = strings.CutSuffix(file[:at], extension)
	age, err := strconv.Atoi(file[at+1:])
	return name, age, ok && err == nil && age > 0 && age <= maxAge && name != "" && file[at+1] != '0' && file[at+1] != '+'
}

// fileOf is the reverse of splitFile.
func fileOf(name string, age int) string {
	if age == 0 {
		return name + extension
	}
	return name + extension + "." + strconv.Itoa(age)
}
