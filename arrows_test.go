package quayside_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/quayside-go/quayside/"

// arrows says what each folder may import of this module. The longest matching folder rules its
// subfolders too, and a folder may always import what lies beneath it. "std" means: nothing from
// outside this module but the standard library.
var arrows = map[string][]string{
	"internal/attr":               {},
	"internal/eventsource":        {"internal/attr", "internal/sqsevent"},
	"internal/sqsevent":           {},
	"internal/lambdaruntime":      {"internal/sqsevent"},
	"worker":                      {"internal/attr"},
	"worker/onlambda":             {"internal/attr", "worker"},
	"worker/offlambda":            {"worker", "internal/attr", "internal/sqsevent"},
	"producer":                    {"internal/attr"},
	"producer/payload":            {"internal/attr", "producer"},
	"middleware":                  {"internal/attr", "worker", "producer"},
	"localqueue":                  {},
	"localqueue/conformance":      {"sqshttp"},
	"localqueue/internal/engine":  {"std"},
	"localqueue/internal/naive":   {"std", "localqueue/internal/engine"},
	"localqueue/internal/journal": {"std"},
	"localqueue/internal/wire":    {"std", "localqueue/internal/api", "localqueue/internal/engine"},
	"localqueue/internal/sigv4":   {"localqueue/internal/engine"},
	"sqshttp":                     {"std"},
	"examples":                    {"internal/attr", "worker", "producer", "middleware", "localqueue", "sqshttp"},
	"cmd":                         {"internal", "worker", "producer", "middleware", "localqueue", "sqshttp"},
}

// TestImportArrows reads the imports of every file, whatever system it is built for. Tests of package
// x_test, and of commands, may import anything.
func TestImportArrows(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || name == "benchmarks"):
			return fs.SkipDir // benchmarks is a module of its own
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		if strings.HasSuffix(f.Name.Name, "_test") || f.Name.Name == "main" && strings.HasSuffix(name, "_test.go") {
			return nil
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := forbidden(path.Dir(name), imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("no Go file found")
	}
}

// outside says who alone imports packages beneath a path that is not ours, and which of them.
// A worker knows nothing of Lambda, and a function on Lambda brings its own runtime.
var outside = map[string]map[string][]string{
	"github.com/aws/aws-lambda-go": {
		"worker/onlambda":  {"events"},
		"worker/offlambda": {"lambda", "lambdacontext"},
	},
}

// TestForbidden makes sure that the test above can fail.
func TestForbidden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dir, imported string
		ok            bool
	}{
		{"worker", "context", true},
		{"worker", "github.com/aws/aws-sdk-go-v2/service/sqs", true},
		{"worker", module + "internal/attr", true},
		{"worker", module + "worker/internal/heap", true},
		{"worker", module + "producer", false},
		{"worker", module + "localqueue", false},
		{"producer/payload", module + "producer", true},
		{"producer/payload/s3", module + "producer/payload", true},
		{"producer/payload", module + "worker", false},
		{"producer", module + "worker", false},
		{"localqueue", module + "worker", false},
		{"localqueue", module + "localqueue/internal/engine", true},
		{"localqueue/internal/engine", "github.com/aws/smithy-go", false},
		{"localqueue/internal/engine", module + "localqueue", false},
		{"localqueue/internal/naive", module + "localqueue/internal/engine", true},
		{"localqueue/internal/naive", "golang.org/x/time/rate", false},
		{"middleware", module + "localqueue", false},
		{"examples/hello", module + "localqueue", true},
		{"worker", module + "examples/hello", false},
		{"internal/eventsource", module + "worker", false},
		{"internal/eventsource", module + "localqueue", false},
		{"internal/lambdaruntime", module + "internal/eventsource", false},
		{"cmd/quayside", module + "internal/eventsource", true},
		{"novelty", "context", false},
		{"worker", "github.com/aws/aws-lambda-go/events", false},
		{"worker/onlambda", "github.com/aws/aws-lambda-go/events", true},
		{"worker/onlambda", "github.com/aws/aws-lambda-go/lambda", false},
		{"worker/offlambda", "github.com/aws/aws-lambda-go/lambda", true},
		{"worker/offlambda", "github.com/aws/aws-lambda-go/events", false},
		{"middleware", "github.com/aws/aws-lambda-go/lambdacontext", false},
		{"examples/serverless", "github.com/aws/aws-lambda-go/lambda", true},
	} {
		if why := forbidden(c.dir, c.imported); (why == "") != c.ok {
			t.Errorf("%s imports %s: %q", c.dir, c.imported, why)
		}
	}
}

// forbidden says why a folder may not import a package, or nothing if it may.
func forbidden(dir, imported string) string {
	rule := dir
	for arrows[rule] == nil {
		if rule = path.Dir(rule); rule == "." {
			return "no arrow starts at " + dir + "; decide, and add one to the table"
		}
	}
	inside, ours := strings.CutPrefix(imported, module)
	if !ours {
		if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") && slices.Contains(arrows[rule], "std") {
			return rule + " lives on the standard library alone"
		}
		for parent, mayImport := range outside {
			inside, ok := strings.CutPrefix(imported, parent+"/")
			if ok && rule != "examples" && !slices.Contains(mayImport[rule], inside) {
				return rule + " has no business with " + imported
			}
		}
		return ""
	}
	for _, allowed := range append([]string{rule}, arrows[rule]...) {
		if inside == allowed || strings.HasPrefix(inside, allowed+"/") {
			return ""
		}
	}
	return "no arrow points from " + rule + " to " + inside
}
