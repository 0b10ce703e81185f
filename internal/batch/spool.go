package batch

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"portrait/internal/fault"
	"portrait/internal/words"
)

const (
	// SpoolKeyBytes is the length of the key of a file in the spool: AES-256.
	SpoolKeyBytes = 32

	// chunkBytes is how much is sealed at once, so that any part of a file can be
	// read without the rest. 1 GB has 16,384 chunks.
	chunkBytes = 64 << 10
	sealBytes  = 16 // that a sealed chunk is longer
	spoolEnd   = ".spool"
)

// ErrSpool says that a file in the spool was changed, cut short, or sealed with
// another key.
var ErrSpool = errors.New("batch: not what was spooled")

// Spool is a folder for zips on their way, where each is sealed with a key of
// its own that isn't in the folder. Nobody's names get near it: files are called
// by ids of ours.
type Spool struct{ root *os.Root }

// OpenSpool opens the folder, which must exist.
func OpenSpool(folder string) (*Spool, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("batch.OpenSpool: %w", err)
	}
	return &Spool{root}, nil
}

// Close closes the folder.
func (s *Spool) Close() error { return s.root.Close() }

// NewSpoolKey returns a fresh key, for one file.
func NewSpoolKey() []byte {
	key := make([]byte, SpoolKeyBytes)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return key
}

// spoolID is what files in the spool are called: the id of a batch.
var spoolID = regexp.MustCompile(`^[a-zA-Z0-9-]{8,64}$`)

// Write seals what comes from r into the file of id, in place of what is there,
// and returns how many bytes came. key must be of NewSpoolKey and is good for
// this one file. If it fails, nothing is left of the file.
//
// It fails with fault.TooLarge above MaxZipBytes, with fault.Unavailable where
// the disk is full, and with the error of r.
func (s *Spool) Write(id string, key []byte, r io.Reader) (n int64, err error) {
	const op = "batch.Spool.Write"
	seal, name, err := spoolCipher(id, key)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", op, err)
	}
	file, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, spoolFault(op, err)
	}
	defer func() {
		if closed := file.Close(); err == nil && closed != nil {
			err = spoolFault(op, closed)
		}
		if err != nil {
			_ = s.root.Remove(name) // Sweep tries again
		}
	}()
	n, err = sealChunks(file, seal, io.LimitReader(r, MaxZipBytes+1))
	switch {
	case n > MaxZipBytes:
		return 0, zipFault(op, fault.TooLarge, words.M("batch.zip-too-large", "MaxGigabytes", MaxZipBytes>>30), nil)
	case errors.Is(err, errSpoolWrite):
		return 0, spoolFault(op, err)
	}
	return n, err
}

// errSpoolWrite tells a full disk from a broken connection.
var errSpoolWrite = errors.New("batch: the spool can't be written")

func spoolFault(op string, err error) error {
	return &fault.Error{Op: op, Kind: fault.Unavailable, Say: words.M("batch.spool-full"), Next: fault.NextAdmin, Err: err}
}

// sealChunks writes r to w, chunk by chunk. Each is sealed under its number,
// the last one as the last: none can be left out, moved or doubled, and the end
// can't be cut off.
//
// Source: Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption
// and its Nonce-Reuse Misuse-Resistance" (STREAM), https://ia.cr/2015/189
func sealChunks(w io.Writer, seal cipher.AEAD, r io.Reader) (total int64, err error) {
	now, next := make([]byte, chunkBytes), make([]byte, chunkBytes)
	sealed := make([]byte, 0, chunkBytes+sealBytes)
	n, err := io.ReadFull(r, now)
	for i := uint64(0); ; i++ {
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return total, err
		}
		total += int64(n)
		more, after := 0, err
		if err == nil {
			more, after = io.ReadFull(r, next)
		}
		last := err != nil || errors.Is(after, io.EOF)
		if _, err := w.Write(seal.Seal(sealed, chunkNonce(i, last), now[:n], nil)); err != nil {
			return total, errors.Join(errSpoolWrite, err)
		}
		if last {
			return total, nil
		}
		now, next, n, err = next, now, more, after
	}
}

