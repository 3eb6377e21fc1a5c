package quayside_test

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// graphs says which packages of other modules may come along with one of ours: those
// beneath these paths. What a user of the worker alone compiles has no storage, no server,
// no command line and no exporter in it.
var graphs = map[string][]string{
	"worker":           {"github.com/aws/aws-sdk-go-v2/", "github.com/aws/smithy-go", "golang.org/x/time/rate"},
	"worker/onlambda":  {"github.com/aws/aws-sdk-go-v2/", "github.com/aws/smithy-go", "golang.org/x/time/rate", "github.com/aws/aws-lambda-go/events"},
	"worker/offlambda": {"github.com/aws/aws-sdk-go-v2/", "github.com/aws/smithy-go", "golang.org/x/time/rate", "github.com/aws/aws-lambda-go/lambda", "github.com/aws/aws-lambda-go/lambdacontext"},
	"producer":         {"github.com/aws/aws-sdk-go-v2/", "github.com/aws/smithy-go"},
	"producer/payload": {"github.com/aws/aws-sdk-go-v2/", "github.com/aws/smithy-go"},
	"middleware": {
		"github.com/aws/aws-sdk-go-v2/", "github.com/aws/smithy-go", "golang.org/x/time/rate",
		"github.com/cenkalti/backoff/v4",
		"go.opentelemetry.io/otel", "go.opentelemetry.io/auto/sdk", // the API, and what it
		"github.com/cespare/xxhash/v2", "github.com/go-logr/", // uses itself
	},
}

// ours are the packages of this module that may come along.
var ours = map[string][]string{
	"worker":           {"worker", "internal/attr"},
	"worker/onlambda":  {"worker/onlambda", "worker", "internal/attr"},
	"worker/offlambda": {"worker/offlambda", "worker", "internal/attr", "internal/sqsevent"},
	"producer":         {"producer", "internal/attr"},
	"producer/payload": {"producer/payload", "producer", "internal/attr"},
	"middleware":       {"middleware", "worker", "producer", "producer/payload", "internal/attr"},
}

// never are in nobody's graph, though a path above would let them in.
var never = []string{
	"github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/service/s3",
	"github.com/aws/aws-sdk-go-v2/service/dynamodb", "go.opentelemetry.io/otel/sdk", "go.opentelemetry.io/otel/exporters",
	"database/sql", "net/http/httptest", "testing",
}

// TestImportGraph lists what a program that imports one of our packages compiles.
func TestImportGraph(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(graphs)) {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{.Standard}}", "./"+name).Output()
		if err != nil {
			t.Fatalf("go list ./%s: %v", name, err)
		}
		var others []string
		for line := range strings.Lines(string(out)) {
			path, standard, _ := strings.Cut(strings.TrimSpace(line), " ")
			if why := unwanted(name, path, standard == "true"); why != "" {
				t.Errorf("who imports %s compiles %s: %s", name, path, why)
			}
			if standard != "true" {
				others = append(others, path)
			}
		}
		t.Logf("%s: %d packages that are not the standard library's:\n\t%s", name, len(others), strings.Join(others, "\n\t"))
		if len(others) < 10 {
			t.Errorf("%s: go list names %d packages only", name, len(others))
		}
	}
}

// TestUnwanted makes sure that the test above can fail.
func TestUnwanted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, path string
		standard   bool
		ok         bool
	}{
		{"worker", "context", true, true},
		{"worker", "net/http", true, true},
		{"worker", "database/sql", true, false},
		{"worker", "github.com/aws/aws-sdk-go-v2/service/sqs", false, true},
		{"worker", "github.com/aws/aws-sdk-go-v2/service/s3", false, false},
		{"worker", "github.com/aws/aws-sdk-go-v2/service/s3/types", false, false},
		{"worker", "github.com/prometheus/client_golang/prometheus", false, false},
		{"worker", "go.opentelemetry.io/otel", false, false},
		{"worker", module + "internal/attr", false, true},
		{"worker", "github.com/aws/aws-lambda-go/events", false, false},
		{"worker/onlambda", "github.com/aws/aws-lambda-go/events", false, true},
		{"worker/onlambda", "github.com/aws/aws-lambda-go/lambda", false, false},
		{"worker/offlambda", "github.com/aws/aws-lambda-go/lambda/messages", false, true},
		{"middleware", "github.com/aws/aws-lambda-go/events", false, false},
		{"worker", module + "middleware", false, false},
		{"middleware", module + "worker", false, true},
		{"middleware", module + "producer/payload", false, true},
		{"middleware", module + "producer/payload/s3", false, false},
		{"producer", module + "producer/payload", false, false},
		{"middleware", module + "localqueue", false, false},
		{"middleware", "go.opentelemetry.io/otel/trace", false, true},
		{"middleware", "go.opentelemetry.io/otel/sdk/trace", false, false},
		{"middleware", "go.opentelemetry.io/otel/exporters/stdout/stdouttrace", false, false},
	} {
		if why := unwanted(c.name, c.path, c.standard); (why == "") != c.ok {
			t.Errorf("%s, %s: %q", c.name, c.path, why)
		}
	}
}

// unwanted says why a package may not come along with ours of that name, or nothing.
func unwanted(name, path string, standard bool) string {
	beneath := func(parent string) bool {
		parent = strings.TrimSuffix(parent, "/")
		return path == parent || strings.HasPrefix(path, parent+"/")
	}
	inside, isOurs := strings.CutPrefix(path, module)
	switch {
	case slices.ContainsFunc(never, beneath):
		return "it is in nobody's graph"
	case standard:
		return ""
	case isOurs && slices.Contains(ours[name], inside), slices.ContainsFunc(graphs[name], beneath):
		return ""
	}
	return "it is not in the table"
}
