import test from 'node:test';
import assert from 'node:assert/strict';
import { Frame, type Point, type Size } from './frame';

const TALL: Size = { width: 3000, height: 4500 };
const WIDE: Size = { width: 4000, height: 3000 };

/** Where the picture's pixel p is seen, in window sides from the window's upper left corner. */
function seen(frame: Frame, p: Point): Point {
	const [a, b, c, d, e, f] = frame.matrix(1);
	return { x: a * p.x + c * p.y + e, y: b * p.x + d * p.y + f };
}

function near(actual: Point, expected: Point, what: string): void {
	const off = Math.hypot(actual.x - expected.x, actual.y - expected.y);
	assert(off < 1e-9, `${what}: (${actual.x}, ${actual.y}), want (${expected.x}, ${expected.y})`);
}

/** A frame somewhere in the picture, turned that often. */
function somewhere(picture: Size, turns: number): Frame {
	let frame = Frame.suggest(picture).zoomed(2.5).moved({ x: 0.2, y: -0.1 });
	for (let i = 0; i < turns; i++) frame = frame.turned();
	return frame;
}

test('the first suggestion is the upper-middle square', () => {
	assert.deepEqual(Frame.suggest(TALL).square, { x: 0, y: 500, side: 3000 });
	assert.deepEqual(Frame.suggest(WIDE).square, { x: 500, y: 0, side: 3000 });
});

test('the corners of the square are the corners of the window, however it is turned', () => {
	const corners: Point[] = [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 1, y: 1 }, { x: 0, y: 1 }];
	for (let turns = 0; turns < 4; turns++) {
		const frame = somewhere(WIDE, turns);
		const { x, y, side } = frame.square;
		corners.forEach((corner, i) => {
			const shown = seen(frame, { x: x + corner.x * side, y: y + corner.y * side });
			near(shown, corners[(i + turns) % 4]!, `corner ${i} after ${turns} turns`);
		});
	}
});

test('a picture moves the way the hand moves, however it is turned', () => {
	for (let turns = 0; turns < 4; turns++) {
		const frame = somewhere(TALL, turns);
		const before = seen(frame, frame.centre);
		const after = seen(frame.moved({ x: 0.1, y: 0.05 }), frame.centre);
		near(after, { x: before.x + 0.1, y: before.y + 0.05 }, `${turns} turns`);
	}
});

test('zooming keeps what is under the pointer under the pointer', () => {
	for (let turns = 0; turns < 4; turns++) {
		const frame = somewhere(WIDE, turns);
		const anchor = { x: 0.3, y: -0.2 };
		const [a, b, c, d, e, f] = frame.matrix(1);
		const det = a * d - b * c;
		const at = { x: anchor.x + 0.5 - e, y: anchor.y + 0.5 - f };
		const pixel = { x: (d * at.x - c * at.y) / det, y: (a * at.y - b * at.x) / det };
		near(seen(frame.zoomed(4, anchor), pixel), { x: 0.8, y: 0.3 }, `${turns} turns`);
	}
});

test('the square never leaves the picture', () => {
	for (const picture of [TALL, WIDE, { width: 900, height: 900 }, { width: 10000, height: 60 }, { width: 1, height: 1 }]) {
		let frame = Frame.suggest(picture);
		for (let i = 0; i < 400; i++) {
			const way = { x: Math.sin(i * 7) * 2, y: Math.cos(i * 5) * 2 };
			frame = i % 3 === 0 ? frame.zoomed(2 ** (Math.sin(i) * 5), way) : frame.moved(way);
			if (i % 7 === 0) frame = frame.turned();
			const { x, y, side } = frame.square;
			const inside = x >= -1e-6 && y >= -1e-6 && x + side <= picture.width + 1e-6 && y + side <= picture.height + 1e-6;
			assert(inside, `${picture.width} × ${picture.height}: ${JSON.stringify(frame.square)}`);
		}
	}
});

test('zooming ends at the whole picture and at 48 pixels', () => {
	assert.equal(Frame.suggest(TALL).zoomed(0.1).zoom, 1);
	assert.equal(Frame.suggest(TALL).zoomed(1000).zoom, 10);
	assert.equal(Frame.suggest({ width: 96, height: 200 }).zoomed(1000).sidePx, 48);
	assert.equal(Frame.suggest({ width: 20, height: 20 }).zoomed(1000).zoom, 1);
});

test('the slider reaches both ends and its steps are even', () => {
	const frame = Frame.suggest(TALL);
	assert.equal(frame.zoomedToShare(0).zoom, 1);
	assert.equal(frame.zoomedToShare(1).zoom, 10);
	assert(Math.abs(frame.zoomedToShare(0.5).zoomShare - 0.5) < 1e-12);
	assert.equal(Frame.suggest({ width: 20, height: 20 }).zoomShare, 0);
});

test('four turns are none, and a turn keeps the square', () => {
	const frame = somewhere(TALL, 0);
	assert.deepEqual(frame.turned().square, frame.square);
	assert.deepEqual(frame.turned().turned().turned().turned(), frame);
});

test('start over forgets everything', () => {
	assert.deepEqual(somewhere(WIDE, 3).reset(), Frame.suggest(WIDE));
});

test('the place is said as it is seen', () => {
	const right = Frame.suggest(WIDE).zoomed(2).moved({ x: -9, y: 0 });
	assert.deepEqual(right.place, { across: 1, down: 0 });
	assert.deepEqual(right.turned().place, { across: 0, down: 1 });
	assert.deepEqual(right.turned().turned().place, { across: -1, down: 0 });
	assert.deepEqual(Frame.suggest(TALL).place, { across: 0, down: 0 });
});
