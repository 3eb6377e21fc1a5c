package lambdaruntime

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrClosed is what calls of a Pool return once it is closed.
var ErrClosed = errors.New("the function's processes have been ended")

// FunctionError is an error that the function has reported, or Lambda's name for why it did
// not report anything.
type FunctionError struct {
	Type    string // errorType, such as ValueError or Runtime.ExitError
	Message string // errorMessage
}

func (e *FunctionError) Error() string {
	switch {
	case e.Type == "":
		return e.Message
	case e.Message == "":
		return e.Type
	}
	return e.Type + ": " + e.Message
}

// Types of errors that Lambda itself reports.
const (
	typeTimeout  = "Sandbox.Timedout"
	typeExit     = "Runtime.ExitError"
	typeTooLarge = "Function.ResponseSizeTooLarge"
	typeUnknown  = "Runtime.Unknown"
)

func timedOut(after time.Duration) error {
	return &FunctionError{typeTimeout, fmt.Sprintf("task timed out after %.2f seconds", after.Seconds())}
}

// reported is an error as the function has sent it: JSON by convention, and the type in a header.
func reported(header string, body []byte) error {
	e := &FunctionError{Type: header}
	var sent struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	if json.Unmarshal(body, &sent) == nil {
		e.Message = excerpt(sent.ErrorMessage)
		if sent.ErrorType != "" {
			e.Type = sent.ErrorType
		}
	} else {
		e.Message = excerpt(string(body))
	}
	if e.Type == "" && e.Message == "" {
		e.Type = typeUnknown
	}
	return e
}

// excerpt is as much of a text as a person reads.
func excerpt(text string) string {
	const most = 1000
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
