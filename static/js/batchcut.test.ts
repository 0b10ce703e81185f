import assert from 'node:assert/strict';
import test from 'node:test';
import { partOf } from './batchcut';

const phone = { width: 3000, height: 4000 };

test('a picture without a face goes up whole, in small', () => {
	assert.deepEqual(partOf(phone, undefined), { x: 0, y: 0, ...phone, toWidth: 810, toHeight: 1080, crop: '' });
});

test('a small picture stays as large as it is', () => {
	const { toWidth, toHeight } = partOf({ width: 300, height: 200 }, undefined);
	assert.deepEqual([toWidth, toHeight], [300, 200]);
});

test('the square has half of its side around it', () => {
	const part = partOf(phone, { x: 1000, y: 1000, side: 1000 });
	assert.deepEqual([part.x, part.y, part.width, part.height], [750, 750, 1500, 1500]);
	assert.deepEqual([part.toWidth, part.toHeight, part.crop], [1080, 1080, '180 180 720 0']);
});

test('a square at the edge has what there is', () => {
	const part = partOf(phone, { x: 0, y: 3000, side: 1000 });
	assert.deepEqual([part.x, part.y, part.width, part.height], [0, 2750, 1250, 1250]);
	assert.equal(part.crop, '0 216 864 0');
});

test('the square lies inside of what goes up, whatever is rounded', () => {
	for (let side = 48; side < 3000; side += 37) {
		const { toWidth, toHeight, crop } = partOf(phone, { x: 3000 - side - 0.4, y: 4000 - side - 0.3, side: side + 0.3 });
		const [x, y, cropped] = crop.split(' ').map(Number) as [number, number, number];
		assert.equal(x >= 0 && y >= 0 && x + cropped <= toWidth && y + cropped <= toHeight, true, `${crop} in ${toWidth} × ${toHeight}`);
	}
});
