import type { Frame, Point } from './frame';
import { contextOf } from './parts';
import type { Picture } from './picture';

/** The finest screen that is drawn for, in device pixels per CSS pixel. */
export const MAX_DENSITY = 3;

/**
 * Stage shows the picture under the window. The window's place and size are the
 * style sheet's; everything here is in CSS pixels unless it says otherwise.
 *
 * While a hand moves the picture nothing is drawn: a small copy of it, an element
 * of its own, is moved by the browser's compositor, which costs the page next to
 * nothing. At rest the canvas over it shows the same from the original.
 */
export class Stage {
	/** The copy that is moved. */
	private moving: HTMLCanvasElement | undefined;

	constructor(
		readonly element: HTMLElement,
		private readonly canvas: HTMLCanvasElement,
		private readonly window: HTMLElement,
		resized: () => void,
	) {
		new ResizeObserver(resized).observe(element);
	}

	/** A hand holds the picture. */
	get isHeld(): boolean {
		return this.element.hasAttribute('data-held');
	}

	/** A place on the screen in sides of the window, counted from its middle. */
	inWindow(clientX: number, clientY: number): Point {
		const box = this.window.getBoundingClientRect();
		return {
			x: (clientX - box.left - box.width / 2) / box.width,
			y: (clientY - box.top - box.height / 2) / box.height,
		};
	}

	/** Shows the picture so that frame's square fills the window. At rest it may take longer and is sharper. */
	draw(picture: Picture, frame: Frame, atRest: boolean): void {
		this.move(picture, frame);
		this.canvas.style.visibility = atRest ? 'visible' : 'hidden';
		if (atRest) this.drawSharp(picture, frame);
	}

	/** Moves the copy to where frame has it. */
	private move(picture: Picture, frame: Frame): void {
		const { clientWidth: width, clientHeight: height } = this.element;
		const windowPx = this.window.clientWidth;
		const density = Math.min(devicePixelRatio, MAX_DENSITY);
		const copy = picture.copy((windowPx * density * picture.size.width) / frame.sidePx);
		if (copy !== this.moving) this.show(copy);
		const [x, y] = [picture.size.width / copy.width, picture.size.height / copy.height];
		const [a, b, c, d, e, f] = frame.matrix(windowPx);
		const matrix = [a * x, b * x, c * y, d * y, e + (width - windowPx) / 2, f + (height - windowPx) / 2];
		copy.style.transform = `matrix(${matrix.join()})`;
		this.element.style.backgroundColor = frame.ground;
	}

	private show(copy: HTMLCanvasElement): void {
		copy.className = 'editor__moving';
		copy.ariaHidden = 'true';
		if (this.moving?.parentNode === this.element) this.moving.replaceWith(copy);
		else this.canvas.before(copy);
		this.moving = copy;
	}

	private drawSharp(picture: Picture, frame: Frame): void {
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
		context.drawImage(picture.working, 0, 0, pictureWidth, pictureHeight);
		const enlarged = windowPx > (frame.sidePx * picture.working.width) / pictureWidth;
		if (!enlarged) return;
		context.fillStyle = 'white';
		context.fillRect(0, 0, pictureWidth, pictureHeight);
		context.drawImage(picture.original, 0, 0);
	}
}
