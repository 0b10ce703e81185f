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

test('mirroring swaps right and left as seen, whatever else was done', () => {
	for (let turns = 0; turns < 4; turns++) {
		const frame = somewhere(WIDE, turns).straightened(12);
		const pixel = { x: frame.centre.x + 100, y: frame.centre.y - 50 };
		const before = frame.seen(pixel);
		near(frame.mirrored().seen(pixel), { x: -before.x, y: before.y }, `${turns} turns`);
		near(frame.mirrored().mirrored().seen(pixel), before, `${turns} turns, twice`);
	}
});

test('turning goes clockwise as seen, also in the mirror and straightened', () => {
	for (const frame of [somewhere(WIDE, 1), somewhere(WIDE, 1).mirrored(), somewhere(TALL, 2).mirrored().straightened(-20)]) {
		const pixel = { x: frame.centre.x + 60, y: frame.centre.y + 30 };
		const { x, y } = frame.seen(pixel);
		near(frame.turned().seen(pixel), { x: -y, y: x }, 'turned');
	}
});

test('straightening turns what is seen, and the window stays within the picture', () => {
	for (const degrees of [-60, -45, -7, 3, 45]) {
		for (const start of [Frame.suggest(WIDE), somewhere(TALL, 3), somewhere(WIDE, 2).mirrored()]) {
			const frame = start.straightened(degrees);
			assert.equal(frame.tilt, Math.max(-45, degrees));
			for (const corner of [{ x: -0.5, y: -0.5 }, { x: 0.5, y: -0.5 }, { x: 0.5, y: 0.5 }, { x: -0.5, y: 0.5 }]) {
				const [a, b, c, d, e, f] = frame.matrix(1);
				const at = { x: corner.x + 0.5 - e, y: corner.y + 0.5 - f };
				const det = a * d - b * c;
				const pixel = { x: (d * at.x - c * at.y) / det, y: (a * at.y - b * at.x) / det };
				const inside = pixel.x > -1e-6 && pixel.y > -1e-6 && pixel.x < start.picture.width + 1e-6 && pixel.y < start.picture.height + 1e-6;
				assert(inside, `${degrees}°: a corner shows (${pixel.x}, ${pixel.y})`);
			}
		}
	}
});

test('a twist is quarters and a rest', () => {
	const frame = somewhere(WIDE, 0);
	assert.deepEqual(frame.twisted(90), frame.turned());
	assert.deepEqual(frame.twisted(-90), frame.turned().turned().turned());
	assert.equal(frame.twisted(100).turns, 1);
	assert(Math.abs(frame.twisted(100).tilt - 10) < 1e-9);
	assert.equal(frame.straightened(30).twisted(30).turns, 1);
	assert(Math.abs(frame.straightened(30).twisted(30).tilt + 30) < 1e-9);
});

test('fitted whole, every corner of the picture is seen and nothing can push it out', () => {
	for (const start of [Frame.suggest(WIDE), Frame.suggest(TALL).turned(), Frame.suggest(WIDE).straightened(20)]) {
		let frame = start.fitted('#ffffff').moved({ x: 3, y: -3 });
		for (const [x, y] of [[0, 0], [start.picture.width, 0], [0, start.picture.height], [start.picture.width, start.picture.height]] as const) {
			const seen = frame.seen({ x, y });
			assert(Math.max(Math.abs(seen.x), Math.abs(seen.y)) < 0.5 + 1e-9, `corner (${x}, ${y}) is at (${seen.x}, ${seen.y})`);
		}
		assert.equal(frame.zoomShare, 0);
		frame = frame.fitted('#000000');
		assert.equal(frame.ground, '#000000');
		assert.equal(frame.fitted('').zoom, 1);
		assert.equal(frame.zoomed(3).fitted('#ff0000').zoom, 3);
	}
});
