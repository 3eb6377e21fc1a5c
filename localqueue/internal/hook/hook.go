// Package hook is what package localqueue offers to the tests of this module and to
// nobody else.
package hook

// LeastSegment is the least Options.SegmentSize. The longest message fits it. Tests of
// many segments make it smaller, before they open any server.
var LeastSegment int64 = 2 << 20

// Check returns the first invariant found broken of a *localqueue.Server: of the engine,
// or of the account of what the disk is needed for. Package localqueue sets it.
var Check func(server any) error
