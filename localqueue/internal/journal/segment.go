package journal

import (
	"fmt"
	"strconv"
	"strings"
)

// segment is a file of the log, open as long as the log knows it.
type segment struct {
	identity
	size   int64
	file   File
	used   uint32 // by groups, if it was sealed
	sealed bool   // and all of it was written
}

// Names of files: a segment of the log, a dropped one that may be written again,
// one that is being made and worth nothing yet.
const (
	suffixLive  = ".log"
	suffixSpare = ".old"
	suffixDraft = ".new"
)

func segmentName(number uint32) string { return fileName(number, suffixLive) }

func fileName(number uint32, suffix string) string { return fmt.Sprintf("%08x%s", number, suffix) }

// parseName is the opposite of fileName.
func parseName(name, suffix string) (number uint32, ok bool) {
	digits, ok := strings.CutSuffix(name, suffix)
	if !ok || len(digits) != 8 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil || n == 0 || fileName(uint32(n), suffix) != name {
		return 0, false
	}
	return uint32(n), true
}
