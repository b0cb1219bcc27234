// Package script holds the words that scripts speak with an agent: key-value
// text, lists, escaping and ciphers, vectors, permissions, paths, errors.
//
// # A line
//
// Commands, answers and notifications are key-value text:
//
//	command=tell&group=My+Group&password=secret&entity=local&message=hello
//
// The text is split first ([ParsePairs]) and each key and value is decoded by
// the input filters afterwards ([DecodeLine]); the other way round every key
// and value is encoded by the output filters and then joined ([AppendLine]).
// Inside a value, lists are comma separated as RFC 4180 has it ([ParseCSV]).
//
// # What is kept and what is mended
//
// The words are those of Corrade, so that scripts written for it keep
// working. Where its behaviour is a defect the wire shape is kept and the
// behaviour mended; each such place says so in its documentation:
//
//   - The order of pairs is the order in the text, and the first of several
//     equal keys wins ([Pairs]).
//   - Parameter names are found after decoding keys, so filters that change
//     names (ciphers, BASE64) work, and input and output filters may differ.
//   - A quoted empty cell is an empty cell ([ParseCSV]).
//   - Letters outside a-z, bad keys, wrong passwords and damaged texts are
//     errors or pass through; nothing panics.
//   - Two numbers that stood for two errors each are told apart ([Error]).
//
// The package imports neither the grid nor any other room of this module.
// What needs a JavaScript, XPath or regular expression engine is in
// script/sift.
package script
