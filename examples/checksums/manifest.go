package main

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// escapes are the bytes that sha256sum does not write as they are.
var escapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`)

// line is one line of a manifest, without its end. A name that had to be escaped is announced by a
// backslash in front of the sum.
func line(sum, path string) string {
	if escaped := escapes.Replace(path); escaped != path {
		return `\` + sum + "  " + escaped
	}
	return sum + "  " + path
}

// write writes the manifest, sorted by the bytes of the paths.
func write(w io.Writer, sums map[string]string) error {
	out := bufio.NewWriter(w)
	for _, path := range slices.Sorted(maps.Keys(sums)) {
		out.WriteString(line(sums[path], path)) // errors stick: Flush returns the first
		out.WriteByte('\n')
	}
	return out.Flush()
}

// save writes the manifest to a file, or to stdout if no file is named. A regular file gets its name
// only when it is complete, so nobody ever reads half a manifest there.
func save(file string, stdout io.Writer, sums map[string]string) error {
	if file == "" {
		return write(stdout, sums)
	}
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return replace(file, 0o644, sums)
	case err != nil:
		return err
	case info.Mode().IsRegular():
		return replace(file, info.Mode().Perm(), sums)
	}
	f, err := os.Create(file) // a link, a pipe, a device: it is written to, never replaced
	if err != nil {
		return err
	}
	return errors.Join(write(f, sums), f.Close())
}

// replace writes a file beside the one wanted, under a name that nothing has, and renames it.
func replace(file string, mode fs.FileMode, sums map[string]string) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.partial")
	if err != nil {
		return err
	}
	err = errors.Join(write(f, sums), f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
