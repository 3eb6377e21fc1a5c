package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/quayside-go/quayside/localqueue"
)

func newInspectCommand() *cobra.Command {
	return newLookCommand(localqueue.Inspect, &cobra.Command{
		Use:   "inspect DIR",
		Short: "Show what is in a directory of queues",
		Long: `Show what is in a directory that "quayside serve --dir" or localqueue.Open made:
its queues and how many messages they hold, its files, and whether the next start
will find it whole. Nothing is changed. A server that runs has the directory to
itself; stop it, or ask it: its /metrics have the counts.

Exit status: 0, or 1 if there is damage or the directory cannot be read.`,
	})
}

func newVerifyCommand() *cobra.Command {
	return newLookCommand(localqueue.Verify, &cobra.Command{
		Use:   "verify DIR",
		Short: "Read and check every byte of a directory of queues",
		Long: `Read and check every byte of a directory that "quayside serve --dir" or
localqueue.Open made, also of what a start does not need to read. Nothing is
changed. The server must not run.

Exit status: 0 if all is well, 1 if there is damage or the directory cannot be read.`,
	})
}

// newLookCommand completes a command that prints what look says of a directory.
func newLookCommand(look func(dir string) (localqueue.Inspection, error), cmd *cobra.Command) *cobra.Command {
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) != 1 || args[0] == "" {
			return fmt.Errorf("%s: want one directory", cmd.Name())
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		print := printText
		if *asJSON {
			print = printJSON
		}
		found, err := lookInto(args[0], look)
		if err == nil {
			err = print(cmd.OutOrStdout(), args[0], found)
		}
		if err == nil && found.Damage != nil {
			err = fmt.Errorf("damaged: %s", where(found.Damage))
		}
		if err != nil {
			return failure{fmt.Errorf("%s %s: %w", cmd.Name(), args[0], err)}
		}
		return nil
	}
	return cmd
}

// lookInto looks, and takes nothing for a directory of queues that is none: another
// one must not pass for one that is well.
func lookInto(dir string, look func(string) (localqueue.Inspection, error)) (localqueue.Inspection, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			err = at.Err // without the path again
		}
		return localqueue.Inspection{}, err
	}
	if !slices.ContainsFunc(files, func(f fs.DirEntry) bool {
		return filepath.Ext(f.Name()) == ".log" || strings.HasPrefix(f.Name(), "manifest.")
	}) {
		return localqueue.Inspection{}, errors.New("there are no queues in this directory")
	}
	found, err := look(dir)
	if err != nil {
		err = diskError(dir, err)
	}
	return found, err
}

// printJSON prints the inspection for programs. Names may be added, none change.
func printJSON(w io.Writer, dir string, found localqueue.Inspection) error {
	b, err := json.MarshalIndent(newReport(dir, found), "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}
