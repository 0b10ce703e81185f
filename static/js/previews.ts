import { shrink } from './crop';
import { contextOf } from './parts';
import { MAX_DENSITY } from './stage';

/** Previews shows a photo in the sizes in which others see it: every canvas with data-preview="side in CSS pixels". */
export class Previews {
	private readonly canvases: HTMLCanvasElement[];

	constructor(root: HTMLElement) {
		this.canvases = [...root.querySelectorAll<HTMLCanvasElement>('canvas[data-preview]')]
			.sort((a, b) => sideOf(b) - sideOf(a));
	}

	/** The side of the largest preview in device pixels: more isn't needed of a photo to show it here. */
	get largestPx(): number {
		return this.canvases.reduce((largest, canvas) => Math.max(largest, devicePx(canvas)), 0);
	}

	/** Draws photo, which is square, into all of them. */
	show(photo: HTMLCanvasElement): void {
		let from = photo;
		for (const canvas of this.canvases) { // largest first: each is made from the one before
			const sidePx = devicePx(canvas);
			from = shrink(from, sidePx);
			canvas.width = canvas.height = sidePx;
			contextOf(canvas).drawImage(from, 0, 0, sidePx, sidePx);
		}
	}
}

function sideOf(canvas: HTMLCanvasElement): number {
	return Number(canvas.dataset.preview);
}

function devicePx(canvas: HTMLCanvasElement): number {
	return Math.round(sideOf(canvas) * Math.min(devicePixelRatio, MAX_DENSITY));
}
