// What a frame is computed with.
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

/** A colour as a style sheet writes it, "#rrggbb"; "" for none. */
export type Colour = string;

/** A canvas transform: a, b, c, d, e, f as setTransform takes them. */
export type Matrix = readonly [number, number, number, number, number, number];

/** Turns a way clockwise, y pointing down. */
export function turn({ x, y }: Point, turns: Turns): Point {
	switch (turns) {
		case 0: return { x, y };
		case 1: return { x: 0 - y, y: x }; // 0 - y, for -y would make a negative zero
		case 2: return { x: 0 - x, y: 0 - y };
		case 3: return { x: y, y: 0 - x };
	}
}

/** The sine and the cosine of an angle in degrees. */
export function of(degrees: number): { sine: number; cosine: number } {
	const angle = (degrees * Math.PI) / 180;
	return { sine: Math.sin(angle), cosine: Math.cos(angle) };
}

/** Turns a way by degrees clockwise. */
export function rotated({ x, y }: Point, degrees: number): Point {
	if (degrees === 0) return { x, y };
	const { sine, cosine } = of(degrees);
	return { x: x * cosine - y * sine, y: x * sine + y * cosine };
}

/** How much wider than its side a square is that is turned by so many degrees, at most 45 either way. */
export function spread(degrees: number): number {
	const { sine, cosine } = of(degrees);
	return cosine + Math.abs(sine);
}

/** value, or limit either way where it is beyond. */
export function clamp(value: number, limit: number): number {
	return Math.min(limit, Math.max(-limit, value));
}

/** The middle nearest to centrePx about which halfPx either way lies within lengthPx. */
export function within(centrePx: number, halfPx: number, lengthPx: number): number {
	return Math.min(lengthPx - halfPx, Math.max(halfPx, centrePx));
}

/** How far the middle of the square leans from the middle of the picture: -1 to 1 of what it can. */
export function leaning(centrePx: number, halfPx: number, lengthPx: number): number {
	const room = lengthPx / 2 - halfPx;
	return room < 1 ? 0 : (centrePx - lengthPx / 2) / room;
}

/** The third of its way in which a square lies. */
export function third(lean: number): -1 | 0 | 1 {
	if (lean < -1 / 3 - 1e-9) return -1; // the first suggestion is at -1/3 and counts as the centre
	return lean > 1 / 3 ? 1 : 0;
}
