package http

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

type crowdedKey struct{}

// met marks the connections beyond the limit, for room to refuse them.
func (d *Door) met(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, crowdedKey{}, d.listen.Crowded())
}

// room sends those away who came when there were too many connections.
func (d *Door) room(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if crowded, _ := r.Context().Value(crowdedKey{}).(bool); crowded {
			w.Header().Set("Connection", "close")
			w.Header().Set("Retry-After", "5")
			http.Error(w, "too many connections", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guard asks for the user and password of the door, if it has them. The health
// page is for machines that have none.
func (d *Door) guard(next http.Handler) http.Handler {
	if d.cfg.User == "" {
		return next
	}
	want := sha256.Sum256([]byte(d.cfg.User + "\x00" + d.cfg.Password))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" && r.Method != http.MethodPost { // a POST is a command everywhere
			next.ServeHTTP(w, r)
			return
		}
		user, password, tried := r.BasicAuth()
		allowed := d.attempts.Allowed(r.RemoteAddr)
		got := sha256.Sum256([]byte(user + "\x00" + password))
		right := tried && subtle.ConstantTimeCompare(want[:], got[:]) == 1
		if tried && allowed {
			allowed = d.attempts.Settle(r.RemoteAddr, right)
		}
		switch {
		case tried && !allowed:
			d.log.Warn("refused: too many failed attempts at the door's password", "remote", r.RemoteAddr)
			w.Header().Set("Retry-After", "5")
			http.Error(w, "too many failed attempts", http.StatusTooManyRequests)
		case !right:
			if tried { // browsers ask first
				d.log.Warn("refused: wrong user or password of the door", "remote", r.RemoteAddr)
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="Rookery", charset="UTF-8"`)
			http.Error(w, "user and password of the HTTP door, please", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// pages lets the scripts of listed browser pages read the answers (CORS,
// https://fetch.spec.whatwg.org/#http-cors-protocol). What others send is a
// request like any, which browsers let them send but not read.
func (d *Door) pages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" && len(d.cfg.Origins) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		asks := r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
		allowed := origin != "" && d.cfg.Origins.Allow(r)
		if allowed {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "Retry-After")
		}
		switch {
		case !asks:
			next.ServeHTTP(w, r)
		case !allowed:
			d.log.Info("refused: http.origins does not list the page's host", "remote", r.RemoteAddr, "origin", origin)
			http.Error(w, "pages of this host are not let in: the setting http.origins lists those that are", http.StatusForbidden)
		default:
			h.Set("Access-Control-Allow-Methods", "POST, GET, HEAD")
			h.Set("Access-Control-Allow-Headers", "Content-Type, Content-Encoding, Authorization, Accept")
			h.Set("Access-Control-Max-Age", "600")
			if r.Header.Get("Access-Control-Request-Private-Network") != "" {
				h.Set("Access-Control-Allow-Private-Network", "true")
			}
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

// lost answers requests that the door has no use for.
func (d *Door) lost(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	allow := "POST"
	page := *r
	page.Method = http.MethodGet
	if _, pattern := mux.Handler(&page); pattern != "/" {
		allow = "GET, HEAD, POST"
	}
	w.Header().Set("Allow", allow)
	switch {
	case r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		http.Error(w, "this is the HTTP door: the WebSocket door has an address of its own, the setting websocket.address", http.StatusMethodNotAllowed)
	default:
		http.Error(w, "this is the HTTP door: a command is a POST request to any path, with command, group and password as form data or JSON;\n"+
			"GET /healthz, /metrics and /openapi.json tell about the daemon", http.StatusMethodNotAllowed)
	}
}
