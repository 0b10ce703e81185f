import { canvasOf, pixelsOf } from './crop';
import { scaledDown } from './scale';
import { MAX_DENSITY } from './stage';

/** Previews shows a photo in the sizes in which others see it: every canvas with data-preview="side in CSS pixels". */
export class Previews {
	private readonly canvases: HTMLCanvasElement[];

	constructor(root: HTMLElement) {
		this.canvases = [...root.querySelectorAll<HTMLCanvasElement>('canvas[data-preview]')];
	}

	/** The side of the largest preview in device pixels: more isn't needed of a photo to show it here. */
	get largestPx(): number {
		return Math.max(...this.canvases.map(devicePx));
	}

	/** Draws photo, which is square, into all of them. */
	show(photo: HTMLCanvasElement): void {
		const pixels = pixelsOf(photo);
		for (const canvas of this.canvases) canvasOf(scaledDown(pixels, devicePx(canvas)), canvas);
	}
}

function devicePx(canvas: HTMLCanvasElement): number {
	return Math.round(Number(canvas.dataset.preview) * Math.min(devicePixelRatio, MAX_DENSITY));
}
