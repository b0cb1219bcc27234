package feed

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html/charset"
)

const (
	// maxItems and maxDepth bound a document: how many items it has, and how
	// deep its elements stand within each other.
	maxItems = 5000
	maxDepth = 100
	// maxProlog is how far a document may go without showing what it is, in
	// bytes; the parser looks no further either.
	maxProlog = 4096
	// maxTitle, maxSummary and maxLink bound what of an item is told, in bytes;
	// the rest is cut off.
	maxTitle   = 1 << 10
	maxSummary = 16 << 10
	maxLink    = 4 << 10
)

// Item is one piece of news in a feed.
type Item struct {
	// ID tells it from the others of its feed, at any time.
	ID string
	// Title and Summary are as the feed has them, HTML if it is; either may be
	// empty, and so may Link.
	Title, Summary, Link string
	// Date is when it was published, or else updated, in UTC; zero when the feed
	// does not say.
	Date time.Time
}

// parse reads a document: RSS, Atom or JSON Feed. The items come the oldest
// first, each once. When ctx ends it gives up.
func parse(ctx context.Context, document []byte) ([]Item, error) {
	document = printable(document)
	switch gofeed.DetectFeedType(bytes.NewReader(document[:min(len(document), maxProlog)])) {
	case gofeed.FeedTypeUnknown:
		return nil, errors.New("it is neither RSS, Atom nor JSON Feed")
	case gofeed.FeedTypeAtom, gofeed.FeedTypeRSS:
		if err := inspect(document); err != nil {
			return nil, err
		}
	}
	parser := gofeed.NewParser()
	// The search for pictures would parse the HTML of each item.
	parser.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	parsed, err := parser.Parse(impatient{ctx, bytes.NewReader(document)})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("it cannot be read: %w", err)
	case parsed.FeedType == "json" && !strings.Contains(parsed.FeedVersion, "jsonfeed.org/version/"):
		return nil, errors.New("it is JSON, but no JSON Feed: its version is missing")
	case len(parsed.Items) > maxItems:
		return nil, errTooMany
	}
	return itemsOf(parsed.Items), nil
}

var errTooMany = fmt.Errorf("it has more than %d items", maxItems)

// printable leaves out the control characters that XML has no place for, as the
// parser does, so that inspect sees what it sees.
func printable(document []byte) []byte {
	return slices.DeleteFunc(slices.Clone(document), func(b byte) bool { return b < ' ' && b != '\t' && b != '\n' && b != '\r' })
}

// inspect refuses XML that would cost the parser more than its size: it keeps
// what it knows of each element that an element stands in, on its stack and in
// URLs. Broken XML is left to the parser, which stops at the same place.
func inspect(document []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(document))
	decoder.Strict = false
	decoder.CharsetReader = charset.NewReaderLabel
	depth, items := 0, 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return fmt.Errorf("more than %d of its elements stand within each other", maxDepth)
			}
			if name := strings.ToLower(token.Name.Local); name == "item" || name == "entry" {
				items++
			}
			if items > maxItems {
				return errTooMany
			}
		case xml.EndElement:
			depth--
		}
	}
}

// impatient reads until ctx ends.
type impatient struct {
	ctx context.Context
	io.Reader
}

func (r impatient) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// itemsOf turns items around: feeds have the newest first. Dates tell better
// where every item has one. Items that say nothing are left out.
func itemsOf(parsed []*gofeed.Item) []Item {
	items := make([]Item, 0, len(parsed))
	seen := make(map[string]bool, len(parsed))
	dated := true
	for _, p := range slices.Backward(parsed) {
		item := itemOf(p)
		if seen[item.ID] || item.Title == "" && item.Summary == "" && item.Link == "" {
			continue
		}
		seen[item.ID] = true
		dated = dated && !item.Date.IsZero()
		items = append(items, item)
	}
	if dated {
		slices.SortStableFunc(items, func(a, b Item) int { return a.Date.Compare(b.Date) })
	}
	return items
}

func itemOf(p *gofeed.Item) Item {
	item := Item{
		Title:   cut(p.Title, maxTitle),
		Summary: cut(cmp.Or(strings.TrimSpace(p.Description), p.Content), maxSummary),
		Link:    cut(p.Link, maxLink),
	}
	if date := cmp.Or(p.PublishedParsed, p.UpdatedParsed); date != nil {
		item.Date = date.UTC()
	}
	// The items of a feed keep their identifiers when their texts are mended.
	switch {
	case p.GUID != "":
		item.ID = hash("guid", p.GUID)
	case p.Link != "":
		item.ID = hash("link", p.Link)
	default:
		item.ID = hash("text", p.Title, p.Description, p.Content, cmp.Or(p.Published, p.Updated))
	}
	return item
}

// hash makes 16 characters of any texts; the chance that two items of a feed
// share them is nil.
func hash(texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "%d:%s", len(text), text)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// cut makes a text valid, and short.
func cut(text string, most int) string {
	text = strings.TrimSpace(strings.ToValidUTF8(text, "\uFFFD"))
	if len(text) <= most {
		return text
	}
	text = text[:most-len("…")]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + "…"
}
