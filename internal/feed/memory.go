package feed

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"rookery/internal/rights"
)

const (
	// remembered is how many items of a feed are remembered, those that are in
	// it and those that were last. It is more than one document may have.
	remembered = 2 * maxItems
	// burst is how many new items are told at a look; the others are told at the
	// next ones. A feed whose items all changed floods nobody.
	burst = 50
)

// memory is what is known of a feed.
type memory struct {
	// ETag and Modified are what the server said of the document (RFC 9110
	// §8.8).
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	// Seen are identifiers of items, the last seen first. Nil: the feed was
	// never looked at.
	Seen []string `json:"seen"`
}

// takeIn remembers a document and tells what is new in it, up to a number of
// items. The first document of a feed holds nothing new. When it cannot be kept
// what is new is told all the same. The caller holds mu.
func (b *Book) takeIn(ctx context.Context, f *watched, found document, most int) error {
	first := f.Seen == nil
	seen := make(map[string]bool, len(f.Seen))
	for _, id := range f.Seen {
		seen[id] = true
	}
	next := memory{ETag: found.etag, Modified: found.modified, Seen: make([]string, 0, len(f.Seen))}
	var news []Item
	for _, item := range found.items {
		if !seen[item.ID] && !first {
			if len(news) == most || b.tell == nil {
				// The server shall not say that nothing has changed.
				next.ETag, next.Modified = "", ""
				continue
			}
			news = append(news, item)
		}
		next.Seen = append(next.Seen, item.ID)
		delete(seen, item.ID)
	}
	slices.Reverse(next.Seen)
	for _, id := range f.Seen {
		if seen[id] && len(next.Seen) < remembered {
			next.Seen = append(next.Seen, id)
		}
	}
	if !first && len(news) == 0 && next.ETag == f.ETag && next.Modified == f.Modified {
		return nil // the order alone is not worth a write
	}
	f.memory = next
	var err error
	if b.o.Store != nil {
		err = b.memories.Put(ctx, b.owner(""), f.url, next)
	}
	for _, item := range news {
		b.spread(f, item)
	}
	return err
}

// spread tells an item to every group that is subscribed and may hear it at
// this moment. The caller holds mu.
func (b *Book) spread(f *watched, item Item) {
	for group, name := range f.names {
		id, err := uuid.Parse(group)
		if err == nil && b.listens(group) {
			b.tell(News{Group: id, Feed: name, Item: item})
		}
	}
}

// listens tells whether a group may have feeds and hear of them.
func (b *Book) listens(group string) bool {
	caller, ok := b.o.Group(group)
	return ok && caller.Permissions.Has(rights.Feed) && caller.Hears(Name)
}
