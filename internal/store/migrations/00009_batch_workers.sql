-- The processes that work batches. Each counts up while it does, so that whoever
-- watches sees it without comparing clocks.

-- +goose Up
CREATE TABLE batch_workers (
	name  TEXT   NOT NULL PRIMARY KEY, -- of the process
	beats BIGINT NOT NULL,
	at    BIGINT NOT NULL -- of the last one, by the process's own clock
);

-- +goose Down
DROP TABLE batch_workers;
