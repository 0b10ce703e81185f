import type { Announcer } from './announcer';
import { Compare } from './compare';
import { Controls, type Controlled } from './controls';
import { crop } from './crop';
import { FaceHelp } from './facehelp';
import { Frame, type Colour } from './frame';
import { Hands, type How } from './hands';
import { adviceOn, describe, factsOn, Notes } from './notes';
import { part } from './parts';
import { OPENING, Past } from './past';
import type { Picture } from './picture';
import { Previews } from './previews';
import { Stage } from './stage';

/** How long the picture must rest before it is drawn from the original. */
const REST_MS = 150;

/** How long a preview stands while a hand holds the picture: small pictures needn't follow each frame of a large one. */
const PREVIEW_MS = 100;

/** Who has a bench. */
export interface Owner {
	/** The picture may be framed now. */
	readonly mayFrame: boolean;
	/** Another frame is shown, with a remark or "". */
	framed(remark: string): void;
}

/**
 * Bench frames one picture by every hand: the stage, its controls, the previews
 * and what is said of it. It knows nothing of where the picture came from and
 * where the square goes. Its HTML is editorDesk of views/editor.templ; root is
 * around that, and its data-faces, data-shape and data-present say what
 * FaceHelp and Compare need.
 */
export class Bench implements Controlled {
	readonly stage: Stage;
	private picture: Picture | undefined;
	private shown: Frame | undefined;
	/** The photo drawn from the original; undefined while the picture moves. */
	private square: HTMLCanvasElement | undefined;
	private drawing = 0;
	private resting = 0;
	private previewing = 0;

	private readonly past = new Past();
	private readonly previews: Previews;
	private readonly faces: FaceHelp;
	private readonly notes: Notes;
	private readonly controls: Controls;
	private readonly compare: Compare;

	constructor(root: HTMLElement, private readonly owner: Owner, private readonly announcer: Announcer) {
		this.stage = new Stage(
			part(root, 'stage', HTMLElement), part(root, 'canvas', HTMLCanvasElement), part(root, 'window', HTMLElement),
			() => this.redraw(),
		);
		this.previews = new Previews(root);
		this.faces = new FaceHelp(root, this, announcer);
		this.notes = new Notes(root, this.stage.element);
		this.controls = new Controls(root, this, this.past);
		this.compare = new Compare(root, this.previews, announcer, () => this.redraw());
		new Hands(this.stage, this);
	}

	/** Begins with a picture, of which a remark may be said. */
	open(picture: Picture, remark = ''): void {
		this.picture = picture;
		this.past.clear();
		this.notes.clear();
		this.change(Frame.suggest(picture.size), { remark, gesture: OPENING });
		this.faces.opened(picture, remark);
	}

	/** Puts the picture away. */
	close(): void {
		this.picture = this.shown = this.square = undefined;
		this.stopPreviewing();
		this.faces.closed();
		this.compare.off();
	}

	/** The frame, while it may be changed. */
	get frame(): Frame | undefined {
		return this.owner.mayFrame ? this.shown : undefined;
	}

	get groundFor(): Colour {
		return this.picture?.edge ?? '';
	}

	change(frame: Frame, { remark = '', gesture = '' }: How = {}): void {
		this.past.record(frame, gesture);
		this.bring(frame, remark);
	}

	bring(frame: Frame | undefined, remark = ''): void {
		if (!frame) return;
		this.shown = frame;
		this.square = undefined;
		this.compare.off();
		this.redraw();
		this.controls.show(frame);
		this.owner.framed(remark);
		if (!this.controls.speaks) this.announcer.sayAtRest(describe(frame));
	}

	released(): void {
		this.redraw(); // the previews may be behind
	}

	/** Says what is going on in place of what is known. */
	note(fact: string): void {
		this.notes.show([], [fact]);
	}

	/** Draws the picture and judges it, soon. */
	redraw(): void {
		cancelAnimationFrame(this.drawing);
		this.drawing = requestAnimationFrame(() => this.draw());
		this.awaitRest();
	}

	/** Draws well once the picture rests and no hand holds it any more, which would feel the pause. */
	private awaitRest(): void {
		clearTimeout(this.resting);
		this.resting = setTimeout(() => {
			if (this.stage.isHeld) this.awaitRest();
			else if (!this.faces.isLooking) this.settle(); // it draws again afterwards
		}, REST_MS);
	}

	/** Draws well, from the original: what the previews show now is the square that this returns. */
	settle(): HTMLCanvasElement | undefined {
		clearTimeout(this.resting);
		this.stopPreviewing();
		if (!this.picture || !this.shown) return undefined;
		this.square ??= crop(this.picture, this.shown);
		this.stage.draw(this.picture, this.shown, true);
		if (!this.compare.isOn) this.previews.show(this.square);
		this.notes.show([...adviceOn(this.shown, this.square), ...this.faces.advice], factsOn(this.picture, this.shown));
		return this.square;
	}

	/** Is settle for somebody who takes the frame as it is: no face that is found later changes it. */
	decide(): HTMLCanvasElement | undefined {
		this.faces.decided();
		return this.settle();
	}

	/** Shows the picture quickly, from the small copy; while a hand holds it, the previews follow a little later. */
	private draw(): void {
		if (!this.picture || !this.shown) return;
		this.stage.draw(this.picture, this.shown, false);
		if (this.stage.isHeld) this.previewing ||= setTimeout(() => this.preview(), PREVIEW_MS);
		else this.preview();
	}

	private preview(): void {
		this.stopPreviewing();
		if (!this.picture || !this.shown || this.compare.isOn) return;
		this.previews.follow(this.picture, this.shown);
	}

	private stopPreviewing(): void {
		clearTimeout(this.previewing);
		this.previewing = 0;
	}
}
