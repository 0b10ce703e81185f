import { exifInHEIF } from './heif';
import { jpegParts, text, viewOf, type Format, type Part } from './sniff';

/** What a picture says about where and with what it was taken. */
export interface Traces {
	/** It says where it was taken. */
	readonly location: boolean;
	/** It names the camera or phone. */
	readonly camera: boolean;
}

const NONE: Traces = { location: false, camera: false };

/** Tags of TIFF and EXIF. Source: https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E */
const TAG = { make: 0x010f, model: 0x0110, gps: 0x8825, gpsLatitude: 0x0002 };

/** How much of an XMP packet is looked at, in bytes; phones write a few kB. */
const MAX_XMP_BYTES = 1 << 17;

/** How many chunks of a file are looked at; honest files have a few hundred at most. */
const MAX_CHUNKS = 10_000;

/**
 * Finds out what a picture would give away. It is for saying so only: what is
 * saved is drawn anew and carries none of it. It never fails; what it can't
 * read counts as nothing.
 */
export function readTraces(bytes: Uint8Array, format: Format): Traces {
	try {
		return [...tracesIn(bytes, format)].reduce(both, NONE);
	} catch (error) {
		if (error instanceof RangeError) return NONE; // cut short, or an offset that leads out of the file
		throw error;
	}
}

function both(a: Traces, b: Traces): Traces {
	return { location: a.location || b.location, camera: a.camera || b.camera };
}

function* tracesIn(bytes: Uint8Array, format: Format): Generator<Traces> {
	for (const part of partsOf(bytes, format)) {
		if (part.name === 'exif') yield readTIFF(bytes.subarray(part.at, part.at + part.length));
		if (part.name === 'xmp') yield readXMP(bytes.subarray(part.at, part.at + Math.min(part.length, MAX_XMP_BYTES)));
	}
}

/** The parts of a file that may hold EXIF or XMP, by these names. */
function partsOf(bytes: Uint8Array, format: Format): Part[] {
	switch (format) {
		case 'jpeg': return [...jpegParts(viewOf(bytes))].flatMap(part => fromJPEG(bytes, part));
		case 'png': return [...chunks(bytes, 8, false)].flatMap(fromPNG);
		case 'webp': return [...chunks(bytes, 12, true)].flatMap(fromWebP);
		case 'heic': case 'avif': return exifInHEIF(viewOf(bytes));
		default: return [];
	}
}

function fromJPEG(bytes: Uint8Array, part: Part): Part[] {
	const APP1 = '225';
	if (part.name !== APP1) return [];
	for (const [header, name] of [['Exif\0\0', 'exif'], ['http://ns.adobe.com/xap/1.0/\0', 'xmp']] as const) {
		if (text(bytes, part.at, header.length) !== header) continue;
		return [{ name, at: part.at + header.length, length: part.length - header.length }];
	}
	return [];
}

function fromPNG(part: Part): Part[] {
	if (part.name === 'eXIf') return [{ ...part, name: 'exif' }];
	return part.name === 'iTXt' ? [{ ...part, name: 'xmp' }] : [];
}

function fromWebP(part: Part): Part[] {
	if (part.name === 'EXIF') return [{ ...part, name: 'exif' }];
	return part.name === 'XMP ' ? [{ ...part, name: 'xmp' }] : [];
}

/** The chunks of a PNG (length, name, content, checksum) or a RIFF file (name, length, content). */
function* chunks(bytes: Uint8Array, start: number, riff: boolean): Generator<Part> {
	const view = viewOf(bytes);
	for (let at = start, n = 0; at + 8 <= bytes.length && n < MAX_CHUNKS; n++) {
		const length = view.getUint32(riff ? at + 4 : at, riff);
		yield { name: text(bytes, riff ? at : at + 4, 4), at: at + 8, length };
		at += riff ? 8 + length + (length % 2) : 12 + length;
	}
}

function readTIFF(bytes: Uint8Array): Traces {
	// Some programs put the header of a JPEG's segment into WebP files too.
	const start = text(bytes, 0, 6) === 'Exif\0\0' ? 6 : 0;
	const view = viewOf(bytes.subarray(start));
	const order = text(bytes, start, 2);
	if (order !== 'II' && order !== 'MM') return NONE;
	const little = order === 'II';
	const root = directory(view, view.getUint32(4, little), little);
	const gpsAt = root.get(TAG.gps);
	const gps = gpsAt === undefined ? undefined : directory(view, gpsAt, little);
	return { location: gps?.has(TAG.gpsLatitude) ?? false, camera: root.has(TAG.make) || root.has(TAG.model) };
}

/** The tags of one directory of a TIFF, each with its value or the offset of it. */
function directory(view: DataView, at: number, little: boolean): Map<number, number> {
	const tags = new Map<number, number>();
	const count = view.getUint16(at, little);
	for (let entry = at + 2; entry < at + 2 + count * 12; entry += 12) {
		if (entry + 12 > view.byteLength) break;
		tags.set(view.getUint16(entry, little), view.getUint32(entry + 8, little));
	}
	return tags;
}

function readXMP(bytes: Uint8Array): Traces {
	const packet = new TextDecoder().decode(bytes);
	return {
		location: packet.includes('exif:GPSLatitude'),
		camera: packet.includes('tiff:Make') || packet.includes('tiff:Model'),
	};
}
