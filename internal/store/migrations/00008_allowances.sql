-- What may be done only so often, counted over all replicas.

-- +goose Up
CREATE TABLE allowances (
	name  TEXT   NOT NULL PRIMARY KEY, -- of what, and whose
	ends  BIGINT NOT NULL,             -- when the count begins anew
	spent BIGINT NOT NULL
);
CREATE INDEX allowances_by_ends ON allowances (ends);

-- +goose Down
DROP TABLE allowances;
