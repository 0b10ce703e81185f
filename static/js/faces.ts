import { Assistant } from './assistant';
import type { Point, Size, Turns } from './frame';
import { blank, contextOf } from './parts';
import type { Picture } from './picture';

/** A face in a picture, in picture pixels: its middle and its side. It reaches from the brow to the chin. */
export interface Face extends Point {
	readonly side: number;
}

/** A face as the detector sees it, in parts of the width and height of what it was shown. */
export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** The longer side of what the detector is shown, in pixels: what it looks at, and so a small message. */
const LOOK_PX = 416;

/** What the page has to itself first, to draw the picture: two short tasks instead of a long one. */
const FIRST_MS = 50;

/** How long finding faces may take, loading included. A slow line has the 440 kB in 20 s. */
const PATIENCE_MS = 30_000;

/** FaceFinder finds faces, in a worker and on this device. */
export class FaceFinder {
	private readonly assistant = new Assistant<{ picture: ImageBitmap }, { faces: readonly Box[] }>('faces', PATIENCE_MS);

	/** Finds the faces of a picture as it is turned: the detector knows upright ones only. It fails as Assistant does. */
	async find(picture: Picture, turns: Turns): Promise<Face[]> {
		await new Promise(done => setTimeout(done, FIRST_MS));
		const small = await createImageBitmap(seen(picture, turns));
		const { faces } = await this.assistant.ask({ picture: small }, [small]);
		return faces.map(box => faceOf(box, picture.size, turns));
	}
}

/** The picture in small and turned, as the person sees it. */
function seen({ working }: Picture, turns: Turns): HTMLCanvasElement {
	const scale = Math.min(1, LOOK_PX / Math.max(working.width, working.height));
	const [width, height] = [Math.max(1, Math.round(working.width * scale)), Math.max(1, Math.round(working.height * scale))];
	const canvas = turns % 2 === 0 ? blank(width, height, true) : blank(height, width, true);
	const context = contextOf(canvas);
	context.translate(canvas.width / 2, canvas.height / 2);
	context.rotate((turns * Math.PI) / 2);
	context.drawImage(working, -width / 2, -height / 2, width, height);
	return canvas;
}

/** The face of a box, in pixels of the picture before it was turned. Boxes err in one of their sides more often than in their area. */
export function faceOf(box: Box, { width, height }: Size, turns: Turns): Face {
	let [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
	for (let turn = 0; turn < turns; turn++) [x, y] = [y, 1 - x];
	const [across, down] = turns % 2 === 0 ? [box.width, box.height] : [box.height, box.width];
	return { x: x * width, y: y * height, side: Math.sqrt(across * width * down * height) };
}
