//go:build unix

package lambdaruntime

import (
	"os/exec"
	"syscall"
)

// group is a process and what it has started: a process group.
type group struct{ id int }

// startGroup starts the command as the leader of a group of its own, which a terminal's
// Ctrl-C does not reach.
func startGroup(cmd *exec.Cmd) (*group, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &group{cmd.Process.Pid}, nil
}

// terminate asks the group to end, and reports whether that is possible.
func (g *group) terminate() bool { return syscall.Kill(-g.id, syscall.SIGTERM) == nil }

// kill kills the group. If there is none any more, nothing happens.
func (g *group) kill() { _ = syscall.Kill(-g.id, syscall.SIGKILL) }

func (g *group) close() {}
