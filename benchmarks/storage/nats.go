package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// natsArgument makes this program be a NATS server: see beNATS.
const natsArgument = "be-nats"

// beNATS is a NATS server with JetStream in a directory, which syncs what it stores before it answers.
func beNATS(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments, want a directory", len(args))
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: args[0], SyncAlways: true,
	})
	if err != nil {
		return err
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(patience) {
		return errors.New("the server is not ready for connections")
	}
	if _, err := fmt.Fprintf(out, "%s%s\n", process.Announcement, s.Addr()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// natsRival is NATS with a stream on the disk.
func (b *bench) natsRival() (*rival, error) {
	dir, remove, err := b.room("nats")
	if err != nil {
		return nil, err
	}
	r := &rival{name: natsName, stop: []func(){remove}}
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	p, err := process.Start(b.ctx, self, natsArgument, dir)
	if err != nil {
		return r, err
	}
	r.stop = append(r.stop, p.Stop)
	var stream jetstream.Stream
	for range connections {
		c, js, err := dialNATS(p.Addr)
		if err != nil {
			return r, err
		}
		r.stop = append(r.stop, c.Close)
		if stream == nil {
			stream, err = js.CreateStream(b.ctx, jetstream.StreamConfig{
				Name: "bench", Subjects: []string{"bench"}, Storage: jetstream.FileStorage,
			})
			if err != nil {
				return r, err
			}
		}
		r.put = append(r.put, func() (int, error) {
			_, err := js.Publish(b.ctx, "bench", []byte(plain))
			return 1, err
		})
	}
	r.clear = func(put int) error {
		info, err := stream.Info(b.ctx)
		if err != nil {
			return err
		}
		if n := int(info.State.Msgs); n != put {
			return fmt.Errorf("%d messages were put, %d are there", put, n)
		}
		return stream.Purge(b.ctx)
	}
	return r, nil
}

func dialNATS(addr string) (*nats.Conn, jetstream.JetStream, error) {
	c, err := nats.Connect("nats://"+addr, nats.Timeout(10*time.Second), nats.NoReconnect())
	if err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(c, jetstream.WithDefaultTimeout(patience))
	if err != nil {
		c.Close()
	}
	return c, js, err
}
