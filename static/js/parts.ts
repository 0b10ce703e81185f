/** The element below root with data-part="name". Each view has all of its parts; a missing one is a defect. */
export function part<T extends HTMLElement>(root: HTMLElement, name: string, type: new () => T): T {
	const found = root.querySelector(`[data-part="${name}"]`);
	if (!(found instanceof type)) throw new Error(`no ${type.name} with data-part="${name}"`);
	return found;
}

/** Puts what the <template data-part="name"> below root holds in its place: a part that few visits need, and whose elements a page has from then on. */
export function unfold(root: HTMLElement, name: string): void {
	const template = part(root, name, HTMLTemplateElement);
	template.replaceWith(template.content);
}

/** The field in which the helpdesk says what a change is for; other people's pages have none. */
export function reasonField(root: HTMLElement): HTMLInputElement | null {
	return root.querySelector<HTMLInputElement>('[data-part="reason"]');
}

/** A canvas' context, that of a photo unless it is given: opaque, for a JPEG has no transparency either. */
export function contextOf(canvas: HTMLCanvasElement, settings: CanvasRenderingContext2DSettings = { alpha: false }): CanvasRenderingContext2D {
	const context = canvas.getContext('2d', settings);
	if (!context) throw new Error('the browser has no room for a canvas');
	context.imageSmoothingEnabled = true;
	context.imageSmoothingQuality = 'high';
	return context;
}

/**
 * A new white canvas, in pixels. One whose pixels are read lies in the
 * computer's memory, one that is only drawn from may lie in the graphics card's.
 */
export function blank(width: number, height: number, isRead: boolean): HTMLCanvasElement {
	const canvas = document.createElement('canvas');
	canvas.width = width;
	canvas.height = height;
	const context = contextOf(canvas, { alpha: false, willReadFrequently: isRead });
	context.fillStyle = 'white';
	context.fillRect(0, 0, width, height);
	return canvas;
}
