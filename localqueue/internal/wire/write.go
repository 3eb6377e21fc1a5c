package wire

// Format is how a reply is spelled.
type Format uint8

// The formats of a reply; the package's comment describes them.
const (
	JSON      Format = iota // AWS JSON 1.0
	XML                     // the Query protocol
	QueryJSON               // the Query protocol, for clients that accept application/json
)

// Writer writes the reply to one request in the format that Reset was told. The
// calls are the same in every format: Void for an action without a result,
// otherwise Open, the members in their order, and Close; or Fault.
//
// Names of members and elements, the action and the request's id are written as
// they are; what goes into values is escaped. A Writer checks nothing: the calls
// must nest. Its zero value is ready for Reset, it may be used for any number of
// replies, and by one goroutine at a time.
type Writer struct {
	format    Format
	action    string
	requestID string
	buf       []byte
	result    int      // where in buf the members of the result begin
	comma     bool     // JSON: something precedes the next member or element here
	elements  []string // XML: of the lists and maps that are open, the innermost last
}

// Reset begins the reply to a request, in the memory of buf, which the Writer owns
// until the next Reset and outgrows where it is too small.
func (w *Writer) Reset(f Format, action, requestID string, buf []byte) {
	*w = Writer{format: f, action: action, requestID: requestID, buf: buf[:0], elements: w.elements[:0]}
}

// Format is that of the reply.
func (w *Writer) Format() Format { return w.format }

// Bytes are what was written so far, until the next call of a method.
func (w *Writer) Bytes() []byte { return w.buf }

const (
	declaration = `<?xml version="1.0"?>`
	namespace   = "http://queue.amazonaws.com/doc/2012-11-05/"
)

// Void writes the whole reply of an action that has no result. In JSON it is
// nothing at all.
func (w *Writer) Void() {
	switch w.format {
	case XML:
		w.put(declaration+`<`, w.action, `Response xmlns="`+namespace+`">`)
		w.metadata()
	case QueryJSON:
		w.put(`{"`, w.action, `Response":{`)
		w.metadata()
	}
}

// Open begins a reply with a result. Its members follow, then Close.
func (w *Writer) Open() {
	switch w.format {
	case JSON:
		w.put(`{`)
	case XML:
		w.put(declaration+`<`, w.action, `Response xmlns="`+namespace+`"><`, w.action, `Result>`)
	case QueryJSON:
		w.put(`{"`, w.action, `Response":{"`, w.action, `Result":{`)
	}
	w.comma = false
	w.result = len(w.buf)
}

// Close ends the reply that Open began.
func (w *Writer) Close() {
	switch w.format {
	case JSON:
		w.put(`}`)
	case XML:
		if len(w.buf) == w.result { // no members: <XResult/>
			w.buf = append(w.buf[:w.result-1], `/>`...)
		} else {
			w.put(`</`, w.action, `Result>`)
		}
		w.metadata()
	case QueryJSON:
		w.put(`},`)
		w.metadata()
	}
}

// metadata writes the request's id and the end of the envelope.
func (w *Writer) metadata() {
	if w.format == XML {
		w.put(`<ResponseMetadata><RequestId>`, w.requestID, `</RequestId></ResponseMetadata></`, w.action, `Response>`)
		return
	}
	w.put(`"ResponseMetadata":{"RequestId":"`, w.requestID, `"}}}`)
}

// put appends parts as they are.
func (w *Writer) put(parts ...string) {
	for _, p := range parts {
		w.buf = append(w.buf, p...)
	}
}
