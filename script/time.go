package script

import (
	"fmt"
	"strings"
	"time"
)

// TimeLayout is the form of times in answers and notifications, in UTC with
// six decimals.
const TimeLayout = "2006-01-02T15:04:05.000000Z"

// FormatTime writes t as yyyy-MM-ddTHH:mm:ss.ffffffZ in UTC. Digits beyond
// microseconds are cut off.
func FormatTime(t time.Time) string { return t.UTC().Format(TimeLayout) }

// AppendTime appends what [FormatTime] returns.
func AppendTime(dst []byte, t time.Time) []byte { return t.UTC().AppendFormat(dst, TimeLayout) }

// timeLayouts are what [ParseTime] reads beside RFC 3339.
var timeLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006-01-02",
	"1/2/2006 15:04:05",
	"1/2/2006 15:04",
	"1/2/2006 3:04:05 PM",
	"1/2/2006 3:04 PM",
	"1/2/2006 3:04:05 pm",
	"1/2/2006 3:04 pm",
	"1/2/2006",
	"Mon, 2 Jan 2006 15:04:05 GMT", // other abbreviations of zones tell nothing
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"Monday, 2 January 2006 15:04:05",
	"Monday, 2 January 2006 15:04",
}

// ParseTime reads what [FormatTime] writes, RFC 3339, and both without zone
// (taken as UTC), with a blank instead of the T, and a date alone; and the
// invariant forms of .NET: month/day/year with 24 or 12 hours, RFC 1123 in GMT or
// with an offset, and the long form.
func ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: want a time such as 2024-05-06T07:08:09Z", text)
}
