-- The processes that work batches: each counts up while it does, so that whoever
-- watches sees it without comparing clocks. And when a photo was changed last: a
-- batch may wait for longer than changes are kept.

-- +goose Up
CREATE TABLE batch_workers (
	name  TEXT   NOT NULL PRIMARY KEY, -- of the process
	beats BIGINT NOT NULL,
	at    BIGINT NOT NULL -- of the last one, by the process's own clock
);

ALTER TABLE photo_versions ADD COLUMN changed BIGINT NOT NULL DEFAULT 0; -- 0 = not since there is this column

-- +goose Down
ALTER TABLE photo_versions DROP COLUMN changed;
DROP TABLE batch_workers;
