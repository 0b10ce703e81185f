import { Announcer } from './announcer';
import { crop, roughCrop } from './crop';
import { FaceHelp } from './facehelp';
import { Frame } from './frame';
import { DEEDS, Hands, type Framing } from './hands';
import { Intake, type Receiver } from './intake';
import { describe, notesOn, showNotes } from './notes';
import { Opening } from './opening';
import { part, reasonField } from './parts';
import { Unusable, type Picture } from './picture';
import { Previews } from './previews';
import { Saving, type Outcome, type Phase } from './saving';
import { say } from './say';
import { replacePhotos } from './shown';
import { Stage } from './stage';
import { offerUndo } from './undo';
import type { Vault } from './vault';

/** How long the picture must rest before it is drawn from the original. */
const REST_MS = 150;

type State = 'empty' | 'framing' | 'saving' | 'saved';

/**
 * Editor lets a person choose a picture, frame it, judge it and save it. Its
 * HTML is views/editor.templ. Only the framed square is ever sent.
 */
export class Editor implements Framing, Receiver {
	private state: State = 'empty';
	private picture: Picture | undefined;
	private framed: Frame | undefined;
	/** What will be sent, drawn from the original; undefined while the picture moves. */
	private square: HTMLCanvasElement | undefined;
	/** A framed picture is here that Microsoft 365 doesn't have. */
	private unsaved = false;
	private drawing = 0;
	private resting = 0;
	private opening = 0;

	private readonly announcer: Announcer;
	private readonly stage: Stage;
	private readonly previews: Previews;
	private readonly opener: Opening;
	private readonly faces: FaceHelp;
	private readonly saving: Saving;
	private readonly slider: HTMLInputElement;
	private readonly saveButton: HTMLElement;
	private readonly saveLabel: string;
	private readonly cancelButton: HTMLElement;

	constructor(private readonly root: HTMLElement, vault: Vault) {
		const { put = '', track = '' } = root.dataset;
		this.announcer = new Announcer(part(root, 'status', HTMLElement));
		this.stage = new Stage(
			part(root, 'stage', HTMLElement), part(root, 'canvas', HTMLCanvasElement), part(root, 'window', HTMLElement),
			() => this.redraw(),
		);
		this.previews = new Previews(root);
		this.opener = new Opening(root, this.announcer);
		this.faces = new FaceHelp(root, this, this.announcer);
		this.saving = new Saving(root, { put, track }, vault, this.announcer, phase => this.reached(phase));
		this.slider = part(root, 'slider', HTMLInputElement);
		this.saveButton = this.button('save');
		this.saveLabel = this.saveButton.textContent ?? '';
		this.cancelButton = this.button('cancel');
		this.listen();
		new Hands(this.stage, this);
		new Intake(root, this);
		for (const e of root.querySelectorAll<HTMLElement>('[data-plain]')) e.hidden = true;
		for (const e of root.querySelectorAll<HTMLElement>('[data-scripted]')) e.hidden = false;
	}

	/** The frame, while it may be changed. */
	get frame(): Frame | undefined {
		return this.state === 'framing' ? this.framed : undefined;
	}

	get mayTake(): boolean {
		return this.state !== 'saving';
	}

	/** Shows another frame of the picture, with a remark if there is one. */
	change(frame: Frame, remark = ''): void {
		this.framed = frame;
		this.square = undefined;
		this.unsaved = true;
		this.redraw();
		this.slider.value = String(frame.zoomShare * 100);
		this.slider.style.setProperty('--share', String(frame.zoomShare));
		this.slider.disabled = frame.maxZoom === 1;
		this.slider.setAttribute('aria-valuetext', say('percent', { Percent: Math.round(frame.zoom * 100) }));
		this.offerSaving(this.saveLabel);
		this.warn(remark);
		if (document.activeElement !== this.slider) this.announcer.sayAtRest(describe(frame)); // a slider speaks for itself
	}

	/** Opens a file that somebody brought. What is framed already stays if the file can't be used. */
	async take(file: Blob, remark: string): Promise<void> {
		const turn = ++this.opening;
		this.warn('');
		try {
			const picture = await this.opener.open(file);
			if (turn !== this.opening || !this.mayTake) return; // another file came meanwhile
			this.picture = picture;
			this.show('framing');
			this.change(Frame.suggest(picture.size), remark);
			this.faces.opened(picture, remark);
			this.stage.element.focus({ preventScroll: true });
			this.stage.element.scrollIntoView({ block: 'nearest' }); // a low window, or large text, may have it below
		} catch (error) {
			if (turn !== this.opening) return;
			if (!(error instanceof Unusable)) console.warn(error); // for whoever is asked for help
			this.refuse(error instanceof Unusable ? error.sentence : say('file-damaged'));
		}
	}

	refuse(sentence: string): void {
		this.announcer.say('');
		this.warn(sentence);
	}

