import type { Size } from './frame';
import type { Part } from './sniff';

// HEIC and AVIF share a container of boxes in boxes.
// Source: ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (pictures in them)

/** How many items of a file are looked at; honest files have a few hundred tiles at most. */
const MAX_ITEMS = 10_000;

/**
 * The size that the container declares, before it is turned; the largest one
 * where it is made of tiles. Undefined if there is none. It throws a RangeError
 * where the file ends too early.
 */
export function sizeInHEIF(view: DataView): Size | undefined {
	let largest: Size | undefined;
	const properties = find(view, find(view, find(view, whole(view), 'meta', 4), 'iprp'), 'ipco');
	for (const { name, at } of boxes(view, properties)) {
		if (name !== 'ispe') continue;
		const size = { width: view.getUint32(at + 4), height: view.getUint32(at + 8) };
		if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
	}
	return largest;
}

/** Where the EXIF data of the container is, as a TIFF; none if it has none. It throws a RangeError where the file ends too early. */
export function exifInHEIF(view: DataView): Part[] {
	const meta = find(view, whole(view), 'meta', 4);
	const id = exifItem(view, find(view, meta, 'iinf'));
	const item = id === undefined ? undefined : placeOf(view, find(view, meta, 'iloc'), id);
	if (!item) return [];
	const skipped = 4 + view.getUint32(item.at); // to where the TIFF begins
	return [{ name: 'exif', at: item.at + skipped, length: Math.max(0, item.length - skipped) }];
}

function whole(view: DataView): Part {
	return { name: '', at: 0, length: view.byteLength };
}

/** The first box of this name in another, without the given number of bytes at its beginning; an empty one if there is none. */
function find(view: DataView, within: Part, name: string, skipped = 0): Part {
	for (const box of boxes(view, within)) {
		if (box.name === name) return { name, at: box.at + skipped, length: box.length - skipped };
	}
	return { name, at: 0, length: 0 };
}

function* boxes(view: DataView, { at: start, length }: Part): Generator<Part> {
	const end = Math.min(start + length, view.byteLength);
	for (let at = start, n = 0; at + 8 <= end && n < MAX_ITEMS; n++) {
		let [size, header] = [view.getUint32(at), 8];
		if (size === 1) [size, header] = [Number(view.getBigUint64(at + 8)), 16];
		if (size === 0) size = end - at; // the last one
		if (size < header) return;
		yield { name: nameAt(view, at + 4), at: at + header, length: Math.min(size, end - at) - header };
		at += size;
	}
}

function nameAt(view: DataView, at: number): string {
	return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

/** The number of the item that is EXIF data. */
function exifItem(view: DataView, { at, length }: Part): number | undefined {
	if (length === 0) return undefined;
	const header = view.getUint8(at) === 0 ? 6 : 8; // version and flags, how many there are
	for (const entry of boxes(view, { name: 'iinf', at: at + header, length: length - header })) {
		const wide = view.getUint8(entry.at) >= 3;
		if (nameAt(view, entry.at + (wide ? 10 : 8)) === 'Exif') return wide ? view.getUint32(entry.at + 4) : view.getUint16(entry.at + 4);
	}
	return undefined;
}

/** Where the item with the number id lies in the file: the first stretch of it. */
function placeOf(view: DataView, { at: start, length }: Part, id: number): Part | undefined {
	if (length === 0) return undefined;
	let at = start;
	const take = (bytes: number): number => {
		const value = bytes === 0 ? 0 : bytes === 2 ? view.getUint16(at) : bytes === 4 ? view.getUint32(at) : Number(view.getBigUint64(at));
		at += bytes;
		return value;
	};
	const version = view.getUint8(at);
	at += 4;
	const sizes = take(2); // a digit each: of offsets, lengths, bases and indices, in bytes
	const [offsetBytes, lengthBytes, baseBytes, indexBytes] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15, version === 0 ? 0 : sizes & 15];
	const count = take(version < 2 ? 2 : 4);
	for (let n = 0; n < Math.min(count, MAX_ITEMS); n++) {
		const item = take(version < 2 ? 2 : 4);
		const elsewhere = version === 0 ? 0 : take(2) & 15; // not counted from the beginning of the file
		take(2);
		const base = take(baseBytes);
		const extents = take(2);
		const first = at;
		take(indexBytes);
		const place = { name: 'exif', at: base + take(offsetBytes), length: take(lengthBytes) };
		if (item === id && extents > 0 && elsewhere === 0) return place;
		at = first + extents * (at - first);
	}
	return undefined;
}
