import { clamp, leaning, of, rotated, spread, third, turn, within, type Colour, type Matrix, type Place, type Point, type Size, type Square, type Turns } from './geometry';

export type { Colour, Matrix, Place, Point, Size, Square, Turns } from './geometry';

/** The smallest photo that Microsoft 365 knows, in pixels a side; zooming ends there. */
export const MIN_SIDE_PX = 48;

/** How far a picture can be straightened either way, in degrees; beyond it lies the next turn. */
export const MAX_TILT = 45;

/** Where zooming ends in a large picture; beyond it a face no longer fits the window. */
const MAX_ZOOM = 10;

const MIDDLE: Point = { x: 0, y: 0 };

/** How a picture lies under the window. */
interface Lie {
	readonly centre: Point;
	readonly zoom: number;
	readonly turns: Turns;
	readonly flipped: boolean;
	readonly tilt: number;
	readonly ground: Colour;
}

/**
 * Frame is the square of a picture that a person keeps, and how it is turned,
 * mirrored and straightened.
 *
 * The stage, the previews and the saved photo all draw through its matrix, so
 * that what is framed is what is saved. It never changes: each method returns a
 * new frame, which lies inside the picture whatever was asked for; only where it
 * has a ground it may be larger, and the ground is seen around the picture.
 *
 * Ways and places are as seen, in sides of the window ({x: 0.5, y: 0} is half a
 * window to the right), so they mean the same at any size on any screen. The
 * picture is first turned, then mirrored, then straightened.
 */
export class Frame {
	private constructor(readonly picture: Size, private readonly lie: Lie) {}

	/**
	 * The first suggestion for a picture: the largest square, in the middle
	 * across and with a third of what is left over above it, where heads are. The
	 * server crops by the same rule when no script runs.
	 */
	static suggest(picture: Size): Frame {
		const side = Math.min(picture.width, picture.height);
		const centre = { x: picture.width / 2, y: (picture.height - side) / 3 + side / 2 };
		return new Frame(picture, { centre, zoom: 1, turns: 0, flipped: false, tilt: 0, ground: '' });
	}

	get centre(): Point {
		return this.lie.centre;
	}

	/** 1 = the square is as large as the picture allows. */
	get zoom(): number {
		return this.lie.zoom;
	}

	get turns(): Turns {
		return this.lie.turns;
	}

	/** The picture is seen as in a mirror. */
	get flipped(): boolean {
		return this.lie.flipped;
	}

	/** How far the picture is straightened, in degrees clockwise: -45 to 45. */
	get tilt(): number {
		return this.lie.tilt;
	}

	/** What is seen around a picture that is fitted whole; "" where it is cropped. */
	get ground(): Colour {
		return this.lie.ground;
	}

	/** The side of the square in picture pixels. */
	get sidePx(): number {
		return this.wholePx / this.zoom;
	}

	/** The largest zoom that this picture has pixels for. */
	get maxZoom(): number {
		return Math.max(1, Math.min(MAX_ZOOM, this.wholePx / MIN_SIDE_PX));
	}

	/** The smallest zoom: with a ground the one at which all of the picture is seen. */
	get minZoom(): number {
		const { width, height } = this.seenSize;
		return this.ground ? Math.min(1, this.wholePx / Math.max(width, height)) : 1;
	}

	/** The upright square that holds what is kept: just that, unless it is straightened. */
	get square(): Square {
		const side = this.sidePx * spread(this.tilt);
		return { x: this.centre.x - side / 2, y: this.centre.y - side / 2, side };
	}

	/** Where zoom stands between its ends, 0 to 1, in equal steps for the eye. */
	get zoomShare(): number {
		const { minZoom, maxZoom } = this;
		return maxZoom === minZoom ? 0 : Math.log(this.zoom / minZoom) / Math.log(maxZoom / minZoom);
	}

	/** Moves the picture under the window. */
	moved(way: Point): Frame {
		const back = this.toPicture({ x: -way.x, y: -way.y });
		return this.with({ centre: { x: this.centre.x + back.x, y: this.centre.y + back.y } });
	}

	/** Zooms so that what is at anchor, counted from the window's middle, stays there. */
	zoomed(zoom: number, anchor: Point = MIDDLE): Frame {
		const next = Math.min(this.maxZoom, Math.max(this.minZoom, zoom));
		const offset = this.toPicture(anchor); // in pixels at the present zoom
		const kept = 1 - this.zoom / next;
		return this.with({ centre: { x: this.centre.x + offset.x * kept, y: this.centre.y + offset.y * kept }, zoom: next });
	}

	/** Zooms to share of the way from the smallest to the largest zoom. */
	zoomedToShare(share: number): Frame {
		return this.zoomed(this.minZoom * (this.maxZoom / this.minZoom) ** share);
	}

	/** The frame about a point of the picture with a side in picture pixels, as near as the picture allows. */
	around(centre: Point, sidePx: number): Frame {
		return this.with({ centre, zoom: Math.max(1, this.wholePx / sidePx) });
	}

	/** Turns the picture by 90° clockwise about the middle of the window. */
	turned(): Frame {
		return this.with({ turns: ((this.turns + (this.flipped ? 3 : 1)) % 4) as Turns });
	}

