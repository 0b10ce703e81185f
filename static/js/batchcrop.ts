import { Frame, type Size } from './frame';

/** The square that text names, "x y side turn" in pixels of the source and degrees, as a frame of a copy of size; the first suggestion for "". */
export function frameOf(text: string, size: Size, source: Size): Frame {
	const numbers = text.trim().split(/\s+/).map(Number);
	const [x = 0, y = 0, side = 0, turn = 0] = numbers.some(Number.isNaN) ? [] : numbers;
	const scale = size.width / source.width;
	const suggested = Frame.suggest(size);
	const frame = side > 0 ? suggested.around({ x: (x + side / 2) * scale, y: (y + side / 2) * scale }, side * scale) : suggested;
	return turned(frame, turn / 90);
}

/** A frame of a copy as the server reads it, in pixels of the source: it lies inside, whatever is rounded. */
export function cropText(frame: Frame, source: Size): string {
	const { width, height } = frame.picture;
	const [across, down] = [source.width / width, source.height / height];
	const { x, y } = frame.square;
	const side = Math.max(1, Math.min(source.width, source.height, Math.round(frame.sidePx * Math.min(across, down))));
	const inside = (at: number, length: number): number => Math.max(0, Math.min(length - side, Math.round(at)));
	return `${inside(x * across, source.width)} ${inside(y * down, source.height)} ${side} ${frame.turns * 90}`;
}

/** The frame with nothing that the server can't cut: a square, turned by quarters. */
export function plain(frame: Frame): Frame {
	return turned(Frame.suggest(frame.picture).around(frame.centre, frame.sidePx), frame.turns);
}

function turned(frame: Frame, quarters: number): Frame {
	for (let i = ((quarters % 4) + 4) % 4; i >= 1; i--) frame = frame.turned();
	return frame;
}
