/// <reference lib="webworker" />
// The worker that makes the pictures of a batch small, static/dist/shrink.js. It
// is told a file, answers with a small copy for the face detector, is told the
// square around the face, and answers with what goes up. Its own answer carries a
// policy of its own, see static/workers.go.
import { partOf, type Cut, type Look } from '../batchcut';
import type { Square } from '../frame';

/** The longer side of what the face detector is shown, in pixels. */
const LOOK_PX = 416;

/** What goes up, in bytes, at most, and the qualities that are tried for it. */
const ENOUGH_BYTES = 200_000;
const QUALITIES = [0.9, 0.8, 0.7, 0.6];

/** How much smaller a picture becomes that no quality makes small: noise. */
const SMALLER = 0.75;

/** The pictures that were looked at and not yet cut, by the number of their order. A page that goes takes them with it. */
const kept = new Map<number, ImageBitmap>();

async function look(id: number, file: Blob): Promise<Look> {
	const whole = await createImageBitmap(file);
	const size = { width: whole.width, height: whole.height };
	const scale = Math.min(1, LOOK_PX / Math.max(size.width, size.height));
	const resizeWidth = Math.max(1, Math.round(size.width * scale));
	const resizeHeight = Math.max(1, Math.round(size.height * scale));
	const picture = await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: 'medium' });
	kept.set(id, whole);
	return { picture, size, of: id };
}

async function cut(of: number, square: Square | undefined): Promise<Cut> {
	const whole = kept.get(of);
	if (!whole) throw new Error(`no picture ${of}`);
	kept.delete(of);
	const { x, y, width, height, toWidth, toHeight, crop } = partOf(whole, square);
	const small = await createImageBitmap(whole, x, y, width, height, { resizeWidth: toWidth, resizeHeight: toHeight, resizeQuality: 'high' });
	whole.close();
	const { body, scale } = await encode(small);
	small.close();
	return { body, crop: scale === 1 ? crop : scaled(crop, scale) };
}

/** Encodes a picture in at most ENOUGH_BYTES, in smaller if it must be; scale says how much. */
async function encode(picture: ImageBitmap): Promise<{ body: Blob; scale: number }> {
	for (let scale = 1; ; scale *= SMALLER) {
		const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)));
		const context = canvas.getContext('2d', { alpha: false });
		if (!context) throw new Error('the browser has no room for a canvas');
		context.imageSmoothingQuality = 'high';
		context.fillStyle = 'white'; // under what is transparent
		context.fillRect(0, 0, canvas.width, canvas.height);
		context.drawImage(picture, 0, 0, canvas.width, canvas.height);
		for (const quality of QUALITIES) {
			const body = await canvas.convertToBlob({ type: 'image/jpeg', quality });
			if (body.size <= ENOUGH_BYTES) return { body, scale };
		}
	}
}

/** A crop in a picture that became smaller; rounded down, it stays inside. */
function scaled(crop: string, scale: number): string {
	if (crop === '') return '';
	const [x = 0, y = 0, side = 0, turn = 0] = crop.split(' ').map(Number);
	return `${Math.floor(x * scale)} ${Math.floor(y * scale)} ${Math.floor(side * scale)} ${turn}`;
}

type Order = { readonly id: number } & ({ readonly file: Blob } | { readonly of: number; readonly square: Square | undefined });

self.addEventListener('message', async (e: MessageEvent<Order>) => {
	const { id } = e.data;
	try {
		if ('file' in e.data) {
			const answer = await look(id, e.data.file);
			self.postMessage({ id, ...answer }, [answer.picture]);
		} else {
			self.postMessage({ id, ...(await cut(e.data.of, e.data.square)) });
		}
	} catch (error) {
		self.postMessage({ id, failure: String(error) });
	}
});
