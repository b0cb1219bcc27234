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
	"2006-01-02 15:04",
	"2006-01-02",
	"01/02/2006 15:04:05",
	"01/02/2006 15:04",
	"01/02/2006",
	time.RFC1123,
	time.RFC1123Z,
}

// ParseTime reads what [FormatTime] writes, RFC 3339, and both without zone
// (taken as UTC), with a blank instead of the T, and a date alone; and the
// invariant forms of .NET: month/day/year, and RFC 1123.
func ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: want a time such as 2024-05-06T07:08:09Z", text)
}
