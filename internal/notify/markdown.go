package notify

import (
	"fmt"
	"slices"
	"strings"

	"rookery/internal/rights"
)

// Markdown writes the reference of every notification.
func Markdown() string {
	var b strings.Builder
	b.WriteString("# Notifications\n\n")
	b.WriteString("Generated from the declarations in `internal/notify`; do not edit. " +
		"Every notification also carries its name, in `type` and in `notification`. Keys without a value are left out.\n\n" +
		"Notifications are heard on connections to doors, and posted to the URLs that the command `notify` registers. " +
		"Those of a durable subscription carry `sequence` too, which counts from 1 without a gap. " +
		"A registration or a handshake with `data` is told the raw fields that it names, in the key `data` as name, value for each, in place of the usual keys; " +
		"of a notification that has no raw fields it is told the usual keys, and of an event that has none of the named fields nothing. " +
		"Dots descend: `IM.Message`. A structure asked for as a whole is name, value for each member.\n")
	names := rights.NotificationNames()
	for _, k := range kinds {
		names = slices.DeleteFunc(names, func(name string) bool { return name == k.Name })
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| key | value |\n|---|---|\n", k.Name, k.Summary)
		for _, key := range k.Keys {
			fmt.Fprintf(&b, "| `%s` | %s |\n", key.Name, key.About)
		}
		if names := k.rawNames(); len(names) > 0 {
			fmt.Fprintf(&b, "\nRaw fields: %s.\n", strings.Join(names, ", "))
		}
	}
	slices.Sort(names)
	b.WriteString("\n## Known, but not told in this version\n\nSubscribing to these is no error, and nothing comes: " +
		strings.Join(names, ", ") + ".\n")
	return b.String()
}
