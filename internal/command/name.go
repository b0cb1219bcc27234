package command

import (
	"fmt"
	"strings"
)

// Name is a command name taken apart by its grammar:
//
//	command ::= [ "batch" ] body [ "data" ]
//	body    ::= ( term [ "s" ] )+
//
// A batch command takes a list of the things it acts on; a data command reads
// or writes members of a structure by name. The plural s of terms cannot be
// told from a term that ends in s, so it stays part of the body.
type Name struct {
	Batch bool
	Body  string
	Data  bool
}

// ParseName takes a command name apart. Names are lower-case letters only.
func ParseName(name string) (Name, error) {
	for _, r := range name {
		if r < 'a' || r > 'z' {
			return Name{}, fmt.Errorf("command name %q: %q is no lower-case letter", name, r)
		}
	}
	var n Name
	n.Body, n.Batch = strings.CutPrefix(name, "batch")
	n.Body, n.Data = strings.CutSuffix(n.Body, "data")
	if n.Body == "" {
		return Name{}, fmt.Errorf("command name %q: nothing between prefix and suffix", name)
	}
	return n, nil
}

func (n Name) String() string {
	s := n.Body
	if n.Batch {
		s = "batch" + s
	}
	if n.Data {
		s += "data"
	}
	return s
}
