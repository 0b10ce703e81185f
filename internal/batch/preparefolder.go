package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"portrait/internal/directory"
	"portrait/internal/fault"
	"portrait/internal/words"
)

// MaxFolderBytes is the most that a folder's pictures have together, in bytes
// (4 GB): the database keeps them until the batch ends.
const MaxFolderBytes = 4 << 30

// errEnough ends a walk early.
var errEnough = errors.New("batch: enough")

// folderFile is a file of a folder: a picture, or a table.
type folderFile struct {
	name  string
	bytes int64
	skip  words.Message // why it isn't taken
}

// AddFolder adds the pictures of a folder and of those in it, and the CSV in it
// if there is one; where table says that there is another CSV, it is left out.
// Links aren't followed, and what computers
// leave beside pictures is left out; everything else that can't be used is an
// item that says why. A folder that is added again adds what isn't there yet.
//
// It fails with fault.TooLarge above MaxFiles or MaxFolderBytes, with
// fault.Unreadable for several tables, with nothing added; as ReadTable does; and
// with the folder's own errors.
func (s *Service) AddFolder(ctx context.Context, actor directory.Actor, id string, folder fs.FS, table bool) error {
	_, b, err := s.open(ctx, actor, id)
	if err != nil {
		return err
	}
	files, tables, err := listFolder(folder)
	if err != nil {
		return err
	}
	switch {
	case table:
	case len(tables) > 1:
		return zipFault("batch.AddFolder", fault.Unreadable, words.M("batch.folder-two-tables"), nil)
	case len(tables) == 1:
		body, err := readFile(folder, tables[0].name)
		if err != nil {
			return err
		}
		if err := s.AddTable(ctx, actor, id, body); err != nil {
			return err
		}
	}
	shelf, err := s.shelf(ctx, b.ID)
	if err != nil {
		return err
	}
	for _, f := range files {
		var body []byte
		if f.skip.ID == "" {
			if body, err = readFile(folder, f.name); err != nil {
				return err
			}
		}
		if err := s.addNext(ctx, b.ID, &shelf, f.name, body, f.skip); err != nil {
			return err
		}
	}
	return nil
}

// readFile returns what is in a file, at most MaxFileBytes: it may have grown
// since it was listed.
func readFile(folder fs.FS, name string) ([]byte, error) {
	f, err := folder.Open(name)
	if err != nil {
		return nil, fmt.Errorf("batch.AddFolder: %w", err)
	}
	defer f.Close() // it was only read
	return io.ReadAll(io.LimitReader(f, MaxFileBytes))
}

// listFolder returns the files in folder in the order of their names, tables by
// themselves.
func listFolder(folder fs.FS) (files, tables []folderFile, err error) {
	const op = "batch.AddFolder"
	var total int64
	err = fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && strings.HasPrefix(path.Base(name), "."):
			return fs.SkipDir // .git and the like are no pictures of anybody
		case d.IsDir() || isSystem(name):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f := folderFile{name: name, bytes: info.Size()}
		if f.skip = reasonToPass(name, info); f.skip.ID == "" {
			total += f.bytes
		}
		if isTable(name) && f.skip.ID == "" {
			tables = append(tables, f)
			return nil
		}
		if files = append(files, f); len(files) > MaxFiles || total > MaxFolderBytes {
			return errEnough
		}
		return nil
	})
	switch {
	case errors.Is(err, errEnough) && len(files) > MaxFiles:
		err = zipFault(op, fault.TooLarge, words.M("batch.too-many", "Max", MaxFiles), nil)
	case errors.Is(err, errEnough):
		err = zipFault(op, fault.TooLarge, words.M("batch.folder-total", "MaxGigabytes", MaxFolderBytes>>30), nil)
	case err != nil:
		err = fmt.Errorf("%s: %w", op, err)
	}
	return files, tables, err
}

// reasonToPass says why a file of a folder isn't taken; zero for one that is.
func reasonToPass(name string, info fs.FileInfo) words.Message {
	switch {
	case !info.Mode().IsRegular():
		return words.M("batch.skip-link")
	case strings.EqualFold(path.Ext(name), ".zip"):
		return words.M("batch.skip-zip")
	case isTable(name) && info.Size() > MaxTableBytes:
		return words.M("batch.table-too-large", "MaxMegabytes", MaxTableBytes>>20)
	case info.Size() > MaxFileBytes:
		return words.M("batch.skip-too-large", "MaxMegabytes", MaxFileBytes>>20)
	case info.Size() == 0:
		return words.M("batch.skip-empty")
	}
	return words.Message{}
}
