import { readTraces, type Traces } from './exif';
import type { Colour, Size } from './frame';
import { blank, contextOf } from './parts';
import { say } from './say';
import { isMoving, isWholeJPEG, sizeInHeader, sniff, type Format } from './sniff';

/** The largest file that is opened, in bytes. Beyond it phones run out of memory. */
const MAX_FILE_BYTES = 100e6;

/** The most pixels that are decoded, as on the server: at 4 bytes each they take 200 MB. */
const MAX_PIXELS = 50e6;

/** The longest side of the copy that is drawn while a hand moves: enough for a large screen, quick on a phone. */
const WORKING_PX = 2048;

/** Converts a picture that the browser can't show into one that it can. It fails with an Error. */
export type Converter = (file: Blob) => Promise<Blob>;

/** A file that can't be framed; sentence says why and what would work. */
export class Unusable extends Error {
	constructor(readonly sentence: string) {
		super(sentence);
	}
}

/** Picture is a file that has been opened. It stays on this device. */
export class Picture {
	private readonly halves = new Map<HTMLCanvasElement, HTMLCanvasElement>();

	private constructor(
		/** Upright, every pixel. Draw parts of it; a canvas for all of it may be more than the browser has. */
		readonly original: HTMLImageElement,
		/** The same in small, on white. */
		readonly working: HTMLCanvasElement,
		readonly size: Size,
		readonly traces: Traces,
		/** It has several frames, of which the first is used. */
		readonly moves: boolean,
	) {}

	/**
	 * A copy in small, at least widthPx wide where there is one: drawing it in less
	 * than half its size is never needed, which browsers do slowly or badly.
	 */
	copy(widthPx: number): HTMLCanvasElement {
		let chosen = this.working;
		while (chosen.width / 2 >= widthPx && chosen.width >= 2 && chosen.height >= 2) chosen = this.half(chosen);
		return chosen;
	}

	private half(of: HTMLCanvasElement): HTMLCanvasElement {
		const known = this.halves.get(of);
		if (known) return known;
		const half = blank(Math.floor(of.width / 2), Math.floor(of.height / 2), false);
		contextOf(half).drawImage(of, 0, 0, half.width, half.height);
		this.halves.set(of, half);
		return half;
	}

	/** The mean colour along the picture's edges: what goes on around it, as around a logo. */
	get edge(): Colour {
		const CELLS = 16;
		const small = blank(CELLS, CELLS, true);
		const context = contextOf(small);
		context.drawImage(this.working, 0, 0, CELLS, CELLS);
		const { data } = context.getImageData(0, 0, CELLS, CELLS);
		const sum = [0, 0, 0];
		const last = CELLS - 1;
		for (let i = 0; i < CELLS * CELLS; i++) {
			const [x, y] = [i % CELLS, Math.floor(i / CELLS)];
			if (x !== 0 && y !== 0 && x !== last && y !== last) continue;
			sum.forEach((_, channel) => (sum[channel]! += data[i * 4 + channel]!));
		}
		return '#' + sum.map(s => Math.round(s / (4 * last)).toString(16).padStart(2, '0')).join('');
	}

	/** Opens a file whatever its name says. Fails with Unusable. */
	static async open(file: Blob, convert?: Converter): Promise<Picture> {
		if (file.size === 0) throw new Unusable(say('file-empty'));
		if (file.size > MAX_FILE_BYTES) throw new Unusable(say('file-too-large', { MaxMegabytes: MAX_FILE_BYTES / 1e6 }));
		const bytes = await read(file);
		const format = sniff(bytes);
		refuseDocuments(format);
		if (format === 'jpeg' && !isWholeJPEG(bytes)) throw new Unusable(say('file-damaged'));
		const stored = sizeInHeader(bytes, format);
		if (stored) refuseHuge(stored); // before the browser tries to find the memory for it
		const original = await decode(bytes, format, convert);
		const size = { width: original.naturalWidth, height: original.naturalHeight };
		refuseHuge(size);
		return new Picture(original, shrunk(original, size), size, readTraces(bytes, format), isMoving(bytes, format));
	}
}

async function read(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
	try {
		return new Uint8Array(await file.arrayBuffer());
	} catch {
		throw new Unusable(say('file-unreadable')); // moved, or still in somebody's cloud
	}
}

function refuseDocuments(format: Format): void {
	switch (format) {
		case 'svg': throw new Unusable(say('file-svg'));
		case 'tiff': throw new Unusable(say('file-tiff'));
		case 'unknown': throw new Unusable(say('file-unknown'));
	}
}

function refuseHuge({ width, height }: Size): void {
	if (width * height <= MAX_PIXELS) return;
	throw new Unusable(say('file-too-many-pixels', { Width: width, Height: height, MaxMegapixels: MAX_PIXELS / 1e6 }));
}

/** Lets the browser decode, which also turns the picture upright. A HEIC that it doesn't know is converted first. */
async function decode(bytes: Uint8Array<ArrayBuffer>, format: Format, convert?: Converter): Promise<HTMLImageElement> {
	const file = new Blob([bytes], { type: `image/${format}` });
	try {
		return await load(file);
	} catch {
		if (format !== 'heic' || !convert) throw new Unusable(undecodable(format));
	}
	try {
		return await load(await convert(file));
	} catch (error) {
		console.info(error); // for whoever is asked for help
		throw new Unusable(undecodable(format));
	}
}

/** Loads a picture of a kind that the browser knows; it fails with an Error for any other. */
async function load(file: Blob): Promise<HTMLImageElement> {
	const address = URL.createObjectURL(file);
	const image = new Image();
	image.src = address;
	try {
		await image.decode();
	} finally {
		URL.revokeObjectURL(address); // the image has loaded, or never will
	}
	if (image.naturalWidth === 0 || image.naturalHeight === 0) throw new Error('the picture has no size');
	return image;
}

function undecodable(format: Format): string {
	switch (format) {
		case 'heic': return say('file-heic');
		case 'avif': return say('file-avif');
		default: return say('file-damaged');
	}
}

function shrunk(image: HTMLImageElement, { width, height }: Size): HTMLCanvasElement {
	const scale = Math.min(1, WORKING_PX / Math.max(width, height));
	const small = blank(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), false);
	const context = contextOf(small);
	context.drawImage(image, 0, 0, small.width, small.height);
	// Browsers put off drawing; reading a pixel makes it part of opening the
	// picture, rather than a pause when it is first moved or looked at.
	context.getImageData(0, 0, 1, 1);
	return small;
}
