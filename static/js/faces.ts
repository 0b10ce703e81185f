import { Assistant } from './assistant';
import type { Point, Size, Turns } from './frame';
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

/** What the page has to itself first, to draw the picture: two short tasks instead of a long one. */
const FIRST_MS = 50;

/** How long finding faces may take, loading included. A slow line has the 440 kB in 20 s. */
const PATIENCE_MS = 30_000;

/** FaceFinder finds faces, in a worker and on this device. */
export class FaceFinder {
	private readonly assistant = new Assistant<{ picture: ImageBitmap; turns: Turns }, { faces: readonly Box[] }>('faces', PATIENCE_MS);

	/** Finds the faces of a picture as it is turned: the detector knows upright ones only. It fails as Assistant does. */
	async find(picture: Picture, turns: Turns): Promise<Face[]> {
		await new Promise(done => setTimeout(done, FIRST_MS));
		const copy = await createImageBitmap(picture.working); // the worker turns and shrinks it, which takes longer
		const { faces } = await this.assistant.ask({ picture: copy, turns }, [copy]);
		return faces.map(box => faceOf(box, picture.size, turns));
	}
}

/** The face of a box, in pixels of the picture before it was turned. Boxes err in one of their sides more often than in their area. */
export function faceOf(box: Box, { width, height }: Size, turns: Turns): Face {
	let [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
	for (let turn = 0; turn < turns; turn++) [x, y] = [y, 1 - x];
	const [across, down] = turns % 2 === 0 ? [box.width, box.height] : [box.height, box.width];
	return { x: x * width, y: y * height, side: Math.sqrt(across * width * down * height) };
}
