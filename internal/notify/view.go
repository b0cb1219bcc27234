package notify

import (
	"rookery/internal/bus"
	"rookery/internal/query"
	"rookery/script"
)

// inViews tells a notification to those who asked for raw fields of its event in
// place of the usual keys. What has none is told as everybody is told it; where
// an event has none of the fields asked for there is nothing to tell.
func (n *Notifier) inViews(told bus.Notification, raw func() query.Object) {
	if n.o.Views == nil {
		return
	}
	for _, view := range n.o.Views() {
		seen := told
		seen.View = view.ID
		if fields := raw(); fields != nil {
			answers := query.Ask(fields, view.Fields)
			if len(answers) == 0 {
				continue
			}
			seen.Text = script.AppendLine(nil, bus.FieldPairs(told.Type, answers), script.DefaultFilters())
		}
		n.o.Publish(seen)
	}
}
