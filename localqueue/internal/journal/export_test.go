package journal

// ForgedEnd is what somebody who does not know a segment's salt can write to look like
// the end of a group that came after many others.
func ForgedEnd(segment uint32) []byte {
	return appendEnd(nil, identity{number: segment}, kindEnd, end{seq: 1 << 40, synced: 1<<40 - 1})
}

// SegmentName is what tests need to damage a segment.
func SegmentName(number uint32) string { return segmentName(number) }