	/** Mirrors the picture about the middle of the window, right becomes left. */
	mirrored(): Frame {
		return this.with({ flipped: !this.flipped, tilt: 0 - this.tilt });
	}

	/** Straightens the picture to so many degrees clockwise; the square is as much smaller as it must be. */
	straightened(degrees: number): Frame {
		return this.with({ tilt: Math.min(MAX_TILT, Math.max(-MAX_TILT, degrees)) });
	}

	/** Turns the picture by any number of degrees clockwise: by quarters, and the rest straightens it. */
	twisted(degrees: number): Frame {
		const quarters = Math.round((this.tilt + degrees) / 90);
		const rest: Frame = this.straightened(this.tilt + degrees - quarters * 90);
		return [...Array((quarters + 8) % 4)].reduce((frame: Frame) => frame.turned(), rest);
	}

	/** Fits all of the picture in, on a ground; with "" it is cropped again. */
	fitted(ground: Colour): Frame {
		if (!ground) return this.with({ ground, zoom: Math.max(1, this.zoom) });
		const frame = this.with({ ground });
		return this.ground ? frame : frame.zoomed(frame.minZoom);
	}

	/** The largest square again, as the picture came. */
	reset(): Frame {
		return Frame.suggest(this.picture);
	}

	/** Where the square lies in the picture as it is seen. */
	get place(): Place {
		const half = this.sidePx / 2;
		const { width, height } = this.picture;
		const seen = this.turnedAndMirrored({ x: leaning(this.centre.x, half, width), y: leaning(this.centre.y, half, height) });
		return { across: third(seen.x), down: third(seen.y) };
	}

	/** Maps picture pixels to a window of windowPx pixels a side. */
	matrix(windowPx: number): Matrix {
		const scale = windowPx / this.sidePx;
		const right = this.toSeen({ x: scale, y: 0 });
		const down = this.toSeen({ x: 0, y: scale });
		const { x, y } = this.centre;
		return [
			right.x, right.y, down.x, down.y,
			windowPx / 2 - right.x * x - down.x * y,
			windowPx / 2 - right.y * x - down.y * y,
		];
	}

	/** Where a point of the picture is seen, in window sides from the window's middle. */
	seen(point: Point): Point {
		const [a, b, c, d, e, f] = this.matrix(1);
		return { x: a * point.x + c * point.y + e - 0.5, y: b * point.x + d * point.y + f - 0.5 };
	}

	/** The side of the largest square without any ground, in picture pixels: a straightened one fits in less. */
	private get wholePx(): number {
		return Math.min(this.picture.width, this.picture.height) / spread(this.tilt);
	}

	/** How much room the picture takes as it is straightened, in picture pixels. */
	private get seenSize(): Size {
		const { sine, cosine } = of(this.tilt);
		const { width, height } = this.picture;
		return {
			width: width * cosine + height * Math.abs(sine),
			height: width * Math.abs(sine) + height * cosine,
		};
	}

	/** A way in picture pixels as it is seen. */
	private toSeen(way: Point): Point {
		return rotated(this.turnedAndMirrored(way), this.tilt);
	}

	private turnedAndMirrored(way: Point): Point {
		const seen = turn(way, this.turns);
		return this.flipped ? { x: 0 - seen.x, y: seen.y } : seen;
	}

	/** A way as seen, in window sides, as a way in picture pixels. */
	private toPicture(way: Point): Point {
		const { x, y } = rotated({ x: way.x * this.sidePx, y: way.y * this.sidePx }, 0 - this.tilt);
		return turn({ x: this.flipped ? 0 - x : x, y }, ((4 - this.turns) % 4) as Turns);
	}

	/** The frame with another lie, as near to it as the picture allows. */
	private with(change: Partial<Lie>): Frame {
		const wished = new Frame(this.picture, { ...this.lie, ...change });
		const zoom = Math.min(wished.maxZoom, Math.max(wished.minZoom, wished.zoom));
		const zoomed = new Frame(this.picture, { ...wished.lie, zoom });
		return new Frame(this.picture, { ...zoomed.lie, centre: zoomed.ground ? zoomed.onGround() : zoomed.inside() });
	}

	/** The centre nearest to this one about which the square lies in the picture. */
	private inside(): Point {
		const half = this.square.side / 2;
		return { x: within(this.centre.x, half, this.picture.width), y: within(this.centre.y, half, this.picture.height) };
	}

	/** The centre nearest to this one about which the ground is seen on both sides or on none. */
	private onGround(): Point {
		const middle = { x: this.picture.width / 2, y: this.picture.height / 2 };
		const off = this.toSeen({ x: this.centre.x - middle.x, y: this.centre.y - middle.y });
		const quarter = this.turns % 2 === 1;
		const { width, height } = this.seenSize;
		const room = (lengthPx: number): number => Math.max(0, (lengthPx - this.sidePx) / 2);
		const clamped = { x: clamp(off.x, room(quarter ? height : width)), y: clamp(off.y, room(quarter ? width : height)) };
		const back = this.toPicture({ x: clamped.x / this.sidePx, y: clamped.y / this.sidePx });
		return { x: middle.x + back.x, y: middle.y + back.y };
	}
}
