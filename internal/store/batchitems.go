package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"portrait/internal/directory"
)

// ItemState is where an item of a batch stands.
type ItemState string

// The states of an item.
const (
	ItemOpen    ItemState = "open"    // not begun, or to be tried again
	ItemWorking ItemState = "working" // claimed
	ItemDone    ItemState = "done"    // the photo was changed, and that was seen
	ItemSkipped ItemState = "skipped" // on purpose, see Result
	ItemFailed  ItemState = "failed"  // see Result
	ItemLeft    ItemState = "left"    // not ticked when the batch began, or not begun when it was cancelled
)

// PictureKind says which picture of an item it is.
type PictureKind string

// The pictures of an item.
const (
	NewPicture PictureKind = "new" // as it was uploaded, deleted when the batch ends
	OldPicture PictureKind = "old" // the photo that was there, kept for the way back
)

// What is known of the photo that was there before.
const (
	HadUnknown int64 = iota
	HadNone
	HadPhoto
)

// Item is one file of a batch.
type Item struct {
	N    int64
	Name string // the file's
	Hash []byte // SHA-256 of the picture as it was uploaded

	Verdict, How, Sure string       // as batch.Item has them
	Person             directory.ID // object id, "" = nobody
	Found              []byte       // the person's name, why, candidates, as the caller wrote it
	Ticked             bool         // to be run
	Crop               string       // as the caller writes it, "" = automatic

	State   ItemState
	Tries   int64
	Result  []byte // what became of it, as the caller wrote it
	Had     int64  // HadUnknown, HadNone or HadPhoto
	OldHash []byte // of the photo that was there
	NewHash []byte // of the photo that is there now
	Ended   time.Time
}

const itemColumns = `n, name, hash, verdict, how, sure, person, found, ticked, crop, state, tries, result, had, old_hash, new_hash, ended`

