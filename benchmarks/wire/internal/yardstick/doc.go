// Package yardstick has the servers that Quayside's is compared with. None of them keeps a message. Each
// says how much of a request's cost is not the queue's:
//
//   - Raw answers on the bare connection, without net/http: what the operating system and Go's network
//     poller cost.
//   - Fixed is a net/http handler that reads the body and writes a fixed reply: that, and net/http.
//   - Ceiling also decodes the request with encoding/json: the fastest that a server written in the
//     plain way can be.
//
// Replies have the shape and size of real ones: ids, checksums, receipt handles and bodies are as long
// as Quayside's.
package yardstick
