package worker

// Validate is what Run asks of a handler before its first request.
func Validate(h Handler) error {
	if v, ok := h.(validator); ok {
		return v.validate()
	}
	return nil
}
