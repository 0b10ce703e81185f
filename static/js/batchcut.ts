import type { Size, Square } from './frame';

/** The longest side of what goes up, in pixels: a photo has 648, and somebody may want to reframe it. */
const SIDE_PX = 1080;

/** How much of the picture goes up around the suggested square, in sides of it. */
const MARGIN = 1.5;

/** What the worker answers to a file: the picture in small, for the face detector, its size, and the number under which it keeps it. */
export interface Look {
	readonly picture: ImageBitmap;
	readonly size: Size;
	readonly of: number;
}

/** What the worker answers to a number: the picture as it goes up, and the suggested square in it, "" for none. */
export interface Cut {
	readonly body: Blob;
	readonly crop: string;
}

/** The part of a picture that goes up, in its pixels, and how large it goes up. */
export interface Part extends Size {
	readonly x: number;
	readonly y: number;
	readonly toWidth: number;
	readonly toHeight: number;
	/** The square within what goes up, as the server reads it: "x y side turn"; "" for none. */
	readonly crop: string;
}

/** Says which part of a picture goes up: the square with a margin, or all where there is none. */
export function partOf(size: Size, square: Square | undefined): Part {
	const region = square ? withMargin(square, size) : { x: 0, y: 0, ...size };
	const scale = Math.min(1, SIDE_PX / Math.max(region.width, region.height));
	const toWidth = Math.max(1, Math.round(region.width * scale));
	const toHeight = Math.max(1, Math.round(region.height * scale));
	return { ...region, toWidth, toHeight, crop: square ? cropOf(square, region, scale, { width: toWidth, height: toHeight }) : '' };
}

/** The square within the region, once that was scaled to size. */
function cropOf(square: Square, region: { x: number; y: number }, scale: number, size: Size): string {
	const side = Math.min(size.width, size.height, Math.round(square.side * scale));
	const at = (from: number, length: number): number => Math.max(0, Math.min(length - side, Math.round(from * scale)));
	return `${at(square.x - region.x, size.width)} ${at(square.y - region.y, size.height)} ${side} 0`;
}

/** The square with what is around it, as far as the picture reaches, in whole pixels. */
function withMargin({ x, y, side }: Square, { width, height }: Size): Size & { readonly x: number; readonly y: number } {
	const more = (side * (MARGIN - 1)) / 2;
	const left = Math.max(0, Math.floor(x - more));
	const top = Math.max(0, Math.floor(y - more));
	return {
		x: left, y: top,
		width: Math.min(width, Math.ceil(x + side + more)) - left,
		height: Math.min(height, Math.ceil(y + side + more)) - top,
	};
}
