package yardstick

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
)

// Raw serves the connections of l without net/http until l is closed. It has one fixed reply, which is
// both SendMessage's and CreateQueue's. Of HTTP it knows what this comparison's client sends: a Content-Length, spelled so, and no
// chunks.
func Raw(l net.Listener) error {
	body := encode(map[string]string{"MD5OfMessageBody": checksum, "MessageId": messageID, "QueueUrl": queueURL})
	reply := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nX-Amzn-Requestid: %s\r\nContent-Length: %d\r\n\r\n%s",
		contentType[0], requestID, len(body), body)
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			in := bufio.NewReader(conn)
			for skip(in) == nil {
				if _, err := conn.Write(reply); err != nil {
					return
				}
			}
		}()
	}
}

// skip reads one request.
func skip(in *bufio.Reader) error {
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			_, err := in.Discard(length)
			return err
		}
		if digits, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(digits))); err != nil || length < 0 {
				return io.ErrUnexpectedEOF
			}
		}
	}
}
