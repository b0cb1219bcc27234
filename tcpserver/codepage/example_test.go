package codepage_test

import (
	"fmt"

	"rookery/tcpserver/codepage"
)

func ExampleLookup() {
	page, err := codepage.Lookup(1252)
	if err != nil {
		fmt.Println(err)
		return
	}
	raw, err := page.Encode("10 €")
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := page.Decode(raw)
	fmt.Printf("%s: %q %q %v\n", page.Name(), raw, text, err)

	_, err = page.Encode("日本")
	fmt.Println(err)
	_, err = codepage.Lookup(20001)
	fmt.Println(err)
	// Output:
	// ANSI - Latin I: "10 \x80" "10 €" <nil>
	// encode to code page 1252: character is not in the code page: encoding: rune not supported by encoding.
	// code page 20001 (TCA - Taiwan) is not available
}
