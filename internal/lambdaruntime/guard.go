package lambdaruntime

import (
	"fmt"
	"net/http"
)

// admits returns why the request is refused, "" if it is not. It keeps out what a web page can
// make this machine's browser send: requests of its scripts, which name their origin, of its
// images and links, and those to a name that the page's site bound to this address. The
// process is told the address, and sends to no other name.
func (p *process) admits(r *http.Request) (why string) {
	site := r.Header.Get("Sec-Fetch-Site")
	switch {
	case r.Host != p.addr:
		return fmt.Sprintf("the Runtime API is at %s, not at %q", p.addr, r.Host)
	case r.Header.Get("Origin") != "", site == "cross-site", site == "same-site":
		return "the Runtime API is not for web pages"
	}
	return ""
}