	private listen(): void {
		for (const [name, deed] of Object.entries(DEEDS)) {
			this.button(name).addEventListener('click', e => this.frame && this.change(deed(this.frame, e.shiftKey)));
		}
		this.slider.addEventListener('input', () => this.frame && this.change(this.frame.zoomedToShare(Number(this.slider.value) / 100)));
		this.saveButton.addEventListener('click', e => e.detail > 1 || void this.save()); // a double click is one
		this.cancelButton.addEventListener('click', () => this.cancel());
		window.addEventListener('beforeunload', e => this.unsaved && e.preventDefault());
	}

	private button(name: string): HTMLElement {
		const found = this.root.querySelector<HTMLElement>(`[data-do="${name}"]`);
		if (!found) throw new Error(`no button with data-do="${name}"`);
		return found;
	}

	/** Draws the picture and judges it, soon. */
	redraw(): void {
		cancelAnimationFrame(this.drawing);
		clearTimeout(this.resting);
		this.drawing = requestAnimationFrame(() => this.draw());
		this.resting = setTimeout(() => this.faces.isLooking || this.settle(), REST_MS); // it draws again afterwards
	}

	/** Draws quickly, from the small copy. */
	private draw(): void {
		if (!this.picture || !this.framed) return;
		this.stage.draw(this.picture, this.framed, false);
		this.previews.show(this.square ?? roughCrop(this.picture, this.framed, this.previews.largestPx));
	}

	/** Draws well, from the original: what the previews show now is what is sent. */
	private settle(): HTMLCanvasElement | undefined {
		clearTimeout(this.resting);
		if (!this.picture || !this.framed) return undefined;
		this.square ??= crop(this.picture, this.framed);
		this.stage.draw(this.picture, this.framed, true);
		this.previews.show(this.square);
		showNotes(part(this.root, 'notes', HTMLElement), notesOn(this.picture, this.framed, this.square, this.faces.notes));
		return this.square;
	}

	private async save(): Promise<void> {
		if (this.state !== 'framing' || reasonField(this.root)?.reportValidity() === false) return;
		const square = this.settle();
		if (!square) return;
		this.warn('');
		this.show('saving');
		const outcome = await this.saving.save(square);
		if (outcome.saved) {
			this.finish(square, outcome);
			return;
		}
		this.unsaved = !outcome.kept;
		this.show('framing');
		this.offerSaving(outcome.overtaken ? say('save-anyway') : say('try-again'));
	}

	private reached(phase: Phase): void {
		this.unsaved = phase === 'sending'; // what waits is kept by the server
		this.cancelButton.setAttribute('aria-disabled', String(phase !== 'waiting'));
	}

	private finish(square: HTMLCanvasElement, { etag, directoryOnly, seen, photo, undo }: Outcome & { saved: true }): void {
		const sentence = directoryOnly ? say('saved-directory') : seen ? say('saved-seen') : say('saved-unseen');
		part(this.root, 'follows', HTMLElement).hidden = directoryOnly; // Outlook doesn't
		part(this.root, 'outcome', HTMLElement).textContent = sentence;
		this.showResult(photo, square);
		replacePhotos(this.root, etag, seen);
		offerUndo(this.root, undo);
		this.drop();
		this.show('saved');
		this.announcer.say(sentence);
		part(this.root, 'saved-title', HTMLElement).focus({ preventScroll: true });
	}

	/** Shows the very picture that was sent. */
	private showResult(photo: Blob, square: HTMLCanvasElement): void {
		const result = part(this.root, 'result', HTMLImageElement);
		result.width = result.height = square.width;
		result.src = URL.createObjectURL(photo);
		result.onload = () => URL.revokeObjectURL(result.src);
	}

	private cancel(): void {
		if (this.cancelButton.getAttribute('aria-disabled') === 'true') return;
		if (this.state === 'saving') {
			this.saving.stop();
			return; // save shows the framing again
		}
		this.drop();
		this.show('empty');
		this.announcer.say('');
		this.button('choose').focus();
	}

	private drop(): void {
		this.picture = this.framed = this.square = undefined;
		this.faces.closed();
		this.unsaved = false;
		this.saving.forgetFailure();
		this.warn('');
	}

	/** Shows the parts of a state. */
	private show(state: State): void {
		this.state = state;
		this.root.dataset.state = state;
		for (const e of this.root.querySelectorAll<HTMLElement>('[data-show]')) {
			e.hidden = !e.dataset.show?.split(' ').includes(state);
		}
		part(this.root, 'work', HTMLElement).inert = state === 'saving';
		this.saveButton.setAttribute('aria-disabled', String(state === 'saving'));
		this.cancelButton.removeAttribute('aria-disabled');
	}

	private offerSaving(label: string): void {
		this.saveButton.textContent = label;
		if (label === this.saveLabel) this.saving.forgetFailure();
	}

	private warn(sentence: string): void {
		part(this.root, 'trouble-text', HTMLElement).textContent = sentence;
		part(this.root, 'trouble', HTMLElement).hidden = sentence === '';
	}
}
