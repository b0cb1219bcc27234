package config

import (
	"crypto/tls"
	"encoding"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rookery/internal/rights"
)

// Secret is a text that is never shown: printing, logging or encoding it
// gives stars. Convert it to a string to use it.
type Secret string

const stars = "***"

func (s Secret) mask() string {
	if s == "" {
		return ""
	}
	return stars
}

// String masks the secret.
func (s Secret) String() string { return s.mask() }

// GoString masks the secret.
func (s Secret) GoString() string { return strconv.Quote(s.mask()) }

// LogValue masks the secret.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.mask()) }

// MarshalText masks the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.mask()), nil }

// URL may hold a password, which is not shown. Convert it to a string to use
// it.
type URL string

// String masks the password.
func (u URL) String() string {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return stars
	}
	return parsed.Redacted()
}

// GoString masks the password.
func (u URL) GoString() string { return strconv.Quote(u.String()) }

// LogValue masks the password.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalText masks the password.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// Duration is a time span, written 60s, 2.5s, 250ms or 5m.
type Duration time.Duration

// D is the span as time.Duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String writes the span.
func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the span.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the span. It must not be negative.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil || v < 0 {
		return fmt.Errorf(`%q is not a time span: want one such as "60s", "250ms" or "5m"`, text)
	}
	*d = Duration(v)
	return nil
}

// Size is a number of bytes, written as a number or as 64KiB, 1MiB, 2GiB.
type Size int64

// String writes the size in the largest unit that fits.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s >= u.bytes && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// MarshalText writes the size.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the size.
func (s *Size) UnmarshalText(text []byte) error {
	number, unit := strings.TrimSpace(string(text)), Size(1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > int64((1<<40)/unit) {
		return fmt.Errorf(`%q is not a size: want a number of bytes or one such as "64KiB" or "1MiB"`, text)
	}
	*s = Size(n) * unit
	return nil
}

var sizeUnits = []struct {
	name  string
	bytes Size
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// word reads one of a few words in any case.
func word[T ~string](dst *T, text []byte, allowed ...T) error {
	names := make([]string, len(allowed))
	for i, a := range allowed {
		if strings.EqualFold(string(a), string(text)) {
			*dst = a
			return nil
		}
		names[i] = string(a)
	}
	return fmt.Errorf("%q is not allowed here: allowed are %s", text, strings.Join(names, ", "))
}

// TLSMode says where the certificate of a door comes from.
type TLSMode string

// The modes.
const (
	TLSGenerated TLSMode = "generated" // made at the first start, kept in the state directory
	TLSPFX       TLSMode = "pfx"
	TLSPEM       TLSMode = "pem"
	TLSOff       TLSMode = "off" // no encryption
)

// UnmarshalText reads a mode.
func (m *TLSMode) UnmarshalText(text []byte) error {
	return word(m, text, TLSGenerated, TLSPFX, TLSPEM, TLSOff)
}

// TLSVersion is a version of the TLS protocol, written 1.2 or as .NET names
// it, Tls12.
type TLSVersion uint16

// The versions. Older ones are broken and not offered.
const (
	TLS12 TLSVersion = tls.VersionTLS12
	TLS13 TLSVersion = tls.VersionTLS13
)

// String writes the number.
func (v TLSVersion) String() string {
	switch v {
	case TLS12:
		return "1.2"
	case TLS13:
		return "1.3"
	}
	return fmt.Sprintf("0x%04x", uint16(v))
}

// MarshalText writes the number.
func (v TLSVersion) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a version.
func (v *TLSVersion) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "1.2", "tls12", "tls1.2":
		*v = TLS12
	case "1.3", "tls13", "tls1.3":
		*v = TLS13
	case "1.0", "1.1", "tls", "tls10", "tls11", "ssl2", "ssl3":
		return fmt.Errorf("TLS version %q is broken and not offered: allowed are 1.2, 1.3", text)
	default:
		return fmt.Errorf("%q is not a TLS version: allowed are 1.2, 1.3", text)
	}
	return nil
}

// EOL is how lines end on output.
type EOL string

// The line ends.
const (
	CRLF EOL = "crlf"
	LF   EOL = "lf"
)

// UnmarshalText reads a line end.
func (e *EOL) UnmarshalText(text []byte) error { return word(e, text, CRLF, LF) }

// Bytes is the line end itself.
func (e EOL) Bytes() string {
	if e == LF {
		return "\n"
	}
	return "\r\n"
}

// Overflow says what happens to a client whose queue is full.
type Overflow string

// The policies.
const (
	OverflowDisconnect Overflow = "disconnect"
	OverflowDropNewest Overflow = "drop-newest"
	OverflowDropOldest Overflow = "drop-oldest"
)

// UnmarshalText reads a policy.
func (o *Overflow) UnmarshalText(text []byte) error {
	return word(o, text, OverflowDisconnect, OverflowDropNewest, OverflowDropOldest)
}

// LogLevel is the least that is logged.
type LogLevel string

// The levels.
const (
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// UnmarshalText reads a level.
func (l *LogLevel) UnmarshalText(text []byte) error {
	return word(l, text, LogDebug, LogInfo, LogWarn, LogError)
}

// Level is the level as log/slog has it.
func (l LogLevel) Level() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l)) // the words are the same; anything else is info
	return level
}

// LogFormat is how log lines are written.
type LogFormat string

// The formats.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// UnmarshalText reads a format.
func (f *LogFormat) UnmarshalText(text []byte) error { return word(f, text, LogText, LogJSON) }

// everything stands for all names of a list.
const everything = "*"

// PermissionName is the name of a permission, or * for all.
type PermissionName string

// UnmarshalText reads a name, in any case.
func (p *PermissionName) UnmarshalText(text []byte) error {
	if string(text) == everything {
		*p = everything
		return nil
	}
	set, err := rights.ParsePermission(string(text))
	if err != nil {
		return fmt.Errorf("%w%s", err, didYouMean(string(text), rights.PermissionNames()))
	}
	*p = PermissionName(set.String())
	return nil
}

// NotificationName is the name of a notification, or * for all.
type NotificationName string

// UnmarshalText reads a name, in any case.
func (n *NotificationName) UnmarshalText(text []byte) error {
	if string(text) == everything {
		*n = everything
		return nil
	}
	known, err := rights.ParseNotification(string(text))
	if err != nil {
		return fmt.Errorf("%w%s", err, didYouMean(string(text), rights.NotificationNames()))
	}
	*n = NotificationName(known.Name)
	return nil
}

var (
	_ encoding.TextUnmarshaler = (*Duration)(nil)
	_ slog.LogValuer           = Secret("")
)
