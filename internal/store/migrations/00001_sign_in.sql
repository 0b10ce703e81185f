-- One set of statements runs on SQLite and PostgreSQL: times are BIGINT unix
-- milliseconds, bytes BYTEA, everything else TEXT or BIGINT.

-- +goose Up
CREATE TABLE sessions (
	id             BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of the cookie's 256 bits
	tenant         TEXT   NOT NULL,
	person         TEXT   NOT NULL,
	sid            TEXT   NOT NULL, -- the provider's session, '' where it sends none
	created        BIGINT NOT NULL,
	seen           BIGINT NOT NULL,
	version        BIGINT NOT NULL, -- of data, from 1
	data           BYTEA  NOT NULL, -- sealed with the cookie's bits
	refresh_holder TEXT   NOT NULL, -- who may write data until refresh_until, '' = nobody
	refresh_until  BIGINT NOT NULL
);
CREATE INDEX sessions_by_sid ON sessions (sid);
CREATE INDEX sessions_by_seen ON sessions (seen);
CREATE INDEX sessions_by_created ON sessions (created);

CREATE TABLE flows (
	id      BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of state
	browser BYTEA  NOT NULL, -- SHA-256 of the browser cookie's 256 bits
	created BIGINT NOT NULL,
	data    BYTEA  NOT NULL -- sealed with the browser cookie's bits
);
CREATE INDEX flows_by_browser ON flows (browser, created);
CREATE INDEX flows_by_created ON flows (created);

-- +goose Down
DROP TABLE flows;
DROP TABLE sessions;
