import { canvasOf, pixelsOf } from './crop';
import type { Frame } from './frame';
import { contextOf } from './parts';
import type { Picture } from './picture';
import { scaledDown } from './scale';
import { MAX_DENSITY } from './stage';

/** Previews shows a photo in the sizes in which others see it: every canvas with data-preview="side in CSS pixels". */
export class Previews {
	private readonly canvases: HTMLCanvasElement[];

	constructor(root: HTMLElement) {
		this.canvases = [...root.querySelectorAll<HTMLCanvasElement>('canvas[data-preview]')];
	}

	/** Draws photo, which is square, into all of them. */
	show(photo: HTMLCanvasElement): void {
		const pixels = pixelsOf(photo);
		for (const canvas of this.canvases) canvasOf(scaledDown(pixels, devicePx(canvas)), canvas);
	}

	/** Draws what is framed into all of them, quickly, from small copies of the picture. */
	follow(picture: Picture, frame: Frame): void {
		const { width, height } = picture.size;
		for (const canvas of this.canvases) {
			const sidePx = devicePx(canvas);
			if (canvas.width !== sidePx || canvas.height !== sidePx) canvas.width = canvas.height = sidePx;
			const context = contextOf(canvas);
			context.setTransform(1, 0, 0, 1, 0, 0);
			context.fillStyle = frame.ground || 'white';
			context.fillRect(0, 0, sidePx, sidePx);
			context.setTransform(...frame.matrix(sidePx));
			context.imageSmoothingQuality = 'low'; // the copy is at most twice as large
			context.drawImage(picture.copy((sidePx * width) / frame.sidePx), 0, 0, width, height);
		}
	}
}

function devicePx(canvas: HTMLCanvasElement): number {
	return Math.round(Number(canvas.dataset.preview) * Math.min(devicePixelRatio, MAX_DENSITY));
}
