package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"rookery/simgrid"
)

// browser is a browser without a window.
type browser struct {
	ctx context.Context
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	need(t, "chromium", "chromium")
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return &browser{ctx}
}

// page is testdata/page.html in a tab of its own.
type page struct {
	t   *testing.T
	ctx context.Context
}

// open opens the page from a web server, with these settings.
func (b *browser) open(t *testing.T, server string, settings url.Values) *page {
	t.Helper()
	// Tabs of one browser context may share a thread.
	tab, closeTab := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	p := &page{t, tab}
	p.do(chromedp.Navigate(server + "/page.html?" + settings.Encode()))
	return p
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// shows waits until the page shows a text in the element of that id.
func (p *page) shows(id, text string) {
	p.t.Helper()
	const found = `(id, text) => document.getElementById(id).textContent.includes(text)`
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.PollFunction[bool](found,
		chromedp.WithPollingMutation(), chromedp.WithPollingTimeout(0), chromedp.WithPollingArgs(id, text)))
	if err != nil {
		shown, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		p.t.Fatalf("waiting for %q in %s: %v; the page shows:\n%s", text, id, err, shown)
	}
}

// items are the texts of a list.
func (p *page) items(id string) []string {
	p.t.Helper()
	items, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](fmt.Sprintf("[...document.getElementById(%q).children].map(e => e.textContent)", id)))
	if err != nil {
		p.t.Fatal(err)
	}
	return items
}

// servePage serves the page; hold answers /hold.
func servePage(t *testing.T, hold http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/page.html", http.FileServer(http.Dir("testdata")))
	if hold != nil {
		mux.HandleFunc("/hold", hold)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// webSocketDoor opens the door to pages of some hosts.
func webSocketDoor(more string, origins ...string) string {
	for i, o := range origins {
		origins[i] = fmt.Sprintf("%q", o)
	}
	return twoGroups + "\n[websocket]\nenabled = true\naddress = \"127.0.0.1:0\"\norigins = [" + strings.Join(origins, ", ") + "]\n" + more
}

func speakersPage(p *process, how string) url.Values {
	return url.Values{"door": {p.ready.WebSocket}, "group": {"Speakers"}, "password": {"s"}, "type": {"local"}, "how": {how}}
}

func TestABrowser(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	wren := []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerAll}}

	t.Run("shows what is said and says what is typed", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, simgrid.Config{Inhabitants: wren})
		server := servePage(t, nil)
		p := start(t, "run", "--config", w.configure("", webSocketDoor("", strings.TrimPrefix(server, "http://"))))
		for how, greeting := range map[string]string{"path": "success=True", "text": "success=True", "json": `{"success":"True"}`} {
			page := b.open(t, server, speakersPage(p, how))
			page.shows("state", "hears as "+greeting)
			text := "été & = + %41 🐦 <b> by " + how
			page.do(chromedp.SendKeys(chromedp.CSS("#message"), text), chromedp.Click(chromedp.CSS("#send")))
			awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == text })
			page.shows("answers", "tell 1 True")
			page.shows("heard", "Robin Rook: "+text)
			page.shows("heard", "Wren Hollow: ")
			for _, line := range page.items("heard") {
				if !strings.Contains(line, text) {
					t.Errorf("%s: the page heard %q", how, line)
				}
			}
		}
		wrong := speakersPage(p, "text")
		wrong.Set("password", "wrong")
		b.open(t, server, wrong).shows("state", "closed 1008 refused")
		unheard := speakersPage(p, "path")
		unheard.Set("type", "message")
		b.open(t, server, unheard).shows("state", "closed 1008 refused")
	})

	t.Run("is let in from pages that the settings list", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, simgrid.Config{Relogin: simgrid.KickOld})
		server := servePage(t, nil)
		host := strings.TrimPrefix(server, "http://")
		// The same server by another name is another origin.
		other := strings.Replace(server, "127.0.0.1", "localhost", 1)
		path := w.configure("", webSocketDoor(""))
		p := start(t, "run", "--config", path)
		for _, how := range []string{"path", "text"} {
			for _, from := range []string{server, other} {
				b.open(t, from, speakersPage(p, how)).shows("state", "closed 1006")
				p.logged("refused", "pages of "+from+" are not let in: the setting websocket.origins")
			}
		}
		p.stop()

		rewrite(t, path, replacing("origins = []", fmt.Sprintf("origins = [%q]", host)))
		p = start(t, "run", "--config", path)
		b.open(t, server, speakersPage(p, "path")).shows("state", "hears as success=True")
		b.open(t, other, speakersPage(p, "path")).shows("state", "closed 1006")
		p.stop()

		rewrite(t, path, replacing(fmt.Sprintf("origins = [%q]", host), `origins = ["*"]`))
		p = start(t, "run", "--config", path)
		b.open(t, other, speakersPage(p, "path")).shows("state", "hears as success=True")
	})

	t.Run("reads answers of the HTTP door on pages that the settings list", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, simgrid.Config{})
		server := servePage(t, nil)
		other := strings.Replace(server, "127.0.0.1", "localhost", 1)
		p := start(t, "run", "--config", w.configure("", twoGroups+
			fmt.Sprintf("\n[http]\nenabled = true\naddress = \"127.0.0.1:0\"\norigins = [%q]\n[websocket]\nenabled = true\naddress = \"127.0.0.1:0\"\n", server)))
		// Browsers ask first whether a page may send JSON.
		ask := fmt.Sprintf(`fetch("http://%s/", {
			method: "POST",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ command: "version", group: "Speakers", password: "s", _id: 7 }),
		}).then((answer) => answer.json()).then((words) => show("answers", "answered " + words.success + words._id), () => show("answers", "failed"))
		  && true`, p.ready.HTTP)
		for from, want := range map[string]string{server: "answered True7", other: "failed"} {
			page := b.open(t, from, speakersPage(p, "path"))
			page.shows("state", "closed")
			if _, err := chromedp.Run(page.ctx, chromedp.Evaluate[bool](ask)); err != nil {
				t.Fatal(err)
			}
			page.shows("answers", want)
		}
		p.logged("refused: http.origins does not list", other)
	})

	t.Run("that does not read is sent away and delays nobody", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, simgrid.Config{Inhabitants: wren})
		held, release := make(chan struct{}), make(chan struct{})
		server := servePage(t, func(w http.ResponseWriter, r *http.Request) {
			close(held)
			select {
			case <-release:
			case <-r.Context().Done():
			}
		})
		p := start(t, "run", "--config", w.configure(plainDoor, webSocketDoor("queue_bytes = \"64KiB\"\n", strings.TrimPrefix(server, "http://"))))
		page := b.open(t, server, speakersPage(p, "path"))
		page.shows("state", "hears")
		good := dialPlain(t, p.ready.TCP)
		good.say("type=local" + speakers)
		good.await("the handshake's answer", has("success=True"))
		f := newFlood(w, good)
		f.say("hold still")
		<-held
		f.until(func() bool { return strings.Contains(p.log.String(), "does not keep up") })
		close(release)
		page.shows("state", "closed")
		lines := page.items("heard")
		for i, line := range lines[1:] {
			if want := "Wren Hollow: " + f.text(i); line != want {
				t.Fatalf("line %d of the flood is %.40q on the page, want %.40q", i, line, want)
			}
		}
		if len(lines)-1 >= f.said {
			t.Errorf("the page has heard all %d lines", f.said)
		}
	})
}
