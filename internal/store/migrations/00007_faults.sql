-- How often a photo was changed, beside how often it may have become another one:
-- a save that failed must not look like somebody else's change. And a row that is
-- written to find out whether anything can be written.

-- +goose Up
ALTER TABLE photo_versions ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;

CREATE TABLE heartbeat (
	id BIGINT NOT NULL PRIMARY KEY, -- 1
	at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE heartbeat;
ALTER TABLE photo_versions DROP COLUMN changes;
