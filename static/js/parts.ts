/** The element below root with data-part="name". Each view has all of its parts; a missing one is a defect. */
export function part<T extends HTMLElement>(root: HTMLElement, name: string, type: new () => T): T {
	const found = root.querySelector(`[data-part="${name}"]`);
	if (!(found instanceof type)) throw new Error(`no ${type.name} with data-part="${name}"`);
	return found;
}

/** A canvas' context. An opaque one is what we draw photos on: a JPEG has no transparency either. */
export function contextOf(canvas: HTMLCanvasElement, alpha = false): CanvasRenderingContext2D {
	const context = canvas.getContext('2d', { alpha });
	if (!context) throw new Error('the browser has no room for a canvas');
	context.imageSmoothingEnabled = true;
	context.imageSmoothingQuality = 'high';
	return context;
}

/** A new white canvas, in pixels. */
export function blank(width: number, height: number): HTMLCanvasElement {
	const canvas = document.createElement('canvas');
	canvas.width = width;
	canvas.height = height;
	const context = contextOf(canvas);
	context.fillStyle = 'white';
	context.fillRect(0, 0, width, height);
	return canvas;
}
