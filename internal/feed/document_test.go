package feed

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var july = time.Date(2024, 7, 9, 10, 11, 12, 0, time.UTC)

func TestEveryKindOfFeedIsRead(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		document string
		want     []Item
	}{
		"RSS 0.91": {
			`<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
			<rss version="0.91"><channel><title>T</title><item><title>One</title><link>http://x.example/1</link><description>First</description></item></channel></rss>`,
			[]Item{{ID: hash("link", "http://x.example/1"), Title: "One", Summary: "First", Link: "http://x.example/1"}},
		},
		"RSS 1.0": {
			`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
			<channel rdf:about="http://x.example/"><title>T</title></channel>
			<item rdf:about="http://x.example/1"><title>One</title><link>http://x.example/1</link><dc:date>2024-07-09T12:11:12+02:00</dc:date></item></rdf:RDF>`,
			[]Item{{ID: hash("link", "http://x.example/1"), Title: "One", Link: "http://x.example/1", Date: july}},
		},
		"RSS 2.0": {
			`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
			<item><guid isPermaLink="false">g2</guid><title>Two &amp; more</title><content:encoded><![CDATA[<p>Full</p>]]></content:encoded><pubDate>Tue, 09 Jul 2024 06:11:12 EDT</pubDate></item>
			<item><guid>g1</guid><title>One</title><description>&lt;b&gt;First&lt;/b&gt;</description><pubDate>Mon, 08 Jul 2024 23:00:00 -1200</pubDate></item></channel></rss>`,
			[]Item{
				{ID: hash("guid", "g2"), Title: "Two & more", Summary: "<p>Full</p>", Date: july},
				{ID: hash("guid", "g1"), Title: "One", Summary: "<b>First</b>", Date: time.Date(2024, 7, 9, 11, 0, 0, 0, time.UTC)},
			},
		},
		"Atom": {
			`<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>urn:x</id><updated>2024-07-09T10:11:12Z</updated>
			<entry><id>urn:2</id><title>Two</title><updated>2024-07-09T10:11:12Z</updated><content type="html">&lt;i&gt;Text&lt;/i&gt;</content></entry>
			<entry><id>urn:1</id><title type="text">One</title><updated>2024-07-09T13:11:12+03:00</updated><published>2023-01-01T00:00:00Z</published><link href="http://x.example/1"/><summary>First</summary></entry></feed>`,
			[]Item{
				{ID: hash("guid", "urn:1"), Title: "One", Summary: "First", Link: "http://x.example/1", Date: time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)},
				{ID: hash("guid", "urn:2"), Title: "Two", Summary: "<i>Text</i>", Date: july},
			},
		},
		"JSON Feed": {
			`{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":2,"content_text":"Just text","url":"http://x.example/2"},
			{"id":"1","title":"One","summary":"First","content_html":"<p>","date_published":"2024-07-09T10:11:12.5Z"}]}`,
			[]Item{
				{ID: hash("guid", "1"), Title: "One", Summary: "First", Date: july.Add(500 * time.Millisecond)},
				{ID: hash("guid", "2"), Summary: "Just text", Link: "http://x.example/2"},
			},
		},
		"another character set": {
			"<?xml version='1.0' encoding='iso-8859-1'?><rss version='2.0'><channel><item><title>caf\xe9</title></item></channel></rss>",
			[]Item{{ID: hash("text", "café", "", "", ""), Title: "café"}},
		},
		"the same twice, and nothing": {
			`<rss version="2.0"><channel><item><guid>a</guid><title>new</title></item><item/><item><guid>a</guid><title>old</title></item><item><guid>b</guid></item></channel></rss>`,
			[]Item{{ID: hash("guid", "a"), Title: "old"}},
		},
		"control characters": {
			"<rss version='2.0'><channel><item><title>a\x01b</title><guid>\x02g</guid></item></channel></rss>",
			[]Item{{ID: hash("guid", "g"), Title: "ab"}},
		},
		"no items": {`<rss version="2.0"><channel></channel></rss>`, []Item{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(t.Context(), []byte(tc.document))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLongTextsAreCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	for most := 3; most < 12; most++ {
		got := cut("añ€🐦añ€🐦", most)
		if len(got) > most || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
			t.Errorf("%d: %q", most, got)
		}
	}
	if got := cut(" añ\xff ", 100); got != "añ\uFFFD" {
		t.Errorf("%q", got)
	}
}

