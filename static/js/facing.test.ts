import test from 'node:test';
import assert from 'node:assert/strict';
import { faceOf, type Face } from './faces';
import { FACE_SHARE, framedOn, mainFace, remarkOn, type FaceRemark } from './facing';
import { Frame, type Size, type Turns } from './frame';

const WIDE: Size = { width: 4000, height: 3000 };

function near(actual: number, expected: number, what: string): void {
	assert(Math.abs(actual - expected) < 1e-6, `${what}: ${actual}, want ${expected}`);
}

/** Where a face is in a frame, from the upper left corner of the photo as it is seen, and its side; all in sides of the photo. */
function seen(face: Face, frame: Frame): { x: number; y: number; side: number } {
	const [a, b, c, d, e, f] = frame.matrix(1);
	return { x: a * face.x + c * face.y + e, y: b * face.x + d * face.y + f, side: face.side / frame.sidePx };
}

function turned(frame: Frame, turns: number): Frame {
	return turns === 0 ? frame : turned(frame.turned(), turns - 1);
}

test('a face with room around it takes its share of the photo, a little below the middle, however the picture is turned', () => {
	for (let turns = 0; turns < 4; turns++) {
		const face = { x: 1500, y: 1400, side: 400 };
		const got = seen(face, framedOn(turned(Frame.suggest(WIDE), turns), face));
		near(got.side, FACE_SHARE, `side after ${turns} turns`);
		near(got.x, 0.5, `x after ${turns} turns`);
		near(got.y, 0.53, `y after ${turns} turns`);
	}
});

test('a frame on a face stays inside the picture', () => {
	const cases: [string, Face, { x: number; y: number; side: number }][] = [
		['a face in the upper left corner', { x: 100, y: 100, side: 450 }, { x: 0, y: 0, side: 1000 }],
		['a face in the lower right corner', { x: 3950, y: 2950, side: 450 }, { x: 3000, y: 1970, side: 1000 }],
		['a face as large as the picture', { x: 2000, y: 1500, side: 2900 }, { x: 500, y: 0, side: 3000 }],
		['a face of a few pixels', { x: 2000, y: 1500, side: 4 }, { x: 1850, y: 1341, side: 300 }],
	];
	for (const [name, face, want] of cases) {
		const { x, y, side } = framedOn(Frame.suggest(WIDE), face).square;
		near(side, want.side, `${name}: side`);
		near(x, want.x, `${name}: x`);
		near(y, want.y, `${name}: y`);
	}
});

test('the photo is about the largest face, and of those alike about the one in the middle', () => {
	const large: Face = { x: 3500, y: 800, side: 900 };
	const small: Face = { x: 2000, y: 1500, side: 300 };
	const left: Face = { x: 700, y: 1500, side: 500 };
	const middle: Face = { x: 2100, y: 1400, side: 480 };
	const frame = Frame.suggest(WIDE);
	assert.equal(mainFace([small, large], frame), large);
	assert.equal(mainFace([left, middle], frame), middle);
	assert.equal(mainFace([], frame), undefined);
});

test('what is said about the faces in the frame', () => {
	const frame = Frame.suggest(WIDE); // 500 to 3500 across
	const face = (x: number, y: number, side = 1000): Face => ({ x, y, side });
	const cases: [string, Face[], FaceRemark][] = [
		['no face in the picture', [], 'none'],
		['a face in the middle', [face(2000, 1500)], 'fine'],
		['a face to the left of the frame', [face(300, 1500)], 'outside'],
		['a face at the edge', [face(3000, 1500)], 'edge'],
		['a face in the corner of a round photo', [face(2900, 2400, 600)], 'edge'],
		['a face that fills the photo', [face(2000, 1500, 2900)], 'edge'],
		['two people', [face(1500, 1500, 800), face(2600, 1500, 700)], 'several'],
		['a person and a passer-by', [face(2000, 1500), face(3200, 800, 200)], 'fine'],
		['two people, one of them outside', [face(2000, 1500, 800), face(3800, 1500, 800)], 'fine'],
	];
	for (const [name, faces, want] of cases) assert.equal(remarkOn(faces, frame), want, name);
});

test('a box in a turned picture is the same face in the picture', () => {
	// The face is a quarter from the left and a fifth from the top of 4000 × 3000.
	const boxes: [Turns, number, number][] = [[0, 0.25, 0.2], [1, 0.8, 0.25], [2, 0.75, 0.8], [3, 0.2, 0.75]];
	for (const [turns, x, y] of boxes) {
		const [width, height] = turns % 2 === 0 ? [0.1, 0.2] : [0.2, 0.1];
		const face = faceOf({ x: x - width / 2, y: y - height / 2, width, height }, WIDE, turns);
		near(face.x, 1000, `x after ${turns} turns`);
		near(face.y, 600, `y after ${turns} turns`);
		near(face.side, Math.sqrt(400 * 600), `side after ${turns} turns`);
	}
});
