import { thumbnail } from './crop';
import { blank, contextOf } from './parts';
import { pause } from './send';

/** When the photo is asked for again, in ms after each answer: for about 20 s, which Microsoft 365 may take. */
const PAUSES_MS = [250, 500, 1000, 1500, 2000, 3000, 4000, 4000, 4000];

/**
 * How much two photos may differ in the mean of their thumbnails, of 255, and
 * be the same one. Scaling and encoding again makes 1 to 3, another picture
 * makes 30.
 */
const MAX_DIFFERENCE = 6;

/**
 * Reads the photo at address back until it is the one that was sent, and
 * returns it as Microsoft 365 gives it; undefined if it doesn't turn up in time.
 */
export async function readBack(address: string, sent: HTMLCanvasElement, stopped: AbortSignal): Promise<Blob | undefined> {
	const expected = thumbnail(sent);
	for (const pauseMs of PAUSES_MS) {
		await pause(pauseMs, stopped);
		const served = await fetchPhoto(address, stopped);
		if (served && difference(expected, thumbnail(served.square)) <= MAX_DIFFERENCE) return served.blob;
	}
	return undefined;
}

async function fetchPhoto(address: string, stopped: AbortSignal): Promise<{ blob: Blob; square: HTMLCanvasElement } | undefined> {
	try {
		const response = await fetch(address, { cache: 'no-store', redirect: 'error', signal: stopped });
		if (!response.ok) return undefined; // not there yet
		const blob = await response.blob();
		const bitmap = await createImageBitmap(blob);
		const square = blank(bitmap.width, bitmap.height, true);
		contextOf(square).drawImage(bitmap, 0, 0);
		bitmap.close();
		return { blob, square };
	} catch {
		stopped.throwIfAborted();
		return undefined; // the connection or the picture is broken for now; there is another try
	}
}

/** The mean difference of two thumbnails, of 255; transparency, which neither has, left out. */
function difference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
	if (a.length !== b.length) return 255;
	let sum = 0;
	for (let i = 0; i < a.length; i++) {
		if (i % 4 !== 3) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
	}
	return sum / ((a.length / 4) * 3);
}

/** Shows the new photo wherever the page shows it, <img data-photo> perhaps hidden over initials, and no more what was said of the old one. */
export function replacePhotos(address: string, etag: string): void {
	for (const image of document.querySelectorAll<HTMLImageElement>('img[data-photo]')) {
		image.src = `${address}?v=${encodeURIComponent(etag)}`;
		image.hidden = false;
	}
	document.querySelector<HTMLElement>('[data-photo-facts]')?.remove();
}
