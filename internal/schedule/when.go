package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"rookery/script"
)

// When is a moment, or a rule that gives one moment after the other.
type When struct {
	// Time is the moment, or the next one of the rule.
	Time time.Time
	// Rule is empty for a single moment.
	Rule string
}

var rules = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseWhen reads a time in one of the forms of [script.ParseTime], or a
// rule: the five fields of cron(5), a name such as @hourly, or "@every
// 90s". Rules are in UTC unless CRON_TZ=Europe/Vienna stands before them.
func ParseWhen(text string, now time.Time) (When, error) {
	text = strings.TrimSpace(text)
	if t, err := script.ParseTime(text); err == nil {
		return When{Time: t}, nil
	}
	if err := checkEvery(text); err != nil {
		return When{}, fmt.Errorf("%q: %w", text, err)
	}
	w := When{Rule: text}
	var err error
	if w.Time, err = w.after(now); err != nil {
		if len(strings.Fields(text)) < 5 && !strings.HasPrefix(text, "@") {
			return When{}, fmt.Errorf("%q: want a time such as 2024-05-06T07:08:09Z, or a rule such as \"30 7 * * 1-5\" or \"@hourly\"", text)
		}
		return When{}, fmt.Errorf("%q: %w", text, err)
	}
	return w, nil
}

// anyHour marks the field of hours of a rule that is a star; the parser has no
// name for it.
const anyHour = 1 << 63

// following is the first moment of a rule after t. A rule that names hours of a
// zone runs once also on days that clocks are put back and have an hour twice, or
// forward and leave one out; one for any hour goes by the time that passes.
func following(rule cron.Schedule, t time.Time) time.Time {
	spec, ok := rule.(*cron.SpecSchedule)
	if !ok || spec.Location == time.Local || spec.Hour&anyHour != 0 {
		return rule.Next(t)
	}
	zone, clock := spec.Location, *spec
	clock.Location = time.UTC
	shown := reread(t.In(zone), time.UTC)
	for {
		if shown = clock.Next(shown); shown.IsZero() {
			return shown
		}
		if next := reread(shown, zone); next.After(t) {
			return next
		}
	}
}

// reread is the moment at which the clocks of a zone show what they show at t in
// its own.
func reread(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// checkEvery refuses spans that the parser of rules would change in silence:
// those under a second, and parts of one.
func checkEvery(rule string) error {
	_, span, is := strings.Cut(rule, "@every ")
	if !is {
		return nil
	}
	every, err := time.ParseDuration(strings.TrimSpace(span))
	if err != nil {
		return fmt.Errorf("@every wants a time span such as 90s, 10m or 1h30m, not %q", span)
	}
	if every < time.Second || every%time.Second != 0 {
		return errors.New("@every wants whole seconds, at least one")
	}
	return nil
}

// maxRule bounds a rule, in bytes.
const maxRule = 256

// after is the first moment of the rule after t.
func (w When) after(t time.Time) (time.Time, error) {
	if len(w.Rule) > maxRule {
		return time.Time{}, fmt.Errorf("a rule may have %d bytes", maxRule)
	}
	if zoned := strings.HasPrefix(w.Rule, "CRON_TZ=") || strings.HasPrefix(w.Rule, "TZ="); zoned && !strings.Contains(w.Rule, " ") {
		return time.Time{}, errors.New("there is a zone but no rule") // the parser would panic
	}
	rule, err := rules.Parse(w.Rule)
	if err != nil {
		return time.Time{}, err
	}
	next := following(rule, t.UTC())
	if next.IsZero() {
		return time.Time{}, errors.New("there is no such time")
	}
	return next.UTC(), nil
}
