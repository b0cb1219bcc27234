package database

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"time"
)

// format writes a value as scripts read it: null as nothing, blobs in base64.
func format(v any, declared string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		// The driver takes texts of columns that are declared so apart; these
		// are the forms that SQLite's own functions write.
		switch {
		case declared == "DATE" && v.Equal(v.Truncate(24*time.Hour)):
			return v.Format(time.DateOnly)
		default:
			return v.Format("2006-01-02 15:04:05.999999999")
		}
	}
	return fmt.Sprint(v)
}
