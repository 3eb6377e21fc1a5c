package worker_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Nothing of a worker outlives it or is shared with another but by way of a Pool: no
// goroutine is started when the package is loaded, no signal is caught, nothing ends
// the process. That no goroutine is left behind by a Run, every bubble checks.
func TestNothingIsGlobal(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range global(f) {
			t.Errorf("%s: %s", name, bad)
		}
	}
	if files == 0 {
		t.Error("no file found")
	}
}

// global returns what a file does to the process as a whole.
func global(f *ast.File) (bad []string) {
	for _, i := range f.Imports {
		switch i.Path.Value {
		case `"os"`, `"os/signal"`, `"syscall"`, `"log"`:
			bad = append(bad, "imports "+i.Path.Value)
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				bad = append(bad, "has an init function")
			}
		case *ast.GenDecl:
			ast.Inspect(d, func(n ast.Node) bool {
				if _, ok := n.(*ast.GoStmt); ok && d.Tok == token.VAR {
					bad = append(bad, "starts a goroutine when it is loaded")
				}
				if s, ok := n.(*ast.SelectorExpr); ok && d.Tok == token.VAR && slices.Contains([]string{"Mutex", "RWMutex", "WaitGroup", "Pool", "Map"}, s.Sel.Name) {
					bad = append(bad, "has state of the package's: a "+s.Sel.Name)
				}
				return true
			})
		}
	}
	return bad
}

// TestGlobal makes sure that the test above can fail.
func TestGlobal(t *testing.T) {
	t.Parallel()
	for source, n := range map[string]int{
		"package p\nimport \"time\"\nvar x = time.Second":      0,
		"package p\nimport \"os/signal\"":                      1,
		"package p\nfunc init() {}":                            1,
		"package p\nvar x = func() int { go f(); return 0 }()": 1,
		"package p\nvar pool sync.Pool":                        1,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "p.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if bad := global(f); len(bad) != n {
			t.Errorf("%s\nfound %v, want %d", source, bad, n)
		}
	}
}
