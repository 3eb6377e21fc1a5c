package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// Results are all that a run wrote, and what it was run on.
type Results struct {
	Program  string    `json:"program"`
	Title    string    `json:"title"`
	Command  string    `json:"command"`
	Quick    bool      `json:"quick"`
	Date     time.Time `json:"date"` // when it began
	Took     string    `json:"took"`
	Error    string    `json:"error,omitempty"` // why it ended before all was measured
	Machine  Machine   `json:"machine"`
	Versions []Version `json:"versions"` // of what is compared
	About    string    `json:"about"`    // how to read it, in Markdown

	Measures []*Measure `json:"measures"`
	Targets  []Verdict  `json:"targets"`
}

// Measure is a part of a run. What belongs to none is in one without a name.
type Measure struct {
	Name    string   `json:"name"`
	What    string   `json:"what"`
	About   string   `json:"about"` // Markdown
	Tables  []*Rows  `json:"tables,omitempty"`
	Skipped []string `json:"skipped,omitempty"`
	Figures []Figure `json:"figures,omitempty"`
	Plots   []Plot   `json:"plots,omitempty"`
}

// Rows are a table as it was written.
type Rows struct {
	Heading string     `json:"heading"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Version is that of something that is compared.
type Version struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Version notes the version of something that is compared.
func (r *Report) Version(name, version string) {
	r.results.Versions = append(r.results.Versions, Version{name, version})
}

// adopt takes the head of other, and keeps what was noted before.
func (r *Results) adopt(other Results) {
	other.Versions = append(other.Versions, r.Versions...)
	other.Measures = r.Measures
	*r = other
}

// current is the measure that is made now.
func (r *Results) current() *Measure {
	if len(r.Measures) == 0 {
		r.Measures = append(r.Measures, &Measure{})
	}
	return r.Measures[len(r.Measures)-1]
}

// WriteResults writes all that was kept to a file, as JSON that Read understands.
func (r *Report) WriteResults(path string) error {
	text, err := json.MarshalIndent(&r.results, "", "\t")
	if err == nil {
		err = os.WriteFile(path, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the results: %w", err)
	}
	return nil
}

// Read reads what WriteResults wrote.
func Read(path string) (*Results, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r Results
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if r.Program == "" {
		return nil, fmt.Errorf("%s: %w", path, errors.New("it has no results"))
	}
	return &r, nil
}
