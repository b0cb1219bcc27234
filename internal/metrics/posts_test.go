package metrics

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPostsAreScrapedByKindAndOutcome(t *testing.T) {
	t.Parallel()
	m := New("1.2.3")
	m.Posts("callbacks", func() PostCounts {
		return PostCounts{Waiting: 1, Delivered: 2, Retried: 3, GivenUp: 4, Dropped: 5}
	})
	m.Posts("notifications", func() PostCounts { return PostCounts{} })
	(*Metrics)(nil).Posts("nothing", nil)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range []string{
		`rookery_posts_waiting{kind="callbacks"} 1`,
		`rookery_posts_total{kind="callbacks",outcome="delivered"} 2`,
		`rookery_posts_total{kind="callbacks",outcome="retried"} 3`,
		`rookery_posts_total{kind="callbacks",outcome="given_up"} 4`,
		`rookery_posts_total{kind="callbacks",outcome="dropped"} 5`,
		`rookery_posts_total{kind="notifications",outcome="dropped"} 0`,
	} {
		if !strings.Contains(w.Body.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, w.Body)
		}
	}
}
