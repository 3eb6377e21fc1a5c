package wire

// Fault writes the whole reply to a refused request, in place of what was written so
// far.
func (w *Writer) Fault(f Fault) {
	w.buf, w.elements, w.comma = w.buf[:0], w.elements[:0], false
	switch w.format {
	case JSON:
		w.faultJSON(f)
	case XML:
		w.faultXML(f)
	case QueryJSON:
		w.faultQueryJSON(f)
	}
}

func (w *Writer) faultJSON(f Fault) {
	w.put(`{`)
	w.Text("__type", f.Shape)
	if key := f.messageKey(); key != "" && f.Message != "" {
		w.Text(key, f.Message)
	}
	w.put(`}`)
}

func (w *Writer) faultXML(f Fault) {
	w.put(declaration, `<ErrorResponse xmlns="`+namespace+`"><Error>`)
	w.Text("Type", f.side())
	w.Text("Code", f.Code)
	if f.Message != "" {
		w.Text("Message", f.Message)
	}
	w.put(`<Detail/></Error>`)
	w.Text("RequestId", w.requestID)
	w.put(`</ErrorResponse>`)
}

func (w *Writer) faultQueryJSON(f Fault) {
	w.put(`{"Error":{`)
	w.Text("Code", f.Code)
	w.Optional("Message", f.Message)
	w.Text("Type", f.side())
	w.Absent("Detail")
	w.put(`}`)
	w.Text("RequestId", w.requestID)
	w.put(`}`)
}
