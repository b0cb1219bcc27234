package llsd_test

import (
	"fmt"
	"os"

	"rookery/grid"
	"rookery/grid/llsd"
)

func ExampleUnmarshal() {
	v, err := llsd.ParseString(`<llsd><map><key>name</key><string>Pelican</string><key>at</key><array><real>1</real><real>2</real><real>3</real></array></map></llsd>`)
	if err != nil {
		fmt.Println(err)
		return
	}
	var place struct {
		Name string       `llsd:"name"`
		At   grid.Vector3 `llsd:"at"`
	}
	fmt.Println(llsd.Unmarshal(v, &place), place)
	fmt.Println(llsd.Unmarshal(map[string]any{"at": "nowhere"}, &place))
	// Output:
	// <nil> {Pelican {1 2 3}}
	// llsd: at: string "nowhere" does not fit into grid.Vector3
}

func ExampleEncoder() {
	e := llsd.NewEncoder(os.Stdout, llsd.Notation)
	_ = e.BeginArray(-1) // errors stick until Close
	for i := range 3 {
		_ = e.Encode(map[string]any{"i": i})
	}
	_ = e.EndArray()
	if err := e.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <? llsd/notation ?>
	// [{'i':i0},{'i':i1},{'i':i2}]
}

func ExampleGet() {
	v, _ := llsd.ParseString(`{'error':{'code':i404,'text':'gone'}}`)
	fmt.Println(llsd.Int(llsd.Get(v, "error", "code")), llsd.String(llsd.Get(v, "error", "text")), llsd.Get(v, "no", "such", "way"))
	// Output: 404 gone <nil>
}
