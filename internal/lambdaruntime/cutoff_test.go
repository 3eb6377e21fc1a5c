package lambdaruntime_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/quayside-go/quayside/internal/lambdaruntime"
)

// invoke has the function invoked with an event of that id, which somebody must take.
func (s *speaker) invoke(t *testing.T, slot *lambdaruntime.Slot, id string) chan invoked {
	t.Helper()
	done := make(chan invoked, 1)
	go func() {
		response, err := slot.Invoke(t.Context(), id, []byte(`{"id":"`+id+`"}`), inAMinute())
		done <- invoked{response, err}
	}()
	return done
}

// cutOff posts less than it says it will, and returns the status of the answer.
func (s *speaker) cutOff(t *testing.T, path string) int {
	t.Helper()
	addr := s.env["AWS_LAMBDA_RUNTIME_API"]
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /2018-06-01/runtime/%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 100\r\n\r\nhalf", path, addr)
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	reply, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	reply.Body.Close()
	return reply.StatusCode
}
