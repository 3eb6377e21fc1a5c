package quayside_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// trap is a section of docs/traps.md, and the tests that it names.
type trap struct {
	title string
	tests []testName
}

// testName is a test, and the folder of its package: worker unless the document says
// "localqueue.TestX".
type testName struct{ folder, name string }

var namedTest = regexp.MustCompile("`(?:([a-z/]+)\\.)?(Test[A-Za-z0-9_]*)`")

// traps reads the document: each heading of the third level begins one.
func traps(doc string) (found []trap) {
	for line := range strings.Lines(doc) {
		if title, ok := strings.CutPrefix(line, "### "); ok {
			found = append(found, trap{title: strings.TrimSpace(title)})
			continue
		}
		for _, m := range namedTest.FindAllStringSubmatch(line, -1) {
			if len(found) == 0 {
				continue // an introduction
			}
			if m[1] == "" {
				m[1] = "worker"
			}
			last := &found[len(found)-1]
			last.tests = append(last.tests, testName{m[1], m[2]})
		}
	}
	return found
}

// TestTrapsAreTested makes sure that each trap names a test, and that there are such
// tests.
func TestTrapsAreTested(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("docs/traps.md")
	if err != nil {
		t.Fatal(err)
	}
	found := traps(string(doc))
	if len(found) == 0 {
		t.Fatal("docs/traps.md describes no trap")
	}
	tests := map[string]map[string]bool{}
	for _, p := range found {
		if len(p.tests) == 0 {
			t.Errorf("%q names no test", p.title)
		}
		for _, n := range p.tests {
			if tests[n.folder] == nil {
				tests[n.folder] = testsIn(t, n.folder)
			}
			if !tests[n.folder][n.name] {
				t.Errorf("%q names %s, which is not in %s", p.title, n.name, n.folder)
			}
		}
	}
}

// testsIn returns the names of the tests in a folder, of either package.
func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				tests[f.Name.Name] = true
			}
		}
	}
	return tests
}

// TestTraps makes sure that the test above can fail.
func TestTraps(t *testing.T) {
	t.Parallel()
	found := traps("# Traps\n`TestIntroduction`\n### One\ntext `TestA`,\n`localqueue.TestB`.\n### Two\nTestC and `Test` it\n")
	switch {
	case len(found) != 2 || found[0].title != "One" || found[1].title != "Two":
		t.Errorf("found %v, want the traps One and Two", found)
	case len(found[0].tests) != 2 || found[0].tests[0] != testName{"worker", "TestA"} || found[0].tests[1] != testName{"localqueue", "TestB"}:
		t.Errorf("One names %v, want worker's TestA and localqueue's TestB", found[0].tests)
	case len(found[1].tests) != 1 || found[1].tests[0].name != "Test":
		t.Errorf("Two names %v, want what is in backquotes alone", found[1].tests)
	}
	here := testsIn(t, ".")
	if !here["TestTraps"] || here["TestNone"] || here["Test"] || len(testsIn(t, "docs")) != 0 {
		t.Errorf("the tests of this folder are %v", here)
	}
}
