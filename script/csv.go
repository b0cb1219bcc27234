package script

import "strings"

// ParseCSV reads a list: one record of comma separated cells as RFC 4180 has
// it. Cells are not trimmed, and a line end is a character like any other,
// quoted or not. Empty text is an empty list; a quoted empty cell is an empty
// cell.
//
// Text that RFC 4180 does not allow is read leniently and never an error: a
// quote in the middle of a cell toggles quoting, two there are one quote, and
// a quote that is never closed ends with the text.
func ParseCSV(text string) []string {
	if text == "" {
		return nil
	}
	cells, _ := scanCSV(make([]string, 0, strings.Count(text, ",")+1), text, false)
	return cells
}

// ParseCSVRows reads a table: records that end in CRLF or LF outside quotes.
// The last line end may be missing, and empty lines are left out.
func ParseCSVRows(text string) [][]string {
	var rows [][]string
	for text != "" {
		var cells []string
		cells, text = scanCSV(nil, text, true)
		if len(cells) == 1 && cells[0] == "" {
			continue
		}
		rows = append(rows, cells)
	}
	return rows
}

// scanCSV appends the cells of one record to cells and returns what follows
// it.
func scanCSV(cells []string, text string, rows bool) (_ []string, rest string) {
	for {
		var cell string
		var end byte
		cell, text, end = scanCell(text, rows)
		cells = append(cells, cell)
		if end != ',' {
			return cells, text
		}
	}
}

// scanCell reads one cell. end is what ended it: a comma, a line feed, or 0 at
// the end of the text.
func scanCell(text string, rows bool) (cell, rest string, end byte) {
	stop := ",\""
	if rows {
		stop = ",\"\r\n"
	}
	var b cellBuilder
	plain := 0 // start of the piece that is not in b yet
	quoted := false
	for i := 0; i < len(text); i++ {
		if quoted {
			n := strings.IndexByte(text[i:], '"')
			if n < 0 {
				break
			}
			i += n
		} else {
			n := strings.IndexAny(text[i:], stop)
			if n < 0 {
				break
			}
			i += n
		}
		switch c := text[i]; {
		case c == '"':
			b.add(text[plain:i])
			if doubled(text, i, quoted, rows) {
				b.add(text[i : i+1])
				i++
			} else {
				quoted = !quoted
			}
			plain = i + 1
		case c == '\r' && !strings.HasPrefix(text[i+1:], "\n"):
			// A lone CR is part of the cell.
		case c == '\r':
			return b.finish(text[plain:i]), text[i+2:], '\n'
		default:
			return b.finish(text[plain:i]), text[i+1:], c
		}
	}
	return b.finish(text[plain:]), "", 0
}

// doubled tells whether the quote at i is the first of two that stand for one.
// At the start of a cell two quotes are an empty quoted cell when the cell
// ends behind them, and the second belongs to the content when a third
// follows.
func doubled(text string, i int, quoted, rows bool) bool {
	if i+1 >= len(text) || text[i+1] != '"' {
		return false
	}
	if quoted || i > 0 {
		return true
	}
	switch after := text[i+2:]; {
	case after == "", after[0] == ',', after[0] == '"':
		return false
	case rows && (after[0] == '\n' || strings.HasPrefix(after, "\r\n")):
		return false
	}
	return true
}

// cellBuilder puts a cell together. Most are one piece of the text, and cost
// nothing then.
type cellBuilder struct {
	first string
	all   []byte
}

func (b *cellBuilder) add(piece string) {
	switch {
	case piece == "":
	case b.first == "":
		b.first = piece
	default:
		if b.all == nil {
			b.all = append(b.all, b.first...)
		}
		b.all = append(b.all, piece...)
	}
}

func (b *cellBuilder) finish(piece string) string {
	if b.add(piece); b.all != nil {
		return string(b.all)
	}
	return b.first
}

// FormatCSV writes a list. A cell that holds a quote, a space, a comma, CR or
// LF is quoted and its quotes doubled. A list of one empty cell is written as
// two quotes, to tell it from an empty list.
func FormatCSV(cells []string) string {
	return string(AppendCSV(nil, cells...))
}

// AppendCSV appends a list to dst, as [FormatCSV] writes it.
func AppendCSV(dst []byte, cells ...string) []byte {
	if len(cells) == 1 && cells[0] == "" {
		return append(dst, `""`...)
	}
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCell(dst, cell)
	}
	return dst
}

func appendCell(dst []byte, cell string) []byte {
	if !strings.ContainsAny(cell, "\" ,\r\n") {
		return append(dst, cell...)
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexByte(cell, '"')
		if i < 0 {
			break
		}
		dst = append(dst, cell[:i]...)
		dst = append(dst, `""`...)
		cell = cell[i+1:]
	}
	dst = append(dst, cell...)
	return append(dst, '"')
}

// FormatCSVRows writes a table, records separated by CRLF (RFC 4180 §2.1),
// without one at the end.
func FormatCSVRows(rows [][]string) string {
	var b []byte
	for i, cells := range rows {
		if i > 0 {
			b = append(b, "\r\n"...)
		}
		b = AppendCSV(b, cells...)
	}
	return string(b)
}

// Rows cuts a list into rows of width cells, the form in which answers carry
// tables. A last row that is not full is left out. The rows share the list's
// memory. Width must be positive.
func Rows(cells []string, width int) [][]string {
	rows := make([][]string, 0, len(cells)/width)
	for ; len(cells) >= width; cells = cells[width:] {
		rows = append(rows, cells[:width:width])
	}
	return rows
}

// ParseCSVPairs reads a list of alternating keys and values. An odd last cell
// is left out, and so are pairs that are empty on both sides; of a repeated
// key the first stays.
func ParseCSVPairs(text string) Pairs {
	cells := ParseCSV(text)
	ps := make(Pairs, 0, len(cells)/2)
	for ; len(cells) >= 2; cells = cells[2:] {
		if cells[0] != "" || cells[1] != "" {
			ps = append(ps, Pair{cells[0], cells[1]})
		}
	}
	return ps.Unique()
}

// FormatCSVPairs writes pairs as a list of alternating keys and values.
func FormatCSVPairs(ps Pairs) string {
	var b []byte
	for i, p := range ps {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCell(b, p.Key)
		b = append(b, ',')
		b = appendCell(b, p.Value)
	}
	return string(b)
}
