package payload_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/quayside-go/quayside/producer/payload"
)

func openDir(t *testing.T) (*payload.Dir, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "new", "bodies")
	d, err := payload.OpenDir(path, "bodies")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	return d, path
}

func put(s payload.Store, key, body string) error {
	return s.Put(context.Background(), key, strings.NewReader(body), int64(len(body)))
}

func get(s payload.Store, key string) (string, error) {
	r, size, err := s.Get(context.Background(), key)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	if err == nil && int64(len(b)) != size {
		err = fmt.Errorf("%d bytes, and Get says %d", len(b), size)
	}
	return string(b), errors.Join(err, r.Close())
}

// files returns the names of all files beneath path.
func files(t *testing.T, path string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(path, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDir(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	if d.Bucket() != "bodies" {
		t.Errorf("Bucket() = %q", d.Bucket())
	}
	for _, key := range []string{"plain", "a/b/c.d", "a/b/e", ".hidden"} {
		for _, body := range []string{"first", "", "second, in its place"} {
			if err := put(d, key, body); err != nil {
				t.Fatal(err)
			}
			if got, err := get(d, key); got != body || err != nil {
				t.Errorf("%s holds %q, %v, want %q", key, got, err, body)
			}
		}
	}
	second, err := payload.OpenDir(path, "bodies")
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if got, err := get(second, "a/b/e"); got != "second, in its place" || err != nil {
		t.Errorf("another Dir of the same directory reads %q, %v", got, err)
	}
	for range 2 {
		if err := d.Delete(t.Context(), "a/b/e"); err != nil {
			t.Errorf("Delete = %v", err)
		}
	}
	for _, key := range []string{"a/b/e", "a/b", "nothing/here"} {
		if got, err := get(d, key); !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("%s holds %q, %v, want an ErrNotFound", key, got, err)
		}
	}
	if n := len(files(t, path)); n != 3 {
		t.Errorf("%d files, want 3: %q", n, files(t, path))
	}
}

// Pointers are written by strangers.
func TestDirStaysInside(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	secret := filepath.Join(filepath.Dir(path), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := []string{
		"", ".", "..", "../secret", "a/../../secret", "./plain", "a//b", "a/", "/etc/passwd", secret,
		`..\secret`, `c:\secret`, "~draft", "nul\x00", "é", "a b", "\xff",
	}
	if runtime.GOOS != "windows" { // which lets few make links
		if err := os.Symlink("../secret", filepath.Join(path, "link")); err != nil {
			t.Fatal(err)
		}
		if got, err := get(d, "link"); err == nil {
			t.Errorf("through a link, %q is read", got)
		}
	}
	for _, key := range keys {
		if err := put(d, key, "x"); err == nil {
			t.Errorf("Put(%q) gives no error", key)
		}
		if got, err := get(d, key); !errors.Is(err, payload.ErrNotFound) {
			t.Errorf("Get(%q) = %q, %v, want an ErrNotFound", key, got, err)
		}
		if err := d.Delete(t.Context(), key); err == nil {
			t.Errorf("Delete(%q) gives no error", key)
		}
	}
	if got, err := os.ReadFile(secret); string(got) != "secret" || err != nil {
		t.Errorf("outside, there is %q, %v", got, err)
	}
}

// broken gives a few bytes and then err.
type broken struct {
	io.Seeker
	r   io.Reader
	err error
}

func (b *broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == io.EOF {
		err = b.err
	}
	return n, err
}

// A Put that fails leaves what was there, and nothing else.
func TestDirPutFails(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	if err := put(d, "key", "before"); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	oops := errors.New("oops")
	for _, test := range []struct {
		ctx  context.Context
		body io.ReadSeeker
		want error
	}{
		{gone, strings.NewReader("after"), context.Canceled},
		{t.Context(), &broken{r: strings.NewReader("af"), err: oops}, oops},
		{t.Context(), strings.NewReader("aft"), io.ErrUnexpectedEOF},
	} {
		if err := d.Put(test.ctx, "key", test.body, 5); !errors.Is(err, test.want) {
			t.Errorf("Put = %v, want %v", err, test.want)
		}
	}
	if got, err := get(d, "key"); got != "before" || err != nil || len(files(t, path)) != 1 {
		t.Errorf("it holds %q, %v; files %q", got, err, files(t, path))
	}
	if _, _, err := d.Get(gone, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v", err)
	}
	if err := d.Delete(gone, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete = %v", err)
	}
}

// Reading ends with the context of Get.
func TestDirReadEnds(t *testing.T) {
	t.Parallel()
	d, _ := openDir(t)
	if err := put(d, "key", "body"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, _, err := d.Get(ctx, "key")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := r.Read(make([]byte, 2)); n != 2 || err != nil {
		t.Errorf("Read = %d, %v", n, err)
	}
	cancel()
	if n, err := r.Read(make([]byte, 2)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %d, %v after the context's end", n, err)
	}
}

// Whoever reads while others write sees one body or another, whole.
func TestDirAtOnce(t *testing.T) {
	t.Parallel()
	d, path := openDir(t)
	bodies := []string{strings.Repeat("a", 100_000), strings.Repeat("b", 70_000)}
	if err := put(d, "key", bodies[0]); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 10 {
				if i%2 == 0 {
					if err := put(d, "key", bodies[i/2%2]); err != nil && runtime.GOOS != "windows" {
						t.Errorf("Put = %v", err) // Windows renames over no file that is open
					}
				} else if got, err := get(d, "key"); err != nil || got != bodies[0] && got != bodies[1] {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			}
		})
	}
	all.Wait()
	if n := len(files(t, path)); n != 1 {
		t.Errorf("%d files are left: %q", n, files(t, path))
	}
}

func TestOpenDirFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, bucket string }{{file, "b"}, {filepath.Join(file, "x"), "b"}, {t.TempDir(), ""}} {
		if d, err := payload.OpenDir(test.path, test.bucket); err == nil {
			d.Close()
			t.Errorf("OpenDir(%q, %q) gives no error", test.path, test.bucket)
		}
	}
}
