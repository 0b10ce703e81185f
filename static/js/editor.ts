import { Announcer } from './announcer';
import { Bench, type Owner } from './bench';
import { Camera } from './camera';
import { Intake, type Receiver } from './intake';
import { Opening } from './opening';
import { part, reasonField, unfold } from './parts';
import { Unusable } from './picture';
import { Saving, type Outcome, type Phase } from './saving';
import { say } from './say';
import { replacePhotos } from './shown';
import { offerUndo } from './undo';
import type { Vault } from './vault';

type State = 'empty' | 'framing' | 'saving' | 'saved';

/** Where a picture is framed and saved. */
interface Desk {
	readonly bench: Bench;
	readonly saving: Saving;
	readonly save: HTMLElement;
	readonly cancel: HTMLElement;
	/** What the button says before anything has failed. */
	readonly saveLabel: string;
}

/**
 * Editor lets a person choose a picture, frame it on a bench, judge it and save
 * it. Its HTML is views/editor.templ. Only the framed square is ever sent.
 */
export class Editor implements Owner, Receiver {
	private state: State = 'empty';
	/** A framed picture is here that Microsoft 365 doesn't have. */
	private unsaved = false;
	private opening = 0;

	private readonly announcer: Announcer;
	private readonly opener: Opening;
	private laid: Desk | undefined;
	private camera: Camera | undefined;

	constructor(private readonly root: HTMLElement, private readonly vault: Vault) {
		this.announcer = new Announcer(part(root, 'status', HTMLElement));
		this.opener = new Opening(root, this.announcer);
		root.addEventListener('keydown', e => {
			if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey)) return;
			e.preventDefault();
			void this.save(); // from the stage it is a long way to the button
		});
		window.addEventListener('beforeunload', e => this.unsaved && e.preventDefault());
		new Intake(root, this);
		const photograph = this.button('camera');
		photograph.hidden = !Camera.isOffered;
		photograph.addEventListener('click', () => (this.camera ??= new Camera(root, this)).open());
	}

	/** The desk, laid out for the first picture: who only looks at the page needn't wait for it. */
	private get desk(): Desk {
		return (this.laid ??= this.layDesk());
	}

	private layDesk(): Desk {
		const { root } = this;
		const { put = '', track = '' } = root.dataset;
		unfold(root, 'desk');
		const [save, cancel] = [this.button('save'), this.button('cancel')];
		save.addEventListener('click', e => e.detail > 1 || void this.save()); // a double click is one
		cancel.addEventListener('click', () => this.cancel());
		return {
			bench: new Bench(root, this, this.announcer),
			saving: new Saving(root, { put, track }, this.vault, this.announcer, phase => this.reached(phase)),
			save, cancel,
			saveLabel: save.textContent ?? '',
		};
	}

	get mayFrame(): boolean {
		return this.state === 'framing';
	}

	get mayTake(): boolean {
		return this.state !== 'saving';
	}

	framed(remark: string): void {
		this.unsaved = true;
		this.offerSaving(this.desk.saveLabel);
		this.warn(remark);
	}

	/** Opens a file that somebody brought. What is framed already stays if the file can't be used. */
	async take(file: Blob, remark: string): Promise<void> {
		const turn = ++this.opening;
		this.warn('');
		try {
			const picture = await this.opener.open(file);
			if (turn !== this.opening || !this.mayTake) return; // another file came meanwhile
			const { bench } = this.desk;
			this.show('framing');
			bench.open(picture, remark);
			const stage = bench.stage.element;
			stage.focus({ preventScroll: true });
			stage.scrollIntoView({ block: 'nearest' }); // a low window, or large text, may have it below
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

	private button(name: string): HTMLElement {
		const found = this.root.querySelector<HTMLElement>(`[data-do="${name}"]`);
		if (!found) throw new Error(`no button with data-do="${name}"`);
		return found;
	}

	private async save(): Promise<void> {
		if (this.state !== 'framing' || reasonField(this.root)?.reportValidity() === false) return;
		const { bench, saving } = this.desk;
		const square = bench.decide();
		if (!square) return;
		this.warn('');
		this.show('saving');
		const outcome = await saving.save(square);
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
		this.desk.cancel.setAttribute('aria-disabled', String(phase !== 'waiting'));
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
		if (this.desk.cancel.getAttribute('aria-disabled') === 'true') return;
		if (this.state === 'saving') {
			this.desk.saving.stop();
			return; // save shows the framing again
		}
		this.drop();
		this.show('empty');
		this.announcer.say('');
		this.button('choose').focus();
	}

	private drop(): void {
		const { bench, saving } = this.desk;
		bench.close();
		saving.forgetFailure();
		this.unsaved = false;
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
		const { save, cancel } = this.desk;
		save.setAttribute('aria-disabled', String(state === 'saving'));
		cancel.removeAttribute('aria-disabled');
	}

	private offerSaving(label: string): void {
		const { save, saveLabel, saving } = this.desk;
		write(save, label);
		if (label === saveLabel) saving.forgetFailure();
	}

	private warn(sentence: string): void {
		write(part(this.root, 'trouble-text', HTMLElement), sentence);
		part(this.root, 'trouble', HTMLElement).hidden = sentence === '';
	}
}

/** Writes what isn't there already: while a picture moves, the page needn't be laid out for nothing. */
function write(element: HTMLElement, text: string): void {
	if (element.textContent !== text) element.textContent = text;
}
