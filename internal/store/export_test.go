package store

import "context"

// MigrateTo brings the tables of an empty database to how they were after the
// migration with this number, as an older Portrait left them.
func MigrateTo(ctx context.Context, database string, version int64) error {
	db, dialect, err := connect(database, true)
	if err != nil {
		return err
	}
	defer db.Close() // the test ends
	provider, err := newMigrator(db, dialect)
	if err != nil {
		return err
	}
	_, err = provider.UpTo(ctx, version)
	return err
}

// Trouble is trouble.
var Trouble = trouble
