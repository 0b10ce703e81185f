import test from 'node:test';
import assert from 'node:assert/strict';
import { Frame } from './frame';
import { OPENING, Past } from './past';

const FIRST = Frame.suggest({ width: 4000, height: 3000 });

test('each step is undone and done again', () => {
	const past = new Past();
	const second = FIRST.zoomed(2);
	past.record(FIRST, '');
	assert.equal(past.back(), undefined);
	past.record(second, '');
	assert.equal(past.back(), FIRST);
	assert.equal(past.hasBack, false);
	assert.equal(past.forth(), second);
	assert.equal(past.hasForth, false);
});

test('one gesture is one step, two of a kind with a key between them are two', () => {
	const past = new Past();
	past.record(FIRST, '');
	for (const zoom of [2, 3, 4]) past.record(FIRST.zoomed(zoom), 'wheel');
	const turned = FIRST.turned();
	past.record(turned, '');
	past.record(FIRST.zoomed(5), 'wheel');
	assert.equal(past.back(), turned);
	assert.equal(past.back()?.zoom, 4);
	assert.equal(past.back(), FIRST);
});

test('what the page suggests later takes the place of its first suggestion', () => {
	const past = new Past();
	past.record(FIRST, OPENING);
	past.record(FIRST.zoomed(2), OPENING);
	assert.equal(past.hasBack, false);
});

test('a new step forgets what was undone', () => {
	const past = new Past();
	past.record(FIRST, '');
	past.record(FIRST.zoomed(2), '');
	past.back();
	past.record(FIRST.turned(), '');
	assert.equal(past.hasForth, false);
	assert.equal(past.back(), FIRST);
});
