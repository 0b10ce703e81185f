-- What makes sure that nothing is lost: changes on their way (drafts), the
-- photos that were there (history), what people must be told, and what was
-- purged when.

-- +goose Up
ALTER TABLE photo_versions ADD COLUMN turn BIGINT NOT NULL DEFAULT 0; -- the newest draft's

CREATE TABLE drafts (
	id       BYTEA  NOT NULL PRIMARY KEY, -- SHA-256 of tenant, person, photo and idempotency key
	tenant   TEXT   NOT NULL,
	person   TEXT   NOT NULL, -- object id of who makes the change
	photo    TEXT   NOT NULL, -- directory.PhotoKey
	turn     BIGINT NOT NULL, -- order of the changes of one photo
	act      TEXT   NOT NULL, -- set, remove, restore
	state    TEXT   NOT NULL, -- draft, sending, waiting, unknown, confirmed, failed
	input    BYTEA  NOT NULL, -- SHA-256 of what was asked for
	etag     TEXT   NOT NULL, -- hexadecimal SHA-256 of the picture, '' for a removal
	picture  BYTEA  NOT NULL, -- sealed, also where it is empty
	details  BYTEA  NOT NULL, -- sealed
	holder   TEXT   NOT NULL, -- who sends it until until, '' = nobody
	until    BIGINT NOT NULL,
	retry_at BIGINT NOT NULL, -- 0 = now
	seen     BIGINT NOT NULL, -- 1 once Graph has served what was confirmed
	created  BIGINT NOT NULL,
	updated  BIGINT NOT NULL
);
CREATE INDEX drafts_by_photo ON drafts (photo, turn);
CREATE INDEX drafts_by_person ON drafts (tenant, person);
CREATE INDEX drafts_by_created ON drafts (created);

CREATE TABLE history (
	id       TEXT   NOT NULL PRIMARY KEY, -- random
	tenant   TEXT   NOT NULL,
	photo    TEXT   NOT NULL,
	person   TEXT   NOT NULL, -- object id of who replaced it
	etag     TEXT   NOT NULL, -- hexadecimal SHA-256 of the picture
	picture  BYTEA  NOT NULL, -- sealed
	replaced BIGINT NOT NULL,
	until    BIGINT NOT NULL  -- kept until then whatever the settings say, 0 = not
);
CREATE INDEX history_by_photo ON history (photo, replaced);
CREATE INDEX history_by_replaced ON history (replaced);

CREATE TABLE told (
	id      TEXT   NOT NULL PRIMARY KEY, -- random
	tenant  TEXT   NOT NULL,
	person  TEXT   NOT NULL, -- object id of whose photo it is
	act     TEXT   NOT NULL, -- what was done: set, remove, restore
	etag    TEXT   NOT NULL, -- of the photo that was set, '' = removed
	past    TEXT   NOT NULL, -- history.id of what was there, '' = nothing was
	changed BIGINT NOT NULL,
	until   BIGINT NOT NULL  -- can be undone until then
);
CREATE INDEX told_by_person ON told (tenant, person);

CREATE TABLE purges (
	id    TEXT   NOT NULL PRIMARY KEY, -- random
	at    BIGINT NOT NULL,
	what  TEXT   NOT NULL, -- a table
	deleted BIGINT NOT NULL, -- how many were deleted
	older BIGINT NOT NULL  -- than this time
);

-- +goose Down
DROP TABLE purges;
DROP TABLE told;
DROP TABLE history;
DROP TABLE drafts;
ALTER TABLE photo_versions DROP COLUMN turn;
