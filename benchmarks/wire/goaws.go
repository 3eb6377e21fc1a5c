package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/quayside-go/quayside/benchmarks/internal/process"
)

// The version of goaws that is compared, and the package of its program.
const (
	goawsModule  = "github.com/Admiral-Piett/goaws"
	goawsVersion = "v0.5.4"
	goawsProgram = goawsModule + "/app/cmd"
)

// goawsSettings are its configuration file, for a port.
const goawsSettings = `Local:
  Host: localhost
  Port: %s
  Region: us-east-1
  AccountId: "000000000000"
  LogToFile: false
  QueueAttributeDefaults:
    VisibilityTimeout: 30
    ReceiveMessageWaitTimeSeconds: 0
    MaximumMessageSize: 262144
`

// buildGoaws builds goaws in a module of its own in dir.
func buildGoaws(ctx context.Context, dir string) (subject, error) {
	dir = filepath.Join(dir, "goaws")
	program := executable(dir, "goaws")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return subject{}, err
	}
	module := fmt.Sprintf("module peer\n\ngo 1.26.0\n\nrequire %s %s\n", goawsModule, goawsVersion)
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(module), 0o600); err != nil {
		return subject{}, err
	}
	if _, err := output(ctx, dir, "go", "build", "-mod=mod", "-o", program, goawsProgram); err != nil {
		return subject{}, err
	}
	return subject{start: func(ctx context.Context, own string) (*process.Process, error) {
		settings := filepath.Join(own, "goaws.yaml")
		addr, err := process.FreeAddress()
		if err != nil {
			return nil, err
		}
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(settings, fmt.Appendf(nil, goawsSettings, port), 0o600); err != nil {
			return nil, err
		}
		return process.StartAt(ctx, addr, program, "-config", settings, "-loglevel", "error", "Local")
	}}, nil
}
