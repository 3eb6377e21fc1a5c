package lambdaruntime

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/quayside-go/quayside/internal/sqsevent"
)

// maxBody is the largest response of a function, in bytes, and the largest error.
const maxBody = sqsevent.MaxPayload

// refusal is why a body is not taken.
type refusal struct {
	status        int
	kind, message string
	why           error // what the invocation ends with; nil: it goes on
}

func (r *refusal) write(w http.ResponseWriter) { refuse(w, r.status, r.kind, r.message) }

// readBody reads what the function has sent, if it is neither too large nor cut off.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, &refusal{
			http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxBody),
			&FunctionError{typeTooLarge, fmt.Sprintf("the response is larger than %d bytes", maxBody)},
		}
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated", nil}
	}
	return body, nil
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`+"\n")
}

// refuseID refuses an answer to an event that is not at hand.
func refuseID(w http.ResponseWriter) {
	refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
}

// refuse answers with an error, in the form that Lambda has.
func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}{message, kind})
}
