package main

import (
	"io/fs"
	"iter"
	"os"
	"strings"
)

// walk yields the regular files at and beneath root, named as find(1) names them: root as it was
// given, a slash, the rest. Links are not followed, except that root may be one. What cannot be
// listed is yielded with its error, and the walk goes on.
func walk(root string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		info, err := os.Stat(root)
		switch {
		case err != nil:
			yield(root, err)
		case info.IsDir():
			walkDir(root, yield)
		case info.Mode().IsRegular():
			yield(root, nil)
		}
	}
}

// walkDir returns false if the one who ranges over the files wants no more.
func walkDir(dir string, yield func(string, error) bool) bool {
	entries, err := os.ReadDir(dir)
	if err != nil && !yield(dir, err) {
		return false
	}
	for _, e := range entries {
		path := join(dir, e.Name())
		switch {
		case e.Type()&fs.ModeType == fs.ModeDir:
			if !walkDir(path, yield) {
				return false
			}
		case e.Type().IsRegular():
			if !yield(path, nil) {
				return false
			}
		}
	}
	return true
}

// join does not clean, unlike filepath.Join: "./a" stays "./a".
func join(dir, name string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}
