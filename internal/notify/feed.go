package notify

import (
	"rookery/internal/feed"
	"rookery/script"
)

var feedNews = Kind{
	Name:    feed.Name,
	Summary: "A feed that the group subscribed to with the command feed has a new item; only that group hears of it.",
	Keys: []Key{
		{"title", "title of the item, at most 1 KiB"},
		{"summary", "summary of the item, or else its content, often HTML; at most 16 KiB"},
		{"name", "what the group calls the feed"},
		{"date", "when the item was published, or else updated, in UTC; missing when the feed does not say"},
		{"link", "URL of the item, when it has one"},
	},
	makers: []maker{on(func(_ *Notifier, e feed.News) script.Pairs {
		var b build
		b.text("title", e.Title)
		b.text("summary", e.Summary)
		b.text("name", e.Feed)
		if !e.Date.IsZero() {
			b.text("date", script.FormatTime(e.Date))
		}
		b.text("link", e.Link)
		return b.pairs()
	})},
}
