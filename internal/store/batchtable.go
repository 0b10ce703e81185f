package store

import "context"

// tablePicture is the CSV of a batch: kept as if it were a picture of item 0,
// which there isn't, and deleted with the pictures.
const tablePicture PictureKind = "table"

// PutBatchTable keeps csv, which says whose pictures the files of an open batch
// are, in place of the one that is there.
//
// It fails with ErrConflict if the batch isn't open.
func (s *Store) PutBatchTable(ctx context.Context, batch string, csv []byte) error {
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.touchOpen(ctx, "store.PutBatchTable", batch); err != nil {
			return err
		}
		return tx.putPicture(ctx, batch, 0, tablePicture, csv)
	})
}

// BatchTable returns the CSV of batch. It fails with ErrNone.
func (s *Store) BatchTable(ctx context.Context, batch string) ([]byte, error) {
	return s.ItemPicture(ctx, batch, 0, tablePicture)
}