// AddItem adds a file with its picture to an open batch, as number n. Adding
// the same again changes nothing, so an upload that broke off can go on.
//
// It fails with ErrConflict if the batch isn't open, or has another picture
// under the number.
func (s *Store) AddItem(ctx context.Context, batch string, n int64, name string, picture []byte) error {
	const op = "store.AddItem"
	sum := sha256.Sum256(picture)
	sealedName, err := s.ring.Seal(itemPlace(batch, n, "name"), nil, []byte(name))
	if err != nil {
		return trouble(op, err)
	}
	found, err := s.ring.Seal(itemPlace(batch, n, "found"), nil, nil)
	if err != nil {
		return trouble(op, err)
	}
	result, err := s.ring.Seal(itemPlace(batch, n, "result"), nil, nil)
	if err != nil {
		return trouble(op, err)
	}
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.touchOpen(ctx, op, batch); err != nil {
			return err
		}
		added, err := affected(tx.tx.ExecContext(ctx, `
			INSERT INTO batch_items (batch, `+itemColumns+`, fence, holder, until)
			VALUES ($1, $2, $3, $4, '', '', '', '', $5, 0, '', 'open', 0, $6, 0, $7, $7, 0, 0, '', 0)
			ON CONFLICT (batch, n) DO NOTHING`,
			batch, n, sealedName, sum[:], found, result, []byte{}))
		if err != nil {
			return trouble(op, err)
		}
		if added == 1 {
			return tx.putPicture(ctx, batch, n, NewPicture, picture)
		}
		var same int64
		err = tx.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM batch_items WHERE batch = $1 AND n = $2 AND hash = $3`, batch, n, sum[:]).Scan(&same)
		switch {
		case err != nil:
			return trouble(op, err)
		case same == 0:
			return fmt.Errorf("%s: %w", op, ErrConflict)
		}
		return nil
	})
}

// touchOpen makes sure that batch may still be changed, and stays so until the
// transaction ends: whoever starts it waits for the row.
func (tx *Tx) touchOpen(ctx context.Context, op, batch string) error {
	return changedOne(op)(tx.tx.ExecContext(ctx, `UPDATE batches SET changed = changed WHERE id = $1 AND state IN ('open', 'waiting')`, batch))
}

// ItemNumbers returns the numbers of the files that are there, in order, so
// that an upload knows where to go on.
func (s *Store) ItemNumbers(ctx context.Context, batch string) ([]int64, error) {
	const op = "store.ItemNumbers"
	rows, err := s.db.QueryContext(ctx, `SELECT n FROM batch_items WHERE batch = $1 ORDER BY n`, batch)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, n)
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// MatchItem writes whose photo item it.N is to be: Verdict, How, Sure, Person,
// Found and Ticked.
//
// It fails with ErrConflict if the batch isn't open, or has no such item.
func (s *Store) MatchItem(ctx context.Context, batch string, it Item) error {
	return s.MatchItems(ctx, batch, []Item{it})
}

// MatchItems is MatchItem for many, all or none.
func (s *Store) MatchItems(ctx context.Context, batch string, items []Item) error {
	const op = "store.MatchItems"
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.touchOpen(ctx, op, batch); err != nil {
			return err
		}
		for _, it := range items {
			found, err := s.ring.Seal(itemPlace(batch, it.N, "found"), nil, it.Found)
			if err != nil {
				return trouble(op, err)
			}
			err = changedOne(op)(tx.tx.ExecContext(ctx, `
				UPDATE batch_items SET verdict = $3, how = $4, sure = $5, person = $6, found = $7, ticked = $8 WHERE batch = $1 AND n = $2`,
				batch, it.N, it.Verdict, it.How, it.Sure, string(it.Person), found, flag(it.Ticked)))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// CropItem writes which part of the picture is wanted; "" is the automatic one.
// It fails as MatchItem does.
func (s *Store) CropItem(ctx context.Context, batch string, n int64, crop string) error {
	return s.changeItem(ctx, "store.CropItem", batch, `UPDATE batch_items SET crop = $3 WHERE batch = $1 AND n = $2`, n, crop)
}

// TickItem writes whether the item is to be run. It fails as MatchItem does.
func (s *Store) TickItem(ctx context.Context, batch string, n int64, ticked bool) error {
	return s.changeItem(ctx, "store.TickItem", batch, `UPDATE batch_items SET ticked = $3 WHERE batch = $1 AND n = $2`, n, flag(ticked))
}

func (s *Store) changeItem(ctx context.Context, op, batch, update string, n int64, value any) error {
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.touchOpen(ctx, op, batch); err != nil {
			return err
		}
		return changedOne(op)(tx.tx.ExecContext(ctx, update, batch, n, value))
	})
}

// Items returns at most limit items of batch with numbers above after, in
// order.
func (s *Store) Items(ctx context.Context, batch string, after int64, limit int) ([]Item, error) {
	const op = "store.Items"
	rows, err := s.db.QueryContext(ctx, `SELECT `+itemColumns+` FROM batch_items WHERE batch = $1 AND n > $2 ORDER BY n LIMIT $3`, batch, after, limit)
	if err != nil {
		return nil, trouble(op, err)
	}
	defer rows.Close() // Err says whether all were read
	var all []Item
	for rows.Next() {
		it, err := s.scanItem(batch, rows)
		if err != nil {
			return nil, trouble(op, err)
		}
		all = append(all, it)
	}
	if err := rows.Err(); err != nil {
		return nil, trouble(op, err)
	}
	return all, nil
}

// Item returns item n of batch. It fails with ErrNone.
func (s *Store) Item(ctx context.Context, batch string, n int64) (Item, error) {
	it, err := s.scanItem(batch, s.db.QueryRowContext(ctx, `SELECT `+itemColumns+` FROM batch_items WHERE batch = $1 AND n = $2`, batch, n))
	if errors.Is(err, sql.ErrNoRows) {
		return Item{}, ErrNone
	}
	if err != nil {
		return Item{}, trouble("store.Item", err)
	}
	return it, nil
}

// scanItem reads itemColumns.
func (s *Store) scanItem(batch string, row interface{ Scan(...any) error }) (Item, error) {
	var it Item
	var name []byte
	var ticked, ended int64
	err := row.Scan(&it.N, &name, &it.Hash, &it.Verdict, &it.How, &it.Sure, &it.Person, &it.Found, &ticked, &it.Crop,
		&it.State, &it.Tries, &it.Result, &it.Had, &it.OldHash, &it.NewHash, &ended)
	if err != nil {
		return Item{}, err
	}
	for column, sealed := range map[string]*[]byte{"name": &name, "found": &it.Found, "result": &it.Result} {
		if *sealed, err = s.ring.Open(itemPlace(batch, it.N, column), nil, *sealed); err != nil {
			return Item{}, err
		}
	}
	it.Name, it.Ticked, it.Ended = string(name), ticked == 1, timeOf(ended)
	return it, nil
}

// ItemPicture returns a picture of item n. It fails with ErrNone.
func (s *Store) ItemPicture(ctx context.Context, batch string, n int64, kind PictureKind) ([]byte, error) {
	const op = "store.ItemPicture"
	var sealed []byte
	err := s.db.QueryRowContext(ctx, `SELECT data FROM batch_pictures WHERE batch = $1 AND n = $2 AND kind = $3`, batch, n, string(kind)).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, trouble(op, err)
	}
	picture, err := s.ring.Open(picturePlace(batch, n, kind), nil, sealed)
	if err != nil {
		return nil, trouble(op, err)
	}
	return picture, nil
}

// putPicture stores a picture in place of what is there.
func (tx *Tx) putPicture(ctx context.Context, batch string, n int64, kind PictureKind, picture []byte) error {
	sealed, err := tx.store.ring.Seal(picturePlace(batch, n, kind), nil, picture)
	if err != nil {
		return trouble("store.putPicture", err)
	}
	_, err = tx.tx.ExecContext(ctx, `
		INSERT INTO batch_pictures (batch, n, kind, data) VALUES ($1, $2, $3, $4)
		ON CONFLICT (batch, n, kind) DO UPDATE SET data = excluded.data`, batch, n, string(kind), sealed)
	if err != nil {
		return trouble("store.putPicture", err)
	}
	return nil
}

func itemRow(batch string, n int64) []byte { return []byte(batch + "/" + strconv.FormatInt(n, 10)) }

func itemPlace(batch string, n int64, column string) Place {
	return Place{Table: "batch_items", Row: itemRow(batch, n), Column: column}
}

func picturePlace(batch string, n int64, kind PictureKind) Place {
	return Place{Table: "batch_pictures", Row: itemRow(batch, n), Column: string(kind)}
}
