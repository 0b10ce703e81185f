-- The audit log: a chain of entries, each with a MAC over itself and the MAC
-- before it (see internal/audit). What names a person stands beside the chain
-- and can be erased.

-- +goose Up
CREATE TABLE audit_log (
	seq            BIGINT NOT NULL PRIMARY KEY, -- from 1, without gaps
	at             BIGINT NOT NULL,
	tenant         TEXT   NOT NULL,
	person         TEXT   NOT NULL, -- object id of who acted, '' = an operator or Portrait itself
	role           TEXT   NOT NULL,
	proof          TEXT   NOT NULL,
	acted_as       TEXT   NOT NULL,
	photo_tenant   TEXT   NOT NULL, -- directory.PhotoKey, all '' where it is about no photo
	photo_kind     TEXT   NOT NULL,
	photo_owner    TEXT   NOT NULL,
	photo_item     TEXT   NOT NULL,
	action         TEXT   NOT NULL,
	outcome        TEXT   NOT NULL,
	code           TEXT   NOT NULL,
	old_hash       TEXT   NOT NULL, -- hexadecimal SHA-256 of the photo before
	new_hash       TEXT   NOT NULL, -- and after
	graph_request  TEXT   NOT NULL,
	client_request TEXT   NOT NULL,
	request        TEXT   NOT NULL,
	item           TEXT   NOT NULL,
	side_hash      BYTEA  NOT NULL, -- SHA-256 of the side row's salt and data
	key_id         TEXT   NOT NULL, -- of the key that mac is made with
	mac            BYTEA  NOT NULL
);
CREATE INDEX audit_log_by_person ON audit_log (person, seq);
CREATE INDEX audit_log_by_owner ON audit_log (photo_owner, seq);
CREATE INDEX audit_log_by_action ON audit_log (action, seq);
CREATE INDEX audit_log_by_at ON audit_log (at);

CREATE TABLE audit_sides (
	seq  BIGINT NOT NULL PRIMARY KEY,
	salt BYTEA  NOT NULL,
	data BYTEA  NOT NULL -- sealed
);

-- The end of the chain. Whoever adds to it locks this row first.
CREATE TABLE audit_head (
	id  BIGINT NOT NULL PRIMARY KEY,
	seq BIGINT NOT NULL,
	mac BYTEA  NOT NULL
);
INSERT INTO audit_head (id, seq, mac) VALUES (1, 0, '');

-- What is said about a place in the chain, signed: up to where it was purged,
-- the newest checkpoint, the last time that all of it was verified.
CREATE TABLE audit_marks (
	name      TEXT   NOT NULL PRIMARY KEY,
	at        BIGINT NOT NULL,
	seq       BIGINT NOT NULL,
	mac       BYTEA  NOT NULL, -- of the entry seq
	note      TEXT   NOT NULL,
	key_id    TEXT   NOT NULL,
	signature BYTEA  NOT NULL
);

-- +goose Down
DROP TABLE audit_marks;
DROP TABLE audit_head;
DROP TABLE audit_sides;
DROP TABLE audit_log;
