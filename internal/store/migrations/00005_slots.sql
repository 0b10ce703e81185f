-- What all replicas share about their calls on photos: how many may run at
-- once, which do, and who waits. Rows of whoever was killed run out.

-- +goose Up
CREATE TABLE gate (
	one          BIGINT NOT NULL PRIMARY KEY, -- 1: there is one gate
	turn         BIGINT NOT NULL, -- counts changes; whoever raises it has the gate's lock
	at_once      BIGINT NOT NULL, -- how many calls may run at once
	ceiling      BIGINT NOT NULL, -- what was not too many when Graph last throttled, 0 = unknown
	credit       BIGINT NOT NULL, -- calls that succeeded since at_once changed
	lowered      BIGINT NOT NULL, -- when at_once was last lowered
	closed_until BIGINT NOT NULL, -- nobody calls until then
	slow_until   BIGINT NOT NULL  -- batches have half their share until then
);
INSERT INTO gate (one, turn, at_once, ceiling, credit, lowered, closed_until, slow_until) VALUES (1, 0, 4, 0, 0, 0, 0, 0);

CREATE TABLE slot (
	n      BIGINT NOT NULL PRIMARY KEY, -- from 1
	holder TEXT   NOT NULL, -- a replica
	turn   BIGINT NOT NULL, -- of the gate, when it was taken
	until  BIGINT NOT NULL,
	batch  BIGINT NOT NULL, -- 1 = for a batch, 0 = for a person
	photo  TEXT   UNIQUE    -- directory.PhotoKey that is being changed, NULL = none
);

CREATE TABLE slot_waiting (
	holder  TEXT   NOT NULL PRIMARY KEY,
	people  BIGINT NOT NULL,
	batches BIGINT NOT NULL,
	since   BIGINT NOT NULL, -- when the first of them came
	until   BIGINT NOT NULL
);

-- +goose Down
DROP TABLE slot_waiting;
DROP TABLE slot;
DROP TABLE gate;
