package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"portrait/internal/store"
)

// runBackup copies the SQLite database to the file that args name.
func runBackup(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 1 || args[0] == "" || args[0][0] == '-' {
		return wrongUse{errors.New("usage: portrait backup FILE, which must not be there yet")}
	}
	c, err := storeConfig()
	if err != nil {
		return err
	}
	err = store.Backup(ctx, c.Database, args[0])
	if errors.Is(err, store.ErrNotSQLite) {
		return wrongUse{errors.New("PORTRAIT_DATABASE is PostgreSQL: make its backup with pg_dump --format=custom --file=FILE, see docs/operate.md")}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The database was copied to %s. Keep the keys (PORTRAIT_KEYS, PORTRAIT_AUDIT_KEYS) elsewhere: without them it can't be read.\n", args[0])
	return err
}

// runMigrate brings the database up to date.
func runMigrate(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) > 0 {
		return wrongUse{errors.New("usage: portrait migrate")}
	}
	c, err := storeConfig()
	if err != nil {
		return err
	}
	before, err := store.Migrate(ctx, c.Database, c.Keys)
	if err != nil {
		return fmt.Errorf("the database can't be brought up to date: %w", err)
	}
	if before.Schema == before.Latest {
		_, err = fmt.Fprintf(stdout, "The database is up to date: schema %d.\n", before.Latest)
		return err
	}
	_, err = fmt.Fprintf(stdout, "The database had schema %d and has %d now.\n", before.Schema, before.Latest)
	return err
}

// storeConfig reads the few settings that the database takes by itself.
func storeConfig() (config, error) {
	vars, err := environment()
	if err != nil {
		return config{}, wrongUse{err}
	}
	c, err := parseStoreConfig(vars)
	if err != nil {
		return config{}, wrongUse{err}
	}
	return c, nil
}