func TestADocumentCostsNoMoreThanItsSize(t *testing.T) {
	t.Parallel()
	deep := func(head, element string, n int) string {
		name, _, _ := strings.Cut(element[1:], " ")
		name = strings.TrimSuffix(name, ">")
		return head + strings.Repeat(element, n) + strings.Repeat("</"+name+">", n)
	}
	const rssHead, atomHead = `<rss version="2.0" xmlns:a="x"><channel><item>`, `<feed xmlns="http://www.w3.org/2005/Atom"><entry>`
	for name, tc := range map[string]struct{ document, says string }{
		"deep extensions": {deep(rssHead, "<a:b>", 100_000), "more than 100"},
		"deep text":       {deep(rssHead+"<description>", "<b>", 100_000), "more than 100"},
		"deep and hidden": {"\uFEFF\x01" + deep(rssHead, "<\x01a:b>", 100_000), "more than 100"},
		"deep bases":      {deep(atomHead, `<x xml:base="a/">`, 100_000), "more than 100"},
		"many items":      {rssHead + strings.Repeat("<item/>", 100_000) + "</item></channel></rss>", "more than 5000 items"},
		"deep JSON":       {`{"version":"https://jsonfeed.org/version/1","items":` + strings.Repeat("[", 100_000), "cannot be read"},
		"many JSON items": {`{"version":"https://jsonfeed.org/version/1","items":[{}` + strings.Repeat(",{}", 100_000) + `]}`, "more than 5000 items"},
		"entities":        {`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + rssHead + `<title>&b;</title></item></channel></rss>`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items, err := parse(t.Context(), []byte(tc.document))
			if tc.says == "" {
				if err != nil || len(items) != 1 || len(items[0].Title) > 10 {
					t.Errorf("%v, %v", items, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Long bases that stand beside each other are within all bounds, and cost as
// much as their number times their length.
func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	document := `<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://x.example/` + strings.Repeat("a", 500_000) + `/"><entry>` +
		strings.Repeat(`<x xml:base="b/"/>`, 80_000) + `</entry></feed>`
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := parse(ctx, []byte(document))
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil {
			t.Error("it was read, so it shows nothing")
		}
	case <-time.After(patience):
		t.Error("it is still read")
		<-done
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(rss("a", "b")))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title type="xhtml"><div>a</div></title><updated>2024-07-09T10:11:12Z</updated></entry></feed>`))
	f.Add([]byte(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":1,"content_html":"<p>"}]}`))
	f.Add([]byte("\xfe\xff<rdf:RDF><item rdf:about='x'><dc:date>2024</dc:date></item></rdf:RDF>"))
	f.Fuzz(func(t *testing.T, document []byte) {
		items, err := parse(t.Context(), document)
		again, errAgain := parse(t.Context(), document)
		if fmt.Sprint(err) != fmt.Sprint(errAgain) || !cmp.Equal(items, again) {
			t.Errorf("read twice: %v, %v; %v, %v", items, err, again, errAgain)
		}
		seen := make(map[string]bool)
		for _, item := range items {
			if seen[item.ID] || len(item.ID) != 16 {
				t.Errorf("the identifier %q", item.ID)
			}
			seen[item.ID] = true
			if len(item.Title) > maxTitle || len(item.Summary) > maxSummary || len(item.Link) > maxLink || !utf8.ValidString(item.Title+item.Summary+item.Link) {
				t.Errorf("%+v", item)
			}
			if item.Title+item.Summary+item.Link == "" {
				t.Error("an item that says nothing")
			}
		}
	})
}
