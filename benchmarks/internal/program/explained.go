package program

import (
	"go/doc/comment"
	"go/parser"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// measuresHeading begins the section of a package comment that is a list of measures: each item has the
// names of one or several, separated by commas, a colon, and what is to be known of them.
const measuresHeading = "Measures"

// explanation is what a package comment says, in Markdown.
type explanation struct {
	text string            // all but the list of measures
	of   map[string]string // by measure
}

// explained reads the source of a package comment, so that what a page says is what stands there.
func explained(source string) explanation {
	e := explanation{of: map[string]string{}}
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", source, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil || f.Doc == nil {
		return e // nothing is explained, which Test finds
	}
	var rest []comment.Block
	inMeasures := false
	for _, b := range new(comment.Parser).Parse(f.Doc.Text()).Content {
		if h, ok := b.(*comment.Heading); ok {
			inMeasures = strings.Contains(markdown(h), measuresHeading)
		}
		if l, ok := b.(*comment.List); ok && inMeasures {
			e.list(l)
			continue
		}
		rest = append(rest, b)
	}
	e.text = markdown(rest...)
	return e
}

// list reads the list of measures.
func (e *explanation) list(l *comment.List) {
	for _, item := range l.Items {
		names, about, _ := strings.Cut(markdown(item.Content...), ": ")
		for name := range strings.SplitSeq(names, ",") {
			e.of[strings.TrimSpace(name)] = sentence(about)
		}
	}
}

// sentence is a text that begins with a capital letter.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// markdown writes blocks. Headings are below those of a page's parts, and what is in backticks is code.
func markdown(blocks ...comment.Block) string {
	p := comment.Printer{HeadingLevel: 4, HeadingID: func(*comment.Heading) string { return "" }}
	text := string(p.Markdown(&comment.Doc{Content: blocks}))
	return strings.ReplaceAll(strings.TrimSpace(text), "\\`", "`")
}
