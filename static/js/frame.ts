/** A size in picture pixels, after the orientation in the file was applied. */
export interface Size {
	readonly width: number;
	readonly height: number;
}

/** A place or a way: to the right, and down. */
export interface Point {
	readonly x: number;
	readonly y: number;
}

/** A square part of a picture, in picture pixels; x and y are its upper left corner. */
export interface Square extends Point {
	readonly side: number;
}

/** How often a picture is turned by 90° clockwise. */
export type Turns = 0 | 1 | 2 | 3;

/** Where the square lies in the picture as it is seen: -1 left or top, 0 centre, 1 right or bottom. */
export interface Place {
	readonly across: -1 | 0 | 1;
	readonly down: -1 | 0 | 1;
}

/** A canvas transform: a, b, c, d, e, f as setTransform takes them. */
export type Matrix = readonly [number, number, number, number, number, number];

/** The smallest photo that Microsoft 365 knows, in pixels a side; zooming ends there. */
export const MIN_SIDE_PX = 48;

/** Where zooming ends in a large picture; beyond it a face no longer fits the window. */
const MAX_ZOOM = 10;

const MIDDLE: Point = { x: 0, y: 0 };

/**
 * Frame is the square of a picture that a person keeps, and how it is turned.
 *
 * The stage, the previews and the saved photo all draw through its matrix, so
 * that what is framed is what is saved. It never changes: each method returns a
 * new frame, which lies inside the picture whatever was asked for.
 *
 * Ways and places are as seen, in sides of the window ({x: 0.5, y: 0} is half a
 * window to the right), so they mean the same at any size on any screen.
 */
export class Frame {
	private constructor(
		readonly picture: Size,
		readonly centre: Point,
		/** 1 = the square is as large as the picture allows. */
		readonly zoom: number,
		readonly turns: Turns,
	) {}

	/**
	 * The first suggestion for a picture: the largest square, in the middle
	 * across and with a third of what is left over above it, where heads are. The
	 * server crops by the same rule when no script runs.
	 */
	static suggest(picture: Size): Frame {
		const side = Math.min(picture.width, picture.height);
		const centre = { x: picture.width / 2, y: (picture.height - side) / 3 + side / 2 };
		return new Frame(picture, centre, 1, 0);
	}

	/** The side of the square in picture pixels. */
	get sidePx(): number {
		return Math.min(this.picture.width, this.picture.height) / this.zoom;
	}

	/** The largest zoom that this picture has pixels for. */
	get maxZoom(): number {
		return Math.max(1, Math.min(MAX_ZOOM, Math.min(this.picture.width, this.picture.height) / MIN_SIDE_PX));
	}

	/** The part of the picture that is kept. Turning doesn't change it. */
	get square(): Square {
		const side = this.sidePx;
		return { x: this.centre.x - side / 2, y: this.centre.y - side / 2, side };
	}

	/** Where zoom stands between its ends, 0 to 1, in equal steps for the eye. */
	get zoomShare(): number {
		return this.maxZoom === 1 ? 0 : Math.log(this.zoom) / Math.log(this.maxZoom);
	}

	/** Moves the picture under the window. */
	moved(way: Point): Frame {
		const back = this.toPicture({ x: -way.x, y: -way.y });
		return this.at({ x: this.centre.x + back.x, y: this.centre.y + back.y }, this.zoom);
	}

	/** Zooms so that what is at anchor, counted from the window's middle, stays there. */
	zoomed(zoom: number, anchor: Point = MIDDLE): Frame {
		const next = Math.min(this.maxZoom, Math.max(1, zoom));
		const offset = this.toPicture(anchor); // in pixels at the present zoom
		const kept = 1 - this.zoom / next;
		return this.at({ x: this.centre.x + offset.x * kept, y: this.centre.y + offset.y * kept }, next);
	}

	/** Zooms to share of the way from the smallest to the largest zoom. */
	zoomedToShare(share: number): Frame {
		return this.zoomed(this.maxZoom ** share);
	}

	/** The frame about a point of the picture with a side in picture pixels, as near as the picture allows. */
	around(centre: Point, sidePx: number): Frame {
		const whole = Math.min(this.picture.width, this.picture.height);
		return this.at(centre, Math.min(this.maxZoom, Math.max(1, whole / sidePx)));
	}

	/** Turns the picture by 90° clockwise about the middle of the window. */
	turned(): Frame {
		return new Frame(this.picture, this.centre, this.zoom, ((this.turns + 1) % 4) as Turns);
	}

	/** The largest square again, not turned. */
	reset(): Frame {
		return Frame.suggest(this.picture);
	}

	/** Where the square lies in the picture as it is seen. */
	get place(): Place {
		const half = this.sidePx / 2;
		const { width, height } = this.picture;
		const seen = turn(
			{ x: leaning(this.centre.x, half, width), y: leaning(this.centre.y, half, height) },
			this.turns,
		);
		return { across: third(seen.x), down: third(seen.y) };
	}

	/** Maps picture pixels to a window of windowPx pixels a side. */
	matrix(windowPx: number): Matrix {
		const scale = windowPx / this.sidePx;
		const right = turn({ x: scale, y: 0 }, this.turns);
		const down = turn({ x: 0, y: scale }, this.turns);
		const { x, y } = this.centre;
		return [
			right.x, right.y, down.x, down.y,
			windowPx / 2 - right.x * x - down.x * y,
			windowPx / 2 - right.y * x - down.y * y,
		];
	}

	/** A way as seen, in window sides, as a way in picture pixels. */
	private toPicture(way: Point): Point {
		return turn({ x: way.x * this.sidePx, y: way.y * this.sidePx }, ((4 - this.turns) % 4) as Turns);
	}

	/** The frame as near to centre as the picture allows. */
	private at(centre: Point, zoom: number): Frame {
		const half = Math.min(this.picture.width, this.picture.height) / zoom / 2;
		const inside = {
			x: Math.min(this.picture.width - half, Math.max(half, centre.x)),
			y: Math.min(this.picture.height - half, Math.max(half, centre.y)),
		};
		return new Frame(this.picture, inside, zoom, this.turns);
	}
}

/** Turns a way clockwise, y pointing down. */
function turn({ x, y }: Point, turns: Turns): Point {
	switch (turns) {
		case 0: return { x, y };
		case 1: return { x: 0 - y, y: x }; // 0 - y, for -y would make a negative zero
		case 2: return { x: 0 - x, y: 0 - y };
		case 3: return { x: y, y: 0 - x };
	}
}

/** How far the middle of the square leans from the middle of the picture: -1 to 1 of what it can. */
function leaning(centrePx: number, halfPx: number, lengthPx: number): number {
	const room = lengthPx / 2 - halfPx;
	return room < 1 ? 0 : (centrePx - lengthPx / 2) / room;
}

function third(lean: number): -1 | 0 | 1 {
	if (lean < -1 / 3 - 1e-9) return -1; // the first suggestion is at -1/3 and counts as the centre
	return lean > 1 / 3 ? 1 : 0;
}
