/** Square pixels: side times side of them, four bytes each, as in an ImageData. */
export interface Pixels {
	readonly side: number;
	readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Which pixels of a line go into each pixel of a shorter one, and how much. */
interface Share {
	readonly first: number;
	readonly weights: readonly number[];
}

/**
 * Scales a square down so that every pixel is the mean of the area that it
 * stands for. Browsers' own scaling differs and skips pixels; this is the same
 * in all of them, and what a small preview shows is truly there.
 */
export function scaledDown({ side, data }: Pixels, toSide: number): Pixels {
	const shares = sharesOf(side, Math.min(side, toSide));
	const across = new Float32Array(shares.length * side * 4);
	for (let y = 0; y < side; y++) average(data, y * side * 4, 4, shares, across, y * shares.length * 4, 4);
	const down = new Uint8ClampedArray(shares.length ** 2 * 4);
	const stride = shares.length * 4;
	for (let x = 0; x < shares.length; x++) average(across, x * 4, stride, shares, down, x * 4, stride);
	return { side: shares.length, data: down };
}

/** Shortens one line of pixels: a row or a column, whose pixels lie step apart. */
function average(
	from: ArrayLike<number>, fromAt: number, fromStep: number, shares: readonly Share[],
	to: Float32Array | Uint8ClampedArray, toAt: number, toStep: number,
): void {
	for (const { first, weights } of shares) {
		let [r, g, b, a] = [0, 0, 0, 0];
		let at = fromAt + first * fromStep;
		for (const weight of weights) {
			r += weight * from[at]!;
			g += weight * from[at + 1]!;
			b += weight * from[at + 2]!;
			a += weight * from[at + 3]!;
			at += fromStep;
		}
		to[toAt] = r;
		to[toAt + 1] = g;
		to[toAt + 2] = b;
		to[toAt + 3] = a;
		toAt += toStep;
	}
}

function sharesOf(from: number, to: number): Share[] {
	const ratio = from / to;
	return Array.from({ length: to }, (_, i) => {
		const begin = i * ratio;
		const end = Math.min(from, begin + ratio);
		const first = Math.floor(begin);
		const weights: number[] = [];
		for (let at = first; at < end - 1e-9; at++) weights.push((Math.min(at + 1, end) - Math.max(at, begin)) / ratio);
		return { first, weights };
	});
}
