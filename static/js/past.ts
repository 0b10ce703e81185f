import type { Frame } from './frame';

/** How long a hand may rest within one gesture: what a wheel or a slider does in one go is undone in one. */
const REST_MS = 1000;

/** The gesture of what the page suggests by itself: however long it looks for a face, there is one beginning. */
export const OPENING = 'opening';

/** How the names begin of what fingers do in one go; each has another. */
export const GRIP = 'grip';

/** How far back a person can go. A frame is a few numbers. */
const MAX_STEPS = 200;

/** Past remembers the frames of a picture, so that a person can go back, and forth again. */
export class Past {
	private frames: Frame[] = [];
	private at = -1;
	private gesture = '';
	private touchedMs = 0;

	/** Forgets everything: another picture is here, or none. */
	clear(): void {
		this.frames = [];
		this.at = -1;
		this.gesture = '';
	}

	/**
	 * Remembers frame as the newest. One of the same gesture as the last takes its
	 * place; "" is a gesture of its own each time. What was undone is gone.
	 */
	record(frame: Frame, gesture: string): void {
		const nowMs = performance.now();
		const lasts = gesture === OPENING || gesture.startsWith(GRIP); // however slowly: its end is known
		const goesOn = gesture !== '' && gesture === this.gesture && (lasts || nowMs - this.touchedMs < REST_MS);
		this.gesture = gesture;
		this.touchedMs = nowMs;
		this.frames.length = this.at + 1;
		if (goesOn) this.frames.pop();
		this.frames.push(frame);
		if (this.frames.length > MAX_STEPS) this.frames.shift();
		this.at = this.frames.length - 1;
	}

	get hasBack(): boolean {
		return this.at > 0;
	}

	get hasForth(): boolean {
		return this.at < this.frames.length - 1;
	}

	/** The frame before this one; undefined at the first. */
	back(): Frame | undefined {
		this.gesture = '';
		return this.hasBack ? this.frames[--this.at] : undefined;
	}

	/** The frame that was left by going back; undefined at the newest. */
	forth(): Frame | undefined {
		this.gesture = '';
		return this.hasForth ? this.frames[++this.at] : undefined;
	}
}
