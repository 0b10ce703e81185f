-- How often a photo was changed through Portrait, so that every replica knows
-- when the pictures that it remembers are old.

-- +goose Up
CREATE TABLE photo_versions (
	photo   TEXT   NOT NULL PRIMARY KEY, -- directory.PhotoKey
	version BIGINT NOT NULL
);

-- +goose Down
DROP TABLE photo_versions;
