package command

import "rookery/script"

// Data is what a command answers in the key data: a text, or a list that is
// written as CSV. The zero value is nothing, and leaves the key out.
type Data struct {
	text  string
	cells []string
}

// Text is a plain text as data, written as it stands.
func Text(text string) Data { return Data{text: text} }

// List is a list as data; without cells it is nothing.
func List(cells ...string) Data { return Data{cells: cells} }

// Bool is True or False as data.
func Bool(v bool) Data { return Text(script.FormatBool(v)) }

// Empty tells whether there is nothing to answer.
func (d Data) Empty() bool { return d.text == "" && len(d.cells) == 0 }

// Cells returns the cells of a list, or a text as the only cell.
func (d Data) Cells() []string {
	if d.text != "" {
		return []string{d.text}
	}
	return d.cells
}

// String is the value of the key data.
func (d Data) String() string {
	if d.text != "" {
		return d.text
	}
	return script.FormatCSV(d.cells)
}
