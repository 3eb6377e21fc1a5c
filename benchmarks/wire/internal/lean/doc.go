// Package lean is an HTTP/1.1 client that costs as little as one in Go can, so that what is measured is
// the server. Requests are made once, as bytes; a reply is its status and its body, found in the
// connection's own buffer; there is no connection pool, no goroutine and, once the buffer has grown, no
// allocation. It speaks to the servers of this comparison and is not meant for any other use.
package lean
