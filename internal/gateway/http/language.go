package http

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"rookery/internal/gateway"
)

const formType = "application/x-www-form-urlencoded"

// announced is the language that a request says it is in, or that of the door.
func (d *Door) announced(r *http.Request) gateway.Language {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case isJSON(media):
		return gateway.JSON
	case media == formType:
		return gateway.WAS
	}
	return d.cfg.Language
}

func isJSON(media string) bool {
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}

// accepted is the language that a client likes best of those that it names, or
// else spoken.
func accepted(r *http.Request, spoken gateway.Language) gateway.Language {
	best := 0.0
	for _, accept := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(accept, ",") {
			media, params, err := mime.ParseMediaType(part)
			if err != nil || !isJSON(media) && media != formType {
				continue
			}
			quality := 1.0
			if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
				quality = q
			}
			if quality <= best {
				continue
			}
			best, spoken = quality, gateway.WAS
			if isJSON(media) {
				spoken = gateway.JSON
			}
		}
	}
	return spoken
}
