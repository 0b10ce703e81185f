-- Batches: many photos changed at once, by the helpdesk. Rows of items are the
-- truth; jobs of the queue only carry them. What names a person or shows one is
-- sealed, but for object ids.

-- +goose Up
CREATE TABLE batches (
	id            TEXT   NOT NULL PRIMARY KEY, -- random
	tenant        TEXT   NOT NULL,
	author        TEXT   NOT NULL, -- object id, or operator/… for the terminal
	state         TEXT   NOT NULL, -- store.BatchState
	title         BYTEA  NOT NULL, -- sealed
	reason        BYTEA  NOT NULL, -- sealed
	note          BYTEA  NOT NULL, -- sealed: why it is paused
	only_missing  BIGINT NOT NULL, -- 1 = skip people who have a photo
	dry_run       BIGINT NOT NULL, -- 1 = change nothing
	approver      TEXT   NOT NULL, -- '' = nobody yet
	approved      BIGINT NOT NULL,
	approved_plan BYTEA  NOT NULL, -- hash of the plan that was approved
	parent        TEXT   NOT NULL, -- the batch that this one rolls back, '' = none
	spool_key     BYTEA  NOT NULL, -- sealed: of the zip in the spool, empty = there is none
	created       BIGINT NOT NULL,
	changed       BIGINT NOT NULL,
	started       BIGINT NOT NULL, -- 0 = not yet
	ended         BIGINT NOT NULL, -- 0 = not yet
	purged        BIGINT NOT NULL, -- when items and pictures were deleted, 0 = not yet
	purged_items  BIGINT NOT NULL  -- how many there were
);
CREATE INDEX batches_by_created ON batches (tenant, created);
CREATE INDEX batches_by_ended ON batches (purged, ended);

CREATE TABLE batch_items (
	batch    TEXT   NOT NULL,
	n        BIGINT NOT NULL, -- the file's number, as the browser counts
	name     BYTEA  NOT NULL, -- sealed: the file's
	hash     BYTEA  NOT NULL, -- SHA-256 of the picture as it was uploaded
	verdict  TEXT   NOT NULL, -- batch.Verdict, '' = not matched yet
	how      TEXT   NOT NULL, -- batch.How
	sure     TEXT   NOT NULL, -- batch.Sure
	person   TEXT   NOT NULL, -- object id, '' = nobody
	found    BYTEA  NOT NULL, -- sealed: the person's name, why, other candidates
	ticked   BIGINT NOT NULL, -- 1 = to be run
	crop     TEXT   NOT NULL, -- 'x y side turn', '' = automatic
	state    TEXT   NOT NULL, -- store.ItemState
	fence    BIGINT NOT NULL, -- one more with each claim
	holder   TEXT   NOT NULL, -- who has claimed it
	until    BIGINT NOT NULL, -- how long
	tries    BIGINT NOT NULL,
	result   BYTEA  NOT NULL, -- sealed: what became of it, in words
	had      BIGINT NOT NULL, -- 0 = not known, 1 = had no photo, 2 = had the photo of old_hash
	old_hash BYTEA  NOT NULL,
	new_hash BYTEA  NOT NULL,
	ended    BIGINT NOT NULL,
	PRIMARY KEY (batch, n)
);
CREATE INDEX batch_items_by_state ON batch_items (batch, state, n);
CREATE INDEX batch_items_by_person ON batch_items (batch, person);

-- Apart from the items, which are written often.
CREATE TABLE batch_pictures (
	batch TEXT   NOT NULL,
	n     BIGINT NOT NULL,
	kind  TEXT   NOT NULL, -- store.PictureKind
	data  BYTEA  NOT NULL, -- sealed
	PRIMARY KEY (batch, n, kind)
);

-- What a batch acts with: deleted when it ends.
CREATE TABLE batch_grants (
	batch   TEXT   NOT NULL PRIMARY KEY,
	person  TEXT   NOT NULL, -- object id of who pressed Run or Resume
	data    BYTEA  NOT NULL, -- sealed: the refresh token and what goes with it
	proof   BIGINT NOT NULL, -- of the newest ID token with the role
	version BIGINT NOT NULL, -- of data, from 1
	holder  TEXT   NOT NULL, -- who may renew it until
	until   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE batch_grants;
DROP TABLE batch_pictures;
DROP TABLE batch_items;
DROP TABLE batches;
