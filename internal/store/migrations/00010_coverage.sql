-- Who has a photo, counted now and then; photos that are handed out; and whom a
-- batch waits for pictures of. People are object ids: no copy of the directory is
-- kept, and of the counts only the newest knows who.

-- +goose Up
CREATE TABLE coverage_scans (
	id         TEXT   NOT NULL PRIMARY KEY, -- random
	tenant     TEXT   NOT NULL,
	day        TEXT   NOT NULL, -- of UTC, when it was begun: 2026-11-25
	state      TEXT   NOT NULL, -- store.ScanState
	next       BYTEA  NOT NULL, -- sealed: where to go on in the directory
	pages      BIGINT NOT NULL, -- read so far
	people     BIGINT NOT NULL, -- counted so far
	with_photo BIGINT NOT NULL,
	unknown    BIGINT NOT NULL,
	started    BIGINT NOT NULL,
	changed    BIGINT NOT NULL,
	ended      BIGINT NOT NULL, -- 0 = not yet
	holder     TEXT   NOT NULL, -- who works at it until
	until      BIGINT NOT NULL,
	fence      BIGINT NOT NULL  -- one more with each claim
);
CREATE UNIQUE INDEX coverage_scans_running ON coverage_scans (tenant) WHERE state = 'running';
CREATE INDEX coverage_scans_by_day ON coverage_scans (tenant, day);

CREATE TABLE coverage_departments (
	scan       TEXT   NOT NULL,
	d          BIGINT NOT NULL, -- in the order of appearance
	name       BYTEA  NOT NULL, -- sealed; empty = people without one
	people     BIGINT NOT NULL, -- 0 until the scan is done
	with_photo BIGINT NOT NULL,
	unknown    BIGINT NOT NULL,
	PRIMARY KEY (scan, d)
);

CREATE TABLE coverage_people (
	scan   TEXT   NOT NULL,
	person TEXT   NOT NULL, -- object id
	d      BIGINT NOT NULL, -- department
	side   BIGINT NOT NULL, -- of the photo, in pixels; 0 = none, -1 = not known
	PRIMARY KEY (scan, person)
);
CREATE INDEX coverage_people_by_department ON coverage_people (scan, d, person);

CREATE TABLE exports (
	id       TEXT   NOT NULL PRIMARY KEY, -- random
	tenant   TEXT   NOT NULL,
	author   TEXT   NOT NULL, -- object id
	reason   BYTEA  NOT NULL, -- sealed
	whose    BYTEA  NOT NULL, -- sealed: the selection, in words
	people   BIGINT NOT NULL,
	part     BIGINT NOT NULL, -- people in each part, but for the last
	plan     BYTEA  NOT NULL, -- hash of who they are, in order, and the reason
	approver TEXT   NOT NULL, -- '' = nobody
	approved BIGINT NOT NULL,
	created  BIGINT NOT NULL,
	until    BIGINT NOT NULL  -- it can't be downloaded after that
);
CREATE INDEX exports_by_created ON exports (tenant, created);
CREATE INDEX exports_by_until ON exports (until);

CREATE TABLE export_people (
	export TEXT   NOT NULL,
	n      BIGINT NOT NULL, -- from 1
	person TEXT   NOT NULL, -- object id
	PRIMARY KEY (export, n)
);

CREATE TABLE export_parts (
	export TEXT   NOT NULL,
	part   BIGINT NOT NULL, -- from 1
	taken  BIGINT NOT NULL, -- when it was last sent to its end
	person TEXT   NOT NULL, -- to whom
	PRIMARY KEY (export, part)
);

CREATE TABLE batch_expected (
	batch  TEXT   NOT NULL,
	person TEXT   NOT NULL, -- object id
	PRIMARY KEY (batch, person)
);

-- +goose Down
DROP TABLE batch_expected;
DROP TABLE export_parts;
DROP TABLE export_people;
DROP TABLE exports;
DROP TABLE coverage_people;
DROP TABLE coverage_departments;
DROP TABLE coverage_scans;
