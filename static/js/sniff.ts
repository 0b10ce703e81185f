import type { Size } from './frame';
import { sizeInHEIF } from './heif';

/** The kinds of file that people take for pictures. */
export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp' | 'avif' | 'heic' | 'svg' | 'tiff' | 'unknown';

/** A stretch of a file: where its content begins and how many bytes it has. */
export interface Part {
	readonly name: string;
	readonly at: number;
	readonly length: number;
}

/** Tells what a file is by its first bytes. Its name and its declared type may lie. */
export function sniff(bytes: Uint8Array): Format {
	const head = text(bytes, 0, 16);
	if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
	if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
	if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
	if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
	if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'tiff';
	if (head.slice(4, 8) === 'ftyp') return sniffBrands(bytes);
	if (head.startsWith('BM') && head.slice(6, 10) === '\0\0\0\0') return 'bmp';
	return /^(\xef\xbb\xbf)?\s*<[^]*<svg[\s>]|^(\xef\xbb\xbf)?\s*<svg[\s>]/.test(text(bytes, 0, 4096)) ? 'svg' : 'unknown';
}

/** HEIC and AVIF share a container; its list of brands tells them apart. */
function sniffBrands(bytes: Uint8Array): Format {
	const brands = text(bytes, 8, Math.min(viewOf(bytes).getUint32(0), 256) - 8);
	if (/avi[fs]/.test(brands)) return 'avif';
	return /hei[cxms]|hev[cxms]|mif1|msf1/.test(brands) ? 'heic' : 'unknown';
}

/**
 * Reads the size of a picture from its header, before anything is decoded and
 * before its orientation is applied. It is undefined where the header doesn't
 * say it plainly; then the browser finds out.
 */
export function sizeInHeader(bytes: Uint8Array, format: Format): Size | undefined {
	try {
		const view = viewOf(bytes);
		switch (format) {
			case 'jpeg': return sizeOfJPEG(view);
			case 'png': return { width: view.getUint32(16), height: view.getUint32(20) };
			case 'gif': return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
			case 'bmp': return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)) };
			case 'webp': return sizeOfWebP(view, text(bytes, 12, 4));
			case 'heic': case 'avif': return sizeInHEIF(view);
			default: return undefined;
		}
	} catch (error) {
		if (error instanceof RangeError) return undefined; // the header ends too early
		throw error;
	}
}

function sizeOfJPEG(view: DataView): Size | undefined {
	for (const { name, at } of jpegParts(view)) {
		const marker = Number(name);
		const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
		if (isFrame) return { width: view.getUint16(at + 3), height: view.getUint16(at + 1) };
	}
	return undefined;
}

function sizeOfWebP(view: DataView, chunk: string): Size | undefined {
	switch (chunk) {
		case 'VP8 ': return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
		case 'VP8L': {
			const bits = view.getUint32(21, true);
			return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
		}
		case 'VP8X': {
			const width = view.getUint32(24, true) & 0xffffff;
			return { width: width + 1, height: (view.getUint32(26, true) >>> 8) + 1 };
		}
		default: return undefined;
	}
}

/** Tells whether a picture has several frames, as far as its first bytes say. */
export function isMoving(bytes: Uint8Array, format: Format): boolean {
	const head = text(bytes, 0, 4096);
	switch (format) {
		case 'gif': return head.includes('NETSCAPE2.0');
		case 'png': return head.includes('acTL');
		case 'webp': return head.slice(12, 64).includes('ANIM');
		default: return false;
	}
}

/** The segments of a JPEG up to its first scan, named by their marker, "225" for APP1. */
export function* jpegParts(view: DataView): Generator<Part> {
	const SOS = 0xda;
	for (let at = 2; at + 4 <= view.byteLength; ) {
		if (view.getUint8(at) !== 0xff) return;
		const marker = view.getUint8(at + 1);
		if (marker === 0xff) { // padding
			at++;
			continue;
		}
		if (marker === SOS) return;
		const length = view.getUint16(at + 2);
		if (length < 2) return;
		yield { name: String(marker), at: at + 4, length: length - 2 };
		at += 2 + length;
	}
}

/**
 * Tells whether a JPEG has its end: the mark FF D9 after the beginning of its
 * first scan. Browsers show what there is of one that was cut off, with the rest
 * in grey; what comes after the end (a film, another picture) doesn't matter.
 */
export function isWholeJPEG(bytes: Uint8Array): boolean {
	let scan = 2;
	for (const { at, length } of jpegParts(viewOf(bytes))) scan = at + length;
	for (let at = bytes.lastIndexOf(0xd9); at > scan; at = bytes.lastIndexOf(0xd9, at - 1)) {
		if (bytes[at - 1] === 0xff) return true;
	}
	return false;
}

/** A view of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
	return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A few bytes as text, one character each, as far as there are any. */
export function text(bytes: Uint8Array, at: number, length: number): string {
	return String.fromCharCode(...bytes.subarray(at, at + Math.max(0, length)));
}
