import { scaledDown, type Pixels } from './scale';

/** What is measured of a photo, by the same rules as on the server; docs/pictures.md has them. */
export interface Measures {
	/** Mean luma, 0 black to 255 white. */
	readonly luma: number;
	/** Variance of the Laplacian of luma: how much there is of edges. */
	readonly sharpness: number;
}

/** A hint about a photo. None of them keeps anybody from saving it. */
export type Hint = 'small' | 'dark' | 'light' | 'blurred';

/** The side of the copy that is measured, in pixels, so that the same photo in any size gives the same figures. */
const COPY_PX = 256;

/** Where a photo is called small (in pixels of the picture), dark, light or blurred. Found on portraits, see docs/pictures.md. */
const LIMITS = { small: 240, dark: 60, light: 205, blurred: 40 };

/** Measures a square photo. */
export function measure(photo: Pixels): Measures {
	const { side, data } = scaledDown(photo, COPY_PX);
	const luma = new Float32Array(side * side);
	let sum = 0;
	for (let i = 0, at = 0; i < luma.length; i++, at += 4) {
		luma[i] = Math.round(0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!); // as a JPEG has it
		sum += luma[i]!;
	}
	return { luma: sum / luma.length, sharpness: variance(laplacian(luma, side)) };
}

/** The hints on a photo that was cut out as a square of sidePx, most important first. */
export function hintsOf({ luma, sharpness }: Measures, sidePx: number): Hint[] {
	const hints: Hint[] = [];
	if (sidePx < LIMITS.small) hints.push('small');
	if (luma < LIMITS.dark) hints.push('dark');
	if (luma > LIMITS.light) hints.push('light');
	// Of a small picture there is no telling blur from missing pixels.
	if (sharpness < LIMITS.blurred && sidePx >= LIMITS.small) hints.push('blurred');
	return hints;
}

/** How much each pixel differs from its four neighbours; those at the edge have too few and are left out. */
function laplacian(luma: Float32Array, side: number): Float32Array {
	const inner = Math.max(0, side - 2);
	const edges = new Float32Array(inner * inner);
	for (let y = 1; y <= inner; y++) {
		for (let x = 1; x <= inner; x++) {
			const at = y * side + x;
			edges[(y - 1) * inner + x - 1] = luma[at - 1]! + luma[at + 1]! + luma[at - side]! + luma[at + side]! - 4 * luma[at]!;
		}
	}
	return edges;
}

function variance(values: Float32Array): number {
	if (values.length === 0) return 0;
	let [sum, squares] = [0, 0];
	for (const value of values) {
		sum += value;
		squares += value * value;
	}
	const mean = sum / values.length;
	return squares / values.length - mean * mean;
}
