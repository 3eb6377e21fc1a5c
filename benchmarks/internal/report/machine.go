package report

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Machine is what a run was made on.
type Machine struct {
	OS        string `json:"os"`
	Arch      string `json:"arch"`
	Cores     int    `json:"cores"`
	Processor string `json:"processor,omitempty"` // its model, where the system tells it
	Memory    int64  `json:"memory,omitempty"`    // bytes, where the system tells it
	Go        string `json:"go"`
}

// ThisMachine is the one that this program runs on. Model and memory are those that Linux tells.
func ThisMachine() Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
	m.Processor = field("/proc/cpuinfo", "model name")
	if kib, err := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal"), " kB"), 10, 64); err == nil {
		m.Memory = kib << 10
	}
	return m
}

// field is the text behind a name and a colon in a file of /proc; empty where there is none.
func field(path, name string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(text) {
		if k, v, ok := strings.Cut(string(line), ":"); ok && strings.TrimSpace(k) == name {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// system is the machine as every run's first line has it.
func (m Machine) system() string {
	return fmt.Sprintf("%s/%s, %d cores, %s", m.OS, m.Arch, m.Cores, m.Go)
}

// String is all that is known of the machine.
func (m Machine) String() string {
	parts := []string{m.OS + "/" + m.Arch, fmt.Sprintf("%d cores", m.Cores)}
	if m.Processor != "" {
		parts = append(parts, m.Processor)
	}
	if m.Memory > 0 {
		parts = append(parts, fmt.Sprintf("%.0f GiB of memory", float64(m.Memory)/(1<<30)))
	}
	return strings.Join(append(parts, m.Go), ", ")
}

// VersionsOf are the versions of modules that this program is built with; the first of all is that of the
// sources around it, if git tells.
func VersionsOf(modules ...string) []Version {
	all := []Version{{"quayside", revision()}}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return all
	}
	for _, name := range modules {
		for _, d := range info.Deps {
			if d.Path == name {
				all = append(all, Version{name, d.Version})
			}
		}
	}
	return all
}

// revision is that of the sources in the working directory, and whether they differ from it.
func revision() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--tags").Output()
	if err != nil {
		return "of no known revision"
	}
	return strings.TrimSpace(string(out))
}
