package journal

// ForgedEnd is what somebody who does not know a segment's salt can write to look like
// the end of a group that came after many others.
func ForgedEnd(segment uint32) []byte {
	return appendEnd(nil, identity{number: segment}, kindEnd, end{seq: 1 << 40, synced: 1<<40 - 1})
}

// Look is Inspect of any directory.
func Look(dir Dir, whole bool, replay func(Entry) error) (Report, error) {
	names, err := dir.List()
	if err != nil {
		return Report{}, err
	}
	return look(dir, names, whole, replay)
}

// ReadFooter hands a footer's entries to yield, as far as they are sound.
func ReadFooter(b []byte, count, end uint32, yield func(Entry) error) bool {
	t := trailer{count: count, end: end}
	sound, _ := t.entries(b, func(at, length uint32, head []byte) error {
		return yield(Entry{Pos{1, at}, length, head})
	})
	return sound
}

// SegmentName is what tests need to damage a segment.
func SegmentName(number uint32) string { return segmentName(number) }

// Manifest is one as it stands in its file.
func Manifest(generation, log, synced uint64, next uint32, segments, leaving []uint32) []byte {
	m := manifest{generation: generation, log: log, synced: synced, next: next, segments: segments, leaving: leaving}
	return m.append(nil)
}

// ParseManifest reads one.
func ParseManifest(b []byte) (synced uint64, next uint32, segments, leaving []uint32, err error) {
	m, err := parseManifest(b)
	return m.synced, m.next, m.segments, m.leaving, err
}
