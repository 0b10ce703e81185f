package batch

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"portrait/internal/fault"
)

const spoolName = "0123456789abcdef"

// newSpool returns a spool and its folder.
func newSpool(t *testing.T) (*Spool, string) {
	t.Helper()
	folder := t.TempDir()
	s, err := OpenSpool(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // nothing is left to lose
	return s, folder
}

// somebody's bytes, of the given length, always the same.
func someBytes(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	all := make([]byte, n)
	for i := range all {
		all[i] = byte(random.Uint32())
	}
	return all
}

func TestSpoolGivesBackWhatWasWritten(t *testing.T) {
	for _, n := range []int{0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3 * chunkBytes, 3*chunkBytes + 7} {
		s, folder := newSpool(t)
		key, body := NewSpoolKey(), someBytes(n)
		got, err := s.Write(spoolName, key, iotest.HalfReader(bytes.NewReader(body)))
		if err != nil || got != int64(n) {
			t.Fatalf("%d bytes: wrote %d, %v", n, got, err)
		}
		f, err := s.Open(spoolName, key)
		if err != nil {
			t.Fatal(err)
		}
		if f.Size() != int64(n) {
			t.Errorf("%d bytes: the size is %d", n, f.Size())
		}
		if err := iotest.TestReader(io.NewSectionReader(f, 0, f.Size()), body); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		if n, err := f.ReadAt(make([]byte, 1), f.Size()); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("read %d bytes behind the end, %v", n, err)
		}
		if _, err := f.ReadAt(make([]byte, 1), -1); err == nil {
			t.Error("read in front of the beginning")
		}
		_ = f.Close() // read only
		raw, err := os.ReadFile(filepath.Join(folder, spoolName+spoolEnd))
		if err != nil || n > 16 && bytes.Contains(raw, body[:16]) {
			t.Errorf("the file can be read by anybody: %v", err)
		}
		if info, err := os.Stat(filepath.Join(folder, spoolName+spoolEnd)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
}

func TestSpooledZipOpens(t *testing.T) {
	s, _ := newSpool(t)
	key, big := NewSpoolKey(), string(someBytes(3*chunkBytes))
	if _, err := s.Write(spoolName, key, bytes.NewReader(zipOf(t, stored("a.jpg", noise), stored("b.jpg", big)))); err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(spoolName, key)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() // read only
	a, err := OpenArchive(f, f.Size())
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if body, err := a.Read(1); err != nil || string(body) != big {
				t.Errorf("%d bytes, %v", len(body), err)
			}
		})
	}
	wait.Wait()
}

func TestChangedSpoolDoesntOpen(t *testing.T) {
	const sealed = chunkBytes + sealBytes
	for _, tt := range []struct {
		sentence string
		change   func(raw []byte) []byte
	}{
		{"a bit at the beginning", func(raw []byte) []byte { raw[0] ^= 1; return raw }},
		{"a bit at the end", func(raw []byte) []byte { raw[len(raw)-1] ^= 1; return raw }},
		{"the last chunk left out", func(raw []byte) []byte { return raw[:2*sealed] }},
		{"all but the first left out", func(raw []byte) []byte { return raw[:sealed] }},
		{"everything left out", func([]byte) []byte { return nil }},
		{"a byte left out", func(raw []byte) []byte { return raw[:len(raw)-1] }},
		{"less than a seal", func(raw []byte) []byte { return raw[:sealBytes-1] }},
		{"a byte more", func(raw []byte) []byte { return append(raw, 0) }},
		{"the last chunk twice", func(raw []byte) []byte { return append(raw, raw[2*sealed:]...) }},
		{"two chunks swapped", func(raw []byte) []byte { return slices.Concat(raw[sealed:2*sealed], raw[:sealed], raw[2*sealed:]) }},
		{"a chunk in the middle left out", func(raw []byte) []byte { return slices.Concat(raw[:sealed], raw[2*sealed:]) }},
	} {
		s, folder := newSpool(t)
		key := NewSpoolKey()
		if _, err := s.Write(spoolName, key, bytes.NewReader(someBytes(2*chunkBytes+100))); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, spoolName+spoolEnd)
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, tt.change(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := s.Open(spoolName, key)
		if err == nil {
			_, err = io.Copy(io.Discard, io.NewSectionReader(f, 0, f.Size()))
			_ = f.Close() // read only
		}
		if !errors.Is(err, ErrSpool) {
			t.Errorf("%s: %v, want ErrSpool", tt.sentence, err)
		}
	}
}

func TestSpoolKeepsToItsFolder(t *testing.T) {
	s, folder := newSpool(t)
	key := NewSpoolKey()
	for _, id := range []string{"", "short", "../outside", "a/../../outside", strings.Repeat("x", 65), "nul\x00nul\x00nul"} {
		if _, err := s.Write(id, key, strings.NewReader("x")); err == nil {
			t.Errorf("wrote %q", id)
		}
		if _, err := s.Open(id, key); err == nil {
			t.Errorf("opened %q", id)
		}
		if s.Remove(id) == nil {
			t.Errorf("removed %q", id)
		}
	}
	if _, err := s.Write(spoolName, key, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(spoolName, NewSpoolKey()); !errors.Is(err, ErrSpool) {
		t.Errorf("opened with another key: %v", err)
	}
	if _, err := s.Open(spoolName, key[:16]); err == nil {
		t.Error("opened with half a key")
	}
	if _, err := s.Open("fedcba9876543210", key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that isn't there: %v", err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(folder, "linklinklink"+spoolEnd)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open("linklinklink", key); err == nil || errors.Is(err, ErrSpool) {
		t.Errorf("followed a link out of the folder: %v", err)
	}
	if _, err := OpenSpool(filepath.Join(folder, "none")); err == nil {
		t.Error("opened a folder that isn't there")
	}
}

func TestNothingIsLeftOfAnUploadThatFails(t *testing.T) {
	s, folder := newSpool(t)
	broken := errors.New("the line is down")
	for _, n := range []int{0, 10, 2*chunkBytes + 10} {
		_, err := s.Write(spoolName, NewSpoolKey(), io.MultiReader(bytes.NewReader(someBytes(n)), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v, want the reader's own error", n, err)
		}
	}
	_, err := s.Write(spoolName, NewSpoolKey(), zeroes{})
	if err == nil || fault.As(err).Say.ID != "batch.zip-too-large" {
		t.Errorf("without an end: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// zeroes never ends.
type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { return len(p), nil }

func TestSweepSpool(t *testing.T) {
	s, folder := newSpool(t)
	now := time.Now()
	for name, age := range map[string]time.Duration{
		"oldoldold" + spoolEnd: 25 * time.Hour, "youngyoung" + spoolEnd: 23 * time.Hour, "somebody-elses.txt": 1000 * time.Hour,
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Sweep(now.Add(-24 * time.Hour)); n != 1 || err != nil {
		t.Errorf("swept %d, %v; want 1", n, err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 2 {
		t.Errorf("left %v, %v", left, err)
	}
	if err := s.Remove("youngyoung"); err != nil {
		t.Error(err)
	}
	if err := s.Remove("youngyoung"); err != nil {
		t.Errorf("removed twice: %v", err)
	}
}
