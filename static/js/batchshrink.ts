import { Assistant } from './assistant';
import { faceOf, type Box } from './faces';
import { framedOn, mainFace } from './facing';
import { Frame, type Size, type Square } from './frame';

/** The longest side of what goes up, in pixels: a photo has 648, and somebody may want to reframe it. */
const SIDE_PX = 1080;

/** How much of the picture goes up around the suggested square, in sides of it. */
const MARGIN = 1.5;

/** What a picture should have at most, in bytes, and the qualities that are tried for it. */
const ENOUGH_BYTES = 200_000;
const QUALITIES = [0.9, 0.8, 0.7, 0.6];

/** The longer side of what the face detector is shown, in pixels. */
const LOOK_PX = 416;
const LOOK_MS = 30_000;

/** A picture on its way: its bytes, and which square of it is suggested, as the server reads it; "" = the server's own. */
export interface Shrunk {
	readonly body: Blob;
	readonly crop: string;
}

/**
 * Shrinker makes pictures small before they are sent: the square around the
 * face with a margin, or all of the picture where none is found. The browser
 * decodes and scales beside the page, so that no step of it holds up the page.
 */
export class Shrinker {
	private assistant: Assistant<{ picture: ImageBitmap }, { faces: readonly Box[] }> | undefined;

	/** canFind tells whether this installation finds faces. */
	constructor(canFind: boolean) {
		if (canFind) this.assistant = new Assistant('faces', LOOK_MS);
	}

	/** Shrinks a file. What the browser can't open goes up as it is: the server says what is wrong with it. */
	async shrink(file: Blob): Promise<Shrunk> {
		try {
			return await this.tryTo(file);
		} catch (error) {
			console.info(error); // for whoever is asked for help
			return { body: file, crop: '' };
		}
	}

	private async tryTo(file: Blob): Promise<Shrunk> {
		const whole = await createImageBitmap(file);
		const size = { width: whole.width, height: whole.height };
		whole.close();
		const square = await this.faceSquare(file, size);
		const region = square ? withMargin(square, size) : { x: 0, y: 0, ...size };
		const scale = Math.min(1, SIDE_PX / Math.max(region.width, region.height));
		const resizeWidth = Math.max(1, Math.round(region.width * scale));
		const resizeHeight = Math.max(1, Math.round(region.height * scale));
		const small = await createImageBitmap(file, region.x, region.y, region.width, region.height, { resizeWidth, resizeHeight, resizeQuality: 'high' });
		const body = await encode(small);
		if (!square) return { body, crop: '' };
		const side = Math.min(resizeWidth, resizeHeight, Math.round(square.side * scale));
		const at = (from: number, most: number): number => Math.max(0, Math.min(most - side, Math.round(from * scale)));
		return { body, crop: `${at(square.x - region.x, resizeWidth)} ${at(square.y - region.y, resizeHeight)} ${side} 0` };
	}

	/** The suggested square around the main face; undefined where there is none, or nobody to find it. */
	private async faceSquare(file: Blob, size: Size): Promise<Square | undefined> {
		if (!this.assistant) return undefined;
		const scale = Math.min(1, LOOK_PX / Math.max(size.width, size.height));
		const look = await createImageBitmap(file, {
			resizeWidth: Math.max(1, Math.round(size.width * scale)), resizeHeight: Math.max(1, Math.round(size.height * scale)), resizeQuality: 'medium',
		});
		try {
			const { faces } = await this.assistant.ask({ picture: look }, [look]);
			const frame = Frame.suggest(size);
			const face = mainFace(faces.map(box => faceOf(box, size, 0)), frame);
			return face && framedOn(frame, face).square;
		} catch (error) {
			console.info(error); // for whoever is asked for help
			this.assistant = undefined; // it won't load for the next one either
			return undefined;
		}
	}
}

interface Region extends Size {
	readonly x: number;
	readonly y: number;
}

/** The square with what is around it, as far as the picture reaches, in whole pixels. */
function withMargin({ x, y, side }: Square, { width, height }: Size): Region {
	const more = (side * (MARGIN - 1)) / 2;
	const left = Math.max(0, Math.floor(x - more));
	const top = Math.max(0, Math.floor(y - more));
	return {
		x: left, y: top,
		width: Math.min(width, Math.ceil(x + side + more)) - left,
		height: Math.min(height, Math.ceil(y + side + more)) - top,
	};
}

async function encode(picture: ImageBitmap): Promise<Blob> {
	const canvas = new OffscreenCanvas(picture.width, picture.height);
	const context = canvas.getContext('2d', { alpha: false });
	if (!context) throw new Error('the browser has no room for a canvas');
	context.fillStyle = 'white'; // under what is transparent
	context.fillRect(0, 0, canvas.width, canvas.height);
	context.drawImage(picture, 0, 0);
	picture.close();
	let body = new Blob();
	for (const quality of QUALITIES) {
		body = await canvas.convertToBlob({ type: 'image/jpeg', quality });
		if (body.size <= ENOUGH_BYTES) break;
	}
	return body;
}
