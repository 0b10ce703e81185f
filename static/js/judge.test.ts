import test from 'node:test';
import assert from 'node:assert/strict';
import { hintsOf, measure, type Hint } from './judge';
import type { Pixels } from './scale';

/** A square whose pixel at x, y has the colour rgb(x, y). */
function square(side: number, rgb: (x: number, y: number) => [number, number, number]): Pixels {
	const data = new Uint8ClampedArray(side * side * 4);
	for (let i = 0; i < side * side; i++) data.set([...rgb(i % side, Math.floor(i / side)), 255], i * 4);
	return { side, data };
}

function near(actual: number, expected: number, within: number, what: string): void {
	assert(Math.abs(actual - expected) <= within, `${what}: ${actual}, want ${expected}`);
}

test('luma is the mean of the colours as a JPEG weighs them', () => {
	near(measure(square(300, () => [200, 100, 50])).luma, 0.299 * 200 + 0.587 * 100 + 0.114 * 50, 0.5, 'one colour');
	near(measure(square(256, x => (x < 128 ? [0, 0, 0] : [255, 255, 255]))).luma, 127.5, 0.01, 'half black, half white');
});

test('sharpness is the variance of the Laplacian', () => {
	near(measure(square(256, () => [90, 90, 90])).sharpness, 0, 1e-3, 'no edge');
	near(measure(square(256, x => [x, x, x])).sharpness, 0, 1e-3, 'an even slope');
	// On a chessboard each pixel differs by 10 from its four neighbours: ±40.
	near(measure(square(256, (x, y) => ((x + y) % 2 ? [100, 100, 100] : [110, 110, 110]))).sharpness, 1600, 0.5, 'a chessboard');
	near(measure(square(2, x => [x, x, x])).sharpness, 0, 0, 'too small to have neighbours');
});

test('the same photo in another size is judged alike', () => {
	const stripes = (period: number) => (x: number): [number, number, number] => (Math.floor(x / period) % 2 ? [200, 200, 200] : [60, 60, 60]);
	const [small, large] = [measure(square(256, stripes(8))), measure(square(768, stripes(24)))];
	near(large.luma, small.luma, 0.5, 'luma');
	near(large.sharpness, small.sharpness, 1, 'sharpness');
});

test('hints', () => {
	const cases: [string, number, number, number, Hint[]][] = [
		['an ordinary photo', 648, 120, 400, []],
		['a photo at night', 648, 30, 400, ['dark']],
		['a photo against the sun', 648, 230, 400, ['light']],
		['an unsharp photo', 648, 120, 13, ['blurred']],
		['a black picture', 648, 0, 0, ['dark', 'blurred']],
		['a stamp, which nobody can call unsharp', 239, 120, 13, ['small']],
		['just large enough', 240, 60, 40, []],
	];
	for (const [name, sidePx, luma, sharpness, want] of cases) assert.deepEqual(hintsOf({ luma, sharpness }, sidePx), want, name);
});
