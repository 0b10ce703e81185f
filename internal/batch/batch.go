// Package batch changes many photos at once: it reads what was dropped, finds
// whose photo each picture is, and reports what became of it.
//
//	zip: Spool (sealed on its way) → OpenArchive (hostile until shown otherwise) → files
//	CSV: ReadTable → rows
//	files + rows → Clues → look-ups in the directory → Match → Plan: one item for each file
//	items in the store (store/batches.go) → … → WriteReport
//
// Nothing that was dropped is left out silently: what can't be used is an item
// that says why. Everything here but Spool is pure; people come by look-ups of
// what the files name, so no copy of the directory is made.
package batch

import "portrait/internal/picture"

const (
	// MaxFiles is how many pictures one batch has at most when they are dropped
	// one by one. A zip has at most MaxZipEntries.
	MaxFiles = 10_000

	// MaxFileBytes is the largest picture in a batch, in bytes: as large as one
	// that is uploaded by itself.
	MaxFileBytes = picture.MaxUploadBytes
)
