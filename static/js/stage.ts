import type { Frame, Point } from './frame';
import { contextOf } from './parts';
import type { Picture } from './picture';

/** The finest screen that is drawn for, in device pixels per CSS pixel. */
export const MAX_DENSITY = 3;

/**
 * Stage shows the picture under the window. The window's place and size are the
 * style sheet's; everything here is in CSS pixels unless it says otherwise.
 */
export class Stage {
	constructor(
		readonly element: HTMLElement,
		private readonly canvas: HTMLCanvasElement,
		private readonly window: HTMLElement,
		resized: () => void,
	) {
		new ResizeObserver(resized).observe(element);
	}

	/** A place on the screen in sides of the window, counted from its middle. */
	inWindow(clientX: number, clientY: number): Point {
		const box = this.window.getBoundingClientRect();
		return {
			x: (clientX - box.left - box.width / 2) / box.width,
			y: (clientY - box.top - box.height / 2) / box.height,
		};
	}

	/** Draws the picture so that frame's square fills the window. At rest it may take longer and is sharper. */
	draw(picture: Picture, frame: Frame, atRest: boolean): void {
		const density = Math.min(devicePixelRatio, MAX_DENSITY);
		const width = Math.round(this.element.clientWidth * density);
		const height = Math.round(this.element.clientHeight * density);
		if (width === 0 || height === 0) return; // not shown
		if (this.canvas.width !== width) this.canvas.width = width;
		if (this.canvas.height !== height) this.canvas.height = height;

		const windowPx = this.window.clientWidth * density;
		const [a, b, c, d, e, f] = frame.matrix(windowPx);
		const context = contextOf(this.canvas, { alpha: true });
		context.setTransform(1, 0, 0, 1, 0, 0);
		context.clearRect(0, 0, width, height);
		if (frame.ground) {
			context.fillStyle = frame.ground;
			context.fillRect(0, 0, width, height);
		}
		context.setTransform(a, b, c, d, e + (width - windowPx) / 2, f + (height - windowPx) / 2);
		const { width: pictureWidth, height: pictureHeight } = picture.size;
		const source = atRest ? picture.working : picture.copy((windowPx * pictureWidth) / frame.sidePx);
		if (!atRest) context.imageSmoothingQuality = 'low';
		context.drawImage(source, 0, 0, pictureWidth, pictureHeight);
		const enlarged = windowPx > (frame.sidePx * picture.working.width) / pictureWidth;
		if (!atRest || !enlarged) return;
		context.fillStyle = 'white';
		context.fillRect(0, 0, pictureWidth, pictureHeight);
		context.drawImage(picture.original, 0, 0);
	}
}
