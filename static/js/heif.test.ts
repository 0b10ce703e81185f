import test from 'node:test';
import assert from 'node:assert/strict';
import { readTraces } from './exif';
import { sizeInHeader, sniff } from './sniff';

const encode = (text: string): number[] => Array.from(text, c => c.charCodeAt(0));
const be16 = (n: number): number[] => [n >> 8, n & 255];
const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)];
const box = (name: string, ...body: number[][]): number[] => [...be32(8 + body.flat().length), ...encode(name), ...body.flat()];
const full = (name: string, version: number, ...body: number[][]): number[] => box(name, [version, 0, 0, 0], ...body);

/** A TIFF with a camera's name. */
const TIFF = [...encode('MM'), 0, 42, ...be32(8), ...be16(1), ...be16(0x010f), ...be16(2), ...be32(1), ...be32(0), ...be32(0)];

interface Recipe {
	readonly brand: string;
	readonly tiles: readonly (readonly [number, number])[];
	/** What comes before the TIFF in the item, besides its length. */
	readonly before: readonly number[];
	readonly version: 0 | 1 | 2; // of iloc; the numbers of its items are longer in 2
}

/** A file with an EXIF item whose content lies after everything else. */
function heif({ brand, tiles, before, version }: Recipe): Uint8Array {
	const wide = version === 2;
	const number = (n: number): number[] => (wide ? be32(n) : be16(n));
	const head = box('ftyp', encode(brand), be32(0), encode('mif1' + brand));
	const item = [...be32(before.length), ...before, ...TIFF];
	const meta = (offset: number): number[] => full('meta', 0,
		full('hdlr', 0, be32(0), encode('pict'), be32(0), be32(0), be32(0), [0]),
		full('iinf', 0, be16(2),
			full('infe', wide ? 3 : 2, number(1), be16(0), encode('hvc1'), [0]),
			full('infe', wide ? 3 : 2, number(2), be16(0), encode('Exif'), [0])),
		full('iloc', version, be16(0x4400), number(2),
			...[[1, 0, 4], [2, offset, item.length]].map(([id, at, length]) =>
				[...number(id!), ...(version === 0 ? [] : be16(0)), ...be16(0), ...be16(1), ...be32(at!), ...be32(length!)])),
		box('iprp', box('ipco', ...tiles.map(([width, height]) => full('ispe', 0, be32(width), be32(height))))));
	const at = head.length + meta(0).length + 8;
	return Uint8Array.from([...head, ...meta(at), ...box('mdat', item)]);
}

const PHONE: Recipe = { brand: 'heic', tiles: [[512, 512], [4032, 3024]], before: encode('Exif\0\0'), version: 1 };

test('the size of a HEIC or AVIF is read before anything is decoded', () => {
	assert.equal(sniff(heif(PHONE)), 'heic');
	assert.deepEqual(sizeInHeader(heif(PHONE), 'heic'), { width: 4032, height: 3024 });
	assert.deepEqual(sizeInHeader(heif({ ...PHONE, brand: 'avif', tiles: [[65_535, 65_535]] }), 'avif'), { width: 65_535, height: 65_535 });
	assert.equal(sizeInHeader(heif({ ...PHONE, tiles: [] }), 'heic'), undefined);
});

test('what a HEIC tells is found, whatever the form of its tables', () => {
	for (const version of [0, 1, 2] as const) {
		for (const before of [[], encode('Exif\0\0')]) {
			const file = heif({ ...PHONE, version, before });
			assert.deepEqual(readTraces(file, 'heic'), { location: false, camera: true }, `version ${version}, ${before.length} bytes before`);
		}
	}
});

test('a HEIC cut or changed anywhere never fails', () => {
	const whole = heif(PHONE);
	for (let end = 0; end < whole.length; end++) {
		sizeInHeader(whole.subarray(0, end), 'heic');
		readTraces(whole.subarray(0, end), 'heic');
		for (const value of [0, 1, 0xff]) {
			const changed = whole.slice();
			changed[end] = value;
			sizeInHeader(changed, 'heic');
			readTraces(changed, 'heic');
		}
	}
});
