import assert from 'node:assert/strict';
import test from 'node:test';
import { cropText, frameOf, plain } from './batchcrop';
import { Frame } from './frame';

const source = { width: 810, height: 1080 };
const copy = { width: 648, height: 864 };

test('a square stays the same through the editor', () => {
	for (const crop of ['180 200 400 0', '0 0 810 90', '410 680 400 270', '10 20 100 180']) {
		assert.equal(cropText(plain(frameOf(crop, copy, source)), source), crop);
	}
});

test('no square is the first suggestion, as the server crops', () => {
	assert.equal(cropText(frameOf('', copy, source), source), '0 90 810 0');
	assert.equal(cropText(frameOf('left', copy, source), source), '0 90 810 0');
});

test('a square lies inside of the source, whatever is rounded', () => {
	for (let step = 0; step < 40; step++) {
		const frame = Frame.suggest(copy).zoomed(1 + step / 7).moved({ x: -9, y: -9 });
		const [x = 0, y = 0, side = 0] = cropText(frame, source).split(' ').map(Number);
		assert.equal(x >= 0 && y >= 0 && x + side <= 810 && y + side <= 1080, true, cropText(frame, source));
	}
});
