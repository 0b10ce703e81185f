-- Which delegated permissions sign-ins were last granted, so that an operator
-- can be told. It says nothing about whom.

-- +goose Up
CREATE TABLE granted (
	scope TEXT   NOT NULL PRIMARY KEY, -- lower case; '' = any sign-in
	at    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE granted;
