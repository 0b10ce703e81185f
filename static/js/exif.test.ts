import test from 'node:test';
import assert from 'node:assert/strict';
import { readTraces } from './exif';
import { isWholeJPEG, sizeInHeader, sniff } from './sniff';

const encode = (text: string): number[] => Array.from(text, c => c.charCodeAt(0));
const be16 = (n: number): number[] => [n >> 8, n & 255];
const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)];
const le32 = (n: number): number[] => be32(n).reverse();

/** An EXIF block, big-endian, with a camera's name or a latitude or neither. */
function exif(camera: boolean, latitude: boolean): number[] {
	const entry = (tag: number, value: number): number[] => [...be16(tag), ...be16(4), ...be32(1), ...be32(value)];
	const root = [...(camera ? [entry(0x010f, 0)] : []), entry(0x8825, 100)];
	const head = [...encode('MM'), 0, 42, ...be32(8), ...be16(root.length), ...root.flat(), ...be32(0)];
	const gps = latitude ? [...be16(1), ...entry(2, 0)] : [...be16(0)];
	return [...head, ...Array<number>(100 - head.length).fill(0), ...gps, ...be32(0)];
}

const segment = (marker: number, body: number[]): number[] => [0xff, marker, ...be16(body.length + 2), ...body];
const frame = segment(0xc0, [8, ...be16(3024), ...be16(4032), 3, ...Array<number>(9).fill(0)]);
const jpeg = (...parts: number[][]): Uint8Array => Uint8Array.from([0xff, 0xd8, ...parts.flat(), ...frame, 0xff, 0xda, 0, 2]);
const exifSegment = (block: number[]): number[] => segment(0xe1, [...encode('Exif\0\0'), ...block]);
const xmpSegment = (packet: string): number[] => segment(0xe1, encode('http://ns.adobe.com/xap/1.0/\0' + packet));

const pngChunk = (name: string, body: number[]): number[] => [...be32(body.length), ...encode(name), ...body, 0, 0, 0, 0];
const png = (...parts: number[][]): Uint8Array =>
	Uint8Array.from([...encode('\x89PNG\r\n\x1a\n'), ...pngChunk('IHDR', [...be32(640), ...be32(480), 8, 2, 0, 0, 0]), ...parts.flat()]);

const riffChunk = (name: string, body: number[]): number[] => [...encode(name), ...le32(body.length), ...body, ...(body.length % 2 ? [0] : [])];
const webp = (...parts: number[][]): Uint8Array =>
	Uint8Array.from([...encode('RIFF\0\0\0\0WEBP'), ...riffChunk('VP8X', [0, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0]), ...parts.flat()]);

test('location and camera are found wherever a format keeps them', () => {
	const cases: [string, Uint8Array, boolean, boolean][] = [
		['a phone JPEG', jpeg(exifSegment(exif(true, true))), true, true],
		['a camera without GPS', jpeg(exifSegment(exif(true, false))), false, true],
		['EXIF that says nothing', jpeg(exifSegment(exif(false, false))), false, false],
		['a JPEG with XMP', jpeg(xmpSegment('<x exif:GPSLatitude="48,8N" tiff:Model="X"/>')), true, true],
		['a bare JPEG', jpeg(), false, false],
		['a PNG with EXIF after its pixels', png(pngChunk('IDAT', [1, 2, 3]), pngChunk('eXIf', exif(false, true))), true, false],
		['a PNG with XMP', png(pngChunk('iTXt', encode('XML:com.adobe.xmp\0\0\0\0\0 tiff:Make="X"'))), false, true],
		['a WebP with EXIF at its end', webp(riffChunk('VP8 ', [1, 2, 3]), riffChunk('EXIF', exif(true, true))), true, true],
		['a WebP with EXIF as in a JPEG', webp(riffChunk('EXIF', [...encode('Exif\0\0'), ...exif(true, false)])), false, true],
	];
	for (const [what, bytes, location, camera] of cases) {
		assert.deepEqual(readTraces(bytes, sniff(bytes)), { location, camera }, what);
	}
});

test('a file is told by its bytes', () => {
	const cases: [string, string | Uint8Array, string][] = [
		['JPEG', jpeg(), 'jpeg'],
		['PNG', png(), 'png'],
		['WebP', webp(), 'webp'],
		['GIF', 'GIF89a\x01\0\x01\0', 'gif'],
		['BMP', 'BM\x46\0\0\0\0\0\0\0', 'bmp'],
		['TIFF, little-endian', 'II*\0', 'tiff'],
		['HEIC from a phone', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'heic'],
		['AVIF', '\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf', 'avif'],
		['video', '\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'unknown'],
		['SVG', '<svg xmlns="x">', 'svg'],
		['SVG after a prologue', '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<svg>', 'svg'],
		['text', 'hello', 'unknown'],
		['an ftyp box cut short', '\0\0\0\x01ftyp', 'unknown'],
		['nothing', '', 'unknown'],
	];
	for (const [what, content, format] of cases) {
		const bytes = typeof content === 'string' ? Uint8Array.from(encode(content)) : content;
		assert.equal(sniff(bytes), format, what);
	}
});

test('the size is read before anything is decoded', () => {
	const size = (bytes: Uint8Array): unknown => sizeInHeader(bytes, sniff(bytes));
	assert.deepEqual(size(jpeg(exifSegment(exif(true, true)))), { width: 4032, height: 3024 });
	assert.deepEqual(size(png()), { width: 640, height: 480 });
	assert.deepEqual(size(webp()), { width: 640, height: 480 });
	assert.deepEqual(size(Uint8Array.from([...encode('GIF89a'), 3, 0, 2, 0])), { width: 3, height: 2 });
	assert.equal(size(Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, 0, 99])), undefined);
});

test('garbage and files cut anywhere never fail', () => {
	let seed = 1;
	const random = (): number => (seed = (seed * 48271) % 2147483647) & 255;
	for (const whole of [jpeg(exifSegment(exif(true, true))), png(pngChunk('eXIf', exif(true, true))), webp(riffChunk('EXIF', exif(true, true)))]) {
		for (let end = 0; end < whole.length; end++) {
			const broken = whole.slice(0, end).map((byte, i) => (i > 16 && random() < 8 ? random() : byte));
			const format = sniff(broken);
			readTraces(broken, format);
			sizeInHeader(broken, format);
		}
	}
});

test('a JPEG is whole if its end comes after its first scan', () => {
	const thumbnail = segment(0xe1, [0xff, 0xd8, 0xff, 0xd9]); // has an end of its own
	const cases: [string, number[], boolean][] = [
		['cut off in its scan', [1, 2, 3], false],
		['cut off on a lone mark', [1, 2, 0xff], false],
		['ended', [1, 2, 0xff, 0xd9], true],
		['ended, with a film behind it', [1, 0xff, 0xd9, ...Array<number>(500).fill(0xd9)], true],
	];
	for (const [name, scan, whole] of cases) {
		assert.equal(isWholeJPEG(Uint8Array.from([...jpeg(thumbnail), ...scan])), whole, name);
	}
});
