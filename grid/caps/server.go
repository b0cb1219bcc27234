package caps

import (
	"errors"
	"fmt"
	"net/http"

	"rookery/grid/llsd"
)

// ReadLLSD reads a request's body in whichever form of LLSD it is, nil for an
// empty one. When that fails, or the method carries no body, it answers with
// the error and returns false.
func ReadLLSD(w http.ResponseWriter, r *http.Request, most int64) (v any, ok bool) {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		w.Header().Set("Allow", "POST, PUT, PATCH")
		http.Error(w, fmt.Sprintf("method %s is not for this capability", r.Method), http.StatusMethodNotAllowed)
		return nil, false
	}
	v, err := llsd.Parse(r.Body, llsd.MaxSize(most))
	switch {
	case err == nil, errors.Is(err, llsd.ErrEmpty):
		return v, true
	case errors.Is(err, llsd.ErrTooLarge):
		http.Error(w, fmt.Sprintf("the body is longer than %d bytes", most), http.StatusRequestEntityTooLarge)
	default:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return nil, false
}

// WriteLLSD answers with v, of the types that llsd.ToValue takes, as XML.
func WriteLLSD(w http.ResponseWriter, status int, v any) {
	b, err := llsd.MarshalXML(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", llsd.XML.ContentType())
	w.WriteHeader(status)
	_, _ = w.Write(b) // an error means that the client is gone
}

// SeedHandler is a region's seed capability. Grant is called with the names
// that the client asks for and returns the addresses of those it gives out.
func SeedHandler(grant func(r *http.Request, names []string) map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := ReadLLSD(w, r, maxPoll)
		if !ok {
			return
		}
		var names []string
		if err := llsd.Unmarshal(v, &names); err != nil {
			http.Error(w, "the names of capabilities: "+err.Error(), http.StatusBadRequest)
			return
		}
		set := map[string]any{}
		for name, addr := range grant(r, names) {
			set[name] = addr
		}
		WriteLLSD(w, http.StatusOK, set)
	})
}
