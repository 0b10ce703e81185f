import type { Frame, Point } from './frame';
import { GRIP } from './past';
import type { Stage } from './stage';

/** How far an arrow moves the picture, in sides of the window. */
const NUDGE = { small: 0.02, large: 0.1 };

/** How much + and − zoom. */
const ZOOM_STEP = 1.1;

/** How far a key or a button straightens, in degrees. */
const TILT_STEP = { small: 1, large: 5 };

/** How far two fingers must twist before the picture turns with them, in degrees: nobody pinches quite straight. */
const TWIST_LEEWAY = 12;

/** How close to a quarter a twist comes to rest on it, in degrees. */
const TWIST_SNAP = 4;

/** How much a wheel zooms for each CSS pixel that it would scroll; a trackpad's pinch comes as a wheel with Ctrl and is finer. */
const WHEEL_STEP = { scroll: 0.0015, pinch: 0.01 };

/** How far a line and a page of a wheel are, in CSS pixels. Firefox counts lines. */
const WHEEL_UNIT_PX = [1, 16, 400];

/** What can be done to a frame by a key or a button. */
export const DEEDS: Readonly<Record<string, (frame: Frame, far: boolean) => Frame>> = {
	left: (frame, far) => frame.moved({ x: -nudge(far), y: 0 }),
	right: (frame, far) => frame.moved({ x: nudge(far), y: 0 }),
	up: (frame, far) => frame.moved({ x: 0, y: -nudge(far) }),
	down: (frame, far) => frame.moved({ x: 0, y: nudge(far) }),
	'zoom-in': frame => frame.zoomed(frame.zoom * ZOOM_STEP),
	'zoom-out': frame => frame.zoomed(frame.zoom / ZOOM_STEP),
	turn: frame => frame.turned(),
	flip: frame => frame.mirrored(),
	'tilt-left': (frame, far) => frame.straightened(frame.tilt - tilt(far)),
	'tilt-right': (frame, far) => frame.straightened(frame.tilt + tilt(far)),
	reset: frame => frame.reset(),
};

const KEYS: Readonly<Record<string, string>> = {
	ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down',
	'+': 'zoom-in', '=': 'zoom-in', '-': 'zoom-out', '−': 'zoom-out', _: 'zoom-out',
	r: 'turn', R: 'turn', f: 'flip', F: 'flip', '0': 'reset',
	'[': 'tilt-left', ']': 'tilt-right', '{': 'tilt-left', '}': 'tilt-right',
};

function nudge(far: boolean): number {
	return far ? NUDGE.large : NUDGE.small;
}

function tilt(far: boolean): number {
	return far ? TILT_STEP.large : TILT_STEP.small;
}

/** How a frame came about. */
export interface How {
	/** What is said of it. */
	readonly remark?: string;
	/** What is going on with one name, as a drag, is undone in one. */
	readonly gesture?: string;
}

/** What the hands work on. */
export interface Framing {
	/** Undefined while nothing may be framed. */
	readonly frame: Frame | undefined;
	change(frame: Frame, how?: How): void;
	/** No hand holds the picture any more. */
	released?(): void;
}

/** A grip is where fingers took hold of the picture, and how it lay then. */
interface Grip {
	readonly frame: Frame;
	readonly middle: Point;
	readonly spread: number;
	/** Where the second finger lies from the first, in degrees clockwise. */
	readonly angle: number;
}

/** Hands frames the picture on a stage by mouse, fingers, wheel and keyboard. */
export class Hands {
	private readonly fingers = new Map<number, Point>();
	private grip: Grip | undefined;
	private grips = 0;

	constructor(private readonly stage: Stage, private readonly framing: Framing) {
		const { element } = stage;
		element.addEventListener('pointerdown', e => this.take(e));
		element.addEventListener('pointermove', e => this.move(e));
		for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
			element.addEventListener(end, e => this.letGo(e));
		}
		element.addEventListener('wheel', e => this.wheel(e), { passive: false });
		element.addEventListener('keydown', e => this.press(e));
	}

	private take(e: PointerEvent): void {
		if (!this.framing.frame || e.button !== 0) return;
		this.stage.element.setPointerCapture(e.pointerId);
		this.fingers.set(e.pointerId, this.stage.inWindow(e.clientX, e.clientY));
		this.grasp();
	}

	private move(e: PointerEvent): void {
		if (!this.grip || !this.fingers.has(e.pointerId)) return;
		this.fingers.set(e.pointerId, this.stage.inWindow(e.clientX, e.clientY));
		// Always from where the fingers took hold, so that what was under a finger comes back under it.
		const { frame, middle, spread, angle } = this.grip;
		const now = this.held();
		const zoomed = spread > 0 ? frame.zoomed((frame.zoom * now.spread) / spread, middle) : frame;
		const twisted = spread > 0 ? twist(zoomed, now.angle - angle) : zoomed;
		const moved = twisted.moved({ x: now.middle.x - middle.x, y: now.middle.y - middle.y });
		this.framing.change(moved, { gesture: `${GRIP} ${this.grips}` });
	}

	private letGo(e: PointerEvent): void {
		if (this.fingers.delete(e.pointerId)) this.grasp();
	}

	/** Begins anew with the fingers that are down. */
	private grasp(): void {
		const { frame } = this.framing;
		if (this.fingers.size <= 1) this.grips++; // a second finger goes on with what the first began
		this.grip = frame && this.fingers.size > 0 ? { frame, ...this.held() } : undefined;
		this.stage.element.toggleAttribute('data-held', this.grip !== undefined);
		if (!this.grip) this.framing.released?.();
	}

	/** The middle of the first two fingers, and how far they are apart. */
	private held(): Omit<Grip, 'frame'> {
		const [one = { x: 0, y: 0 }, two = one] = this.fingers.values();
		return {
			middle: { x: (one.x + two.x) / 2, y: (one.y + two.y) / 2 },
			spread: Math.hypot(one.x - two.x, one.y - two.y),
			angle: (Math.atan2(two.y - one.y, two.x - one.x) * 180) / Math.PI,
		};
	}

	private wheel(e: WheelEvent): void {
		const { frame } = this.framing;
		if (!frame) return;
		e.preventDefault();
		const way = e.deltaY * (WHEEL_UNIT_PX[e.deltaMode] ?? 1) * (e.ctrlKey ? WHEEL_STEP.pinch : WHEEL_STEP.scroll);
		this.framing.change(frame.zoomed(frame.zoom * Math.exp(-way), this.stage.inWindow(e.clientX, e.clientY)), { gesture: 'wheel' });
	}

	private press(e: KeyboardEvent): void {
		const deed = DEEDS[KEYS[e.key] ?? ''];
		const { frame } = this.framing;
		if (!deed || !frame || e.ctrlKey || e.metaKey || e.altKey) return;
		e.preventDefault();
		this.framing.change(deed(frame, e.shiftKey), { gesture: e.repeat ? e.key : '' });
	}
}

/** Twists a frame by as much as two fingers did, in degrees: not at all at first, then more, and as much at a quarter. */
function twist(frame: Frame, degrees: number): Frame {
	const way = ((degrees + 540) % 360) - 180; // the shorter way round
	const beyond = Math.max(0, Math.abs(way) - TWIST_LEEWAY) * (90 / (90 - TWIST_LEEWAY));
	if (beyond === 0) return frame;
	const twisted = frame.twisted(Math.sign(way) * beyond);
	return Math.abs(twisted.tilt) < TWIST_SNAP ? twisted.straightened(0) : twisted;
}
