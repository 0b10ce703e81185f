import test from 'node:test';
import assert from 'node:assert/strict';
import { scaledDown, type Pixels } from './scale';

/** A square whose pixel at x, y is grey(x, y). */
function square(side: number, grey: (x: number, y: number) => number): Pixels {
	const data = new Uint8ClampedArray(side * side * 4);
	for (let i = 0; i < side * side; i++) data.fill(grey(i % side, Math.floor(i / side)), i * 4, i * 4 + 4);
	return { side, data };
}

const greys = ({ data }: Pixels): number[] => [...data].filter((_, i) => i % 4 === 0);

test('every pixel is the mean of its area', () => {
	assert.deepEqual(greys(scaledDown(square(4, (x, y) => x * 10 + y * 40), 2)), [25, 45, 105, 125]);
	assert.deepEqual(greys(scaledDown(square(3, x => [0, 90, 240][x]!), 2)), [30, 190, 30, 190]);
});

test('the mean of the whole stays, at any ratio', () => {
	const mean = (pixels: Pixels): number => greys(pixels).reduce((a, b) => a + b, 0) / pixels.side ** 2;
	const noise = square(97, (x, y) => (x * 7919 + y * 104729) % 256);
	for (const side of [96, 64, 49, 48, 32, 16, 7, 1]) {
		const small = scaledDown(noise, side);
		assert.equal(small.side, side);
		assert(Math.abs(mean(small) - mean(noise)) < 0.5, `${side}: ${mean(small)}, want ${mean(noise)}`);
	}
});

test('nothing is enlarged', () => {
	const small = square(20, x => x);
	assert.deepEqual(greys(scaledDown(small, 48)), greys(small));
});