// chunkNonce is the nonce of chunk i: its number, and whether it is the last.
func chunkNonce(i uint64, last bool) []byte {
	nonce := binary.BigEndian.AppendUint64(make([]byte, 3, 12), i)
	if last {
		return append(nonce, 1)
	}
	return append(nonce, 0)
}

func spoolCipher(id string, key []byte) (seal cipher.AEAD, name string, err error) {
	if !spoolID.MatchString(id) || len(key) != SpoolKeyBytes {
		return nil, "", fmt.Errorf("the id %q or a key of %d bytes can't be", id, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, "", err
	}
	seal, err = cipher.NewGCM(block)
	return seal, id + spoolEnd, err
}

// Spooled is a file in the spool, opened for reading. It may be read from
// several goroutines.
type Spooled struct {
	file *os.File
	seal cipher.AEAD
	size int64 // of what was spooled

	mu    sync.Mutex
	at    int64 // the chunk in plain, -1 = none
	plain []byte
}

// Open opens the file of id. Whether it is whole shows when it is read.
//
// It fails with ErrSpool if the file can't be one of ours, and with
// fs.ErrNotExist if there is none.
func (s *Spool) Open(id string, key []byte) (*Spooled, error) {
	const op = "batch.Spool.Open"
	seal, name, err := spoolCipher(id, key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	file, err := s.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	chunks := (info.Size() + chunkBytes + sealBytes - 1) / (chunkBytes + sealBytes)
	f := &Spooled{file: file, seal: seal, size: info.Size() - chunks*sealBytes, at: -1}
	if f.size < 0 || chunks == 0 {
		return nil, errors.Join(ErrSpool, file.Close())
	}
	// The last chunk says how long the file is, so it is opened before anybody
	// believes that.
	if _, err := f.chunk(chunks - 1); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

// Size returns how many bytes were spooled.
func (f *Spooled) Size() int64 { return f.size }

// Close closes the file; it stays in the spool.
func (f *Spooled) Close() error { return f.file.Close() }

// ReadAt is io.ReaderAt. It fails with ErrSpool where the file was changed.
func (f *Spooled) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for n < len(p) {
		if off+int64(n) >= f.size {
			return n, io.EOF
		}
		plain, err := f.chunk((off + int64(n)) / chunkBytes)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], plain[(off+int64(n))%chunkBytes:])
	}
	return n, nil
}

// chunk returns chunk i in plain. f must be locked, or nobody else's yet.
func (f *Spooled) chunk(i int64) ([]byte, error) {
	if f.at == i {
		return f.plain, nil
	}
	from := i * chunkBytes
	sealed := make([]byte, min(chunkBytes, f.size-from)+sealBytes)
	if n, err := f.file.ReadAt(sealed, i*(chunkBytes+sealBytes)); n < len(sealed) {
		return nil, errors.Join(ErrSpool, err)
	}
	// #nosec G115 -- i counts chunks from 0
	plain, err := f.seal.Open(sealed[:0], chunkNonce(uint64(i), from+chunkBytes >= f.size), sealed, nil)
	if err != nil {
		f.at = -1
		return nil, ErrSpool
	}
	f.at, f.plain = i, plain
	return plain, nil
}

// Remove removes the file of id. That there is none is no error.
func (s *Spool) Remove(id string) error {
	if !spoolID.MatchString(id) {
		return fmt.Errorf("batch.Spool.Remove: the id %q can't be", id)
	}
	if err := s.root.Remove(id + spoolEnd); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("batch.Spool.Remove: %w", err)
	}
	return nil
}

// Sweep removes the files of ours that were last written at notAfter or
// earlier, and returns how many there were. A file that is being written isn't
// among them as long as the connection delivers.
func (s *Spool) Sweep(notAfter time.Time) (n int, err error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return 0, fmt.Errorf("batch.Spool.Sweep: %w", err)
	}
	var failed error
	for _, e := range entries {
		id, isOurs := strings.CutSuffix(e.Name(), spoolEnd)
		info, err := e.Info()
		if !isOurs || !spoolID.MatchString(id) || err != nil || info.ModTime().After(notAfter) {
			continue // what has vanished meanwhile is swept too
		}
		if err := s.Remove(id); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		n++
	}
	return n, failed
}
