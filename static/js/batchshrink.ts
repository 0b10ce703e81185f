import { Assistant } from './assistant';
import type { Cut, Look } from './batchcut';
import { faceOf, type Box } from './faces';
import { framedOn, mainFace } from './facing';
import { Frame, type Size, type Square } from './frame';
import { sniff } from './sniff';

/** How many pictures are made small at once, at most: each takes 50 MB while it is, and a processor. */
const MOST_WORKERS = 3;

/** How long making one small may take, and finding its face, and converting it from HEIC, in ms. */
const SHRINK_MS = 60_000;
const LOOK_MS = 30_000;
const CONVERT_MS = 120_000;

/** How much of a file tells its format, in bytes. */
const HEAD_BYTES = 512;

/** A picture on its way: its bytes, and which square of it is suggested, as the server reads it; "" = the server's own. */
export interface Shrunk {
	readonly body: Blob;
	readonly crop: string;
}

type Order = { readonly file: Blob } | { readonly of: number; readonly square: Square | undefined };

/**
 * Shrinker makes pictures small before they are sent: the square around the face
 * with a margin, or all of the picture where none is found. Workers decode, scale
 * and encode, another one finds the faces; the page only hands things on.
 */
export class Shrinker {
	private readonly cutters: Assistant<Order, Look | Cut>[];
	private next = 0;
	private finder: Assistant<{ picture: ImageBitmap; turns: 0 }, { faces: readonly Box[] }> | undefined;
	private readonly converter: Assistant<{ file: Blob }, { picture: Blob }> | undefined;

	/** can says what this installation has: a finder of faces, a converter of HEIC pictures. */
	constructor(can: { readonly faces: boolean; readonly heic: boolean }) {
		const workers = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1)); // the page needs one too
		this.cutters = Array.from({ length: workers }, () => new Assistant<Order, Look | Cut>('shrink', SHRINK_MS));
		if (can.faces) this.finder = new Assistant('faces', LOOK_MS);
		if (can.heic) this.converter = new Assistant('heic', CONVERT_MS);
	}

	/** Shrinks a file. What can't be opened here goes up as it is: the server says what is wrong with it. */
	async shrink(file: Blob): Promise<Shrunk> {
		try {
			return await this.cut(file).catch(async error => this.cut(await this.converted(file, error)));
		} catch (error) {
			console.info(error); // for whoever is asked for help
			return { body: file, crop: '' };
		}
	}

	/** Ends the workers, which gives their memory back. */
	end(): void {
		for (const assistant of [...this.cutters, this.finder, this.converter]) assistant?.end();
	}

	/** A HEIC picture, which this browser doesn't know, as one that it does. Anything else fails with cause. */
	private async converted(file: Blob, cause: unknown): Promise<Blob> {
		const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
		if (!this.converter || sniff(head) !== 'heic') throw cause;
		return (await this.converter.ask({ file })).picture;
	}

	private async cut(file: Blob): Promise<Shrunk> {
		const cutter = this.cutters[this.next++ % this.cutters.length]!;
		const { picture, size, of } = await cutter.ask({ file }) as Look;
		const square = await this.faceSquare(picture, size);
		const { body, crop } = await cutter.ask({ of, square }) as Cut;
		return { body, crop };
	}

	/** The suggested square around the main face; undefined where there is none, or nobody to find it. */
	private async faceSquare(picture: ImageBitmap, size: Size): Promise<Square | undefined> {
		if (!this.finder) {
			picture.close();
			return undefined;
		}
		try {
			const { faces } = await this.finder.ask({ picture, turns: 0 }, [picture]);
			const frame = Frame.suggest(size);
			const face = mainFace(faces.map(box => faceOf(box, size, 0)), frame);
			return face && framedOn(frame, face).square;
		} catch (error) {
			console.info(error); // for whoever is asked for help
			this.finder = undefined; // it won't load for the next one either
			return undefined;
		}
	}
}
