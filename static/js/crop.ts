import { MIN_SIDE_PX, type Frame } from './frame';
import { blank, contextOf } from './parts';
import type { Picture } from './picture';
import { scaledDown, type Pixels } from './scale';

/**
 * The side of the photo that is sent, in pixels, at most. It is one and a half
 * times the 648 that Microsoft 365 keeps, so that the server has something to
 * scale down well.
 */
const MAX_SIDE_PX = 972;

/** What is sent, in bytes, at most. */
const MAX_BYTES = 200_000;

/** What is tried until the photo is small enough. */
const QUALITIES = [0.92, 0.88, 0.84, 0.78, 0.7, 0.6, 0.5];

/** Draws the framed square of the picture from its original, as it will be sent. */
export function crop({ original }: Picture, frame: Frame): HTMLCanvasElement {
	const sidePx = Math.max(MIN_SIDE_PX, Math.min(MAX_SIDE_PX, Math.round(frame.sidePx)));
	const { x, y, width, height } = visible(frame);
	const firstPx = stepFor(frame.sidePx, sidePx);
	let square = blank(firstPx, firstPx, true);
	const context = contextOf(square);
	if (frame.ground) {
		context.fillStyle = frame.ground;
		context.fillRect(0, 0, firstPx, firstPx);
	}
	context.setTransform(...frame.matrix(firstPx));
	context.drawImage(original, x, y, width, height, x, y, width, height);
	while (square.width > sidePx) square = halved(square); // in one step browsers skip pixels
	return square;
}

/** The part of the picture that is seen in a frame, in picture pixels: browsers differ in what they draw from beyond its edges. */
function visible({ square, picture }: Frame): { x: number; y: number; width: number; height: number } {
	const x = Math.max(0, square.x);
	const y = Math.max(0, square.y);
	return { x, y, width: Math.min(picture.width, square.x + square.side) - x, height: Math.min(picture.height, square.y + square.side) - y };
}

/** The largest of sidePx, twice sidePx, … that is no larger than the source, and that any canvas can be. */
function stepFor(sourcePx: number, sidePx: number): number {
	const MAX_STEP_PX = 4000; // Safari's canvas ends at 16.7 megapixels
	let step = sidePx;
	while (step * 2 <= Math.min(sourcePx, MAX_STEP_PX)) step *= 2;
	return step;
}

/** A square in half the size. Without the browser's cleverness each pixel is exactly the mean of four. */
function halved(square: HTMLCanvasElement): HTMLCanvasElement {
	const half = blank(square.width / 2, square.width / 2, true);
	const context = contextOf(half);
	context.imageSmoothingQuality = 'low';
	context.drawImage(square, 0, 0, half.width, half.height);
	return half;
}

/** Encodes a square as a JPEG of at most MAX_BYTES. */
export async function encode(square: HTMLCanvasElement): Promise<Blob> {
	for (const quality of QUALITIES) {
		const blob = await new Promise<Blob | null>(done => square.toBlob(done, 'image/jpeg', quality));
		if (!blob || blob.type !== 'image/jpeg') throw new Error('the browser made no JPEG');
		if (blob.size <= MAX_BYTES) return blob;
	}
	return encode(canvasOf(scaledDown(pixelsOf(square), Math.round(square.width * 0.75)))); // noise, which no quality makes small
}

/** The pixels of a square canvas. */
export function pixelsOf(square: HTMLCanvasElement): Pixels {
	const side = square.width;
	return { side, data: contextOf(square).getImageData(0, 0, side, side).data };
}

/** A canvas with these pixels, or the given one, made to fit. */
export function canvasOf({ side, data }: Pixels, canvas = blank(side, side, true)): HTMLCanvasElement {
	if (canvas.width !== side || canvas.height !== side) canvas.width = canvas.height = side;
	contextOf(canvas).putImageData(new ImageData(data, side, side), 0, 0);
	return canvas;
}
