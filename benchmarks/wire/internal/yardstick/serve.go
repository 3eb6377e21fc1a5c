package yardstick

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// Serve is the program of a yardstick: it serves on a free loopback port, says on out where, and returns
// when ctx is done. kind is ceiling, fixed or raw; body is the size of received bodies in bytes.
func Serve(ctx context.Context, out io.Writer, kind string, body int) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	if _, err := fmt.Fprintf(out, "%s%s\n", process.Announcement, l.Addr()); err != nil {
		return err
	}
	switch kind {
	case "ceiling":
		err = http.Serve(l, Ceiling(body))
	case "fixed":
		err = http.Serve(l, Fixed(body))
	case "raw":
		err = Raw(l)
	default:
		err = fmt.Errorf("no yardstick is called %q: want ceiling, fixed or raw", kind)
	}
	if ctx.Err() != nil && errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
