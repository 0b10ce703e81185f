import { Announcer } from './announcer';
import { cropText, frameOf, plain } from './batchcrop';
import { token } from './batchupload';
import { framedOn, mainFace } from './facing';
import { FaceFinder } from './faces';
import type { Frame, Size } from './frame';
import { DEEDS, Hands, type Framing } from './hands';
import { describe } from './notes';
import { part } from './parts';
import { Picture } from './picture';
import { say } from './say';
import { members } from './send';
import { Stage } from './stage';

/** An item whose picture is being framed. */
interface Opened {
	/** The button that opened it, which gets the keyboard back. */
	readonly opener: HTMLElement;
	readonly picture: Picture;
	/** The size of the picture that the server has, of which this one is a small copy. */
	readonly source: Size;
}

/**
 * BatchFramer frames one picture of a batch as the photo page does, with mouse,
 * fingers and keys, in a dialog over the wall. Its HTML is views/batchframe.templ;
 * every button with data-frame opens it for the item around it, and says in
 * data-crop which square that has.
 */
export class BatchFramer implements Framing {
	private readonly announcer: Announcer;
	private readonly stage: Stage;
	private readonly slider: HTMLInputElement;
	private readonly finder: FaceFinder | undefined;
	private opened: Opened | undefined;
	private shown: Frame | undefined;
	private drawing = 0;
	private busy = false;

	constructor(private readonly dialog: HTMLDialogElement) {
		this.announcer = new Announcer(part(dialog, 'status', HTMLElement));
		this.stage = new Stage(
			part(dialog, 'stage', HTMLElement), part(dialog, 'canvas', HTMLCanvasElement), part(dialog, 'window', HTMLElement), () => this.redraw(),
		);
		this.slider = part(dialog, 'slider', HTMLInputElement);
		this.finder = dialog.hasAttribute('data-faces') ? new FaceFinder() : undefined;
		new Hands(this.stage, this);
		this.listen();
		for (const opener of document.querySelectorAll<HTMLElement>('[data-frame]')) {
			opener.hidden = false;
			opener.addEventListener('click', () => void this.open(opener));
		}
	}

	/** The frame, while it may be changed. */
	get frame(): Frame | undefined {
		return this.busy ? undefined : this.shown;
	}

	/** Shows another frame. What the server can't cut, such as a slant, isn't taken over. */
	change(wanted: Frame): void {
		const frame = (this.shown = plain(wanted));
		this.redraw();
		this.slider.value = String(frame.zoomShare * 100);
		this.slider.style.setProperty('--share', String(frame.zoomShare));
		this.slider.disabled = frame.maxZoom === 1;
		this.slider.setAttribute('aria-valuetext', say('percent', { Percent: Math.round(frame.zoom * 100) }));
		if (document.activeElement !== this.slider) this.announcer.sayAtRest(describe(frame)); // a slider speaks for itself
	}

	private listen(): void {
		for (const [name, deed] of Object.entries(DEEDS)) {
			this.on(name, e => this.frame && this.change(deed(this.frame, e.shiftKey)));
		}
		this.slider.addEventListener('input', () => this.frame && this.change(this.frame.zoomedToShare(Number(this.slider.value) / 100)));
		this.on('face', () => void this.frameFace());
		this.on('cancel', () => this.dialog.close());
		this.on('save', () => void this.save());
		const face = this.dialog.querySelector<HTMLElement>('[data-do="face"]');
		if (face) face.hidden = !this.finder;
		this.dialog.addEventListener('close', () => this.closed());
	}

	private on(name: string, deed: (e: MouseEvent) => void): void {
		this.dialog.querySelector<HTMLElement>(`[data-do="${name}"]`)?.addEventListener('click', deed);
	}

	private async open(opener: HTMLElement): Promise<void> {
		this.warn('');
		part(this.dialog, 'title', HTMLElement).textContent = opener.getAttribute('aria-label');
		this.dialog.showModal();
		this.stage.element.focus();
		this.announcer.say(say('opening'));
		try {
			const response = await fetch(`${opener.dataset.frame}/whole/$value`, { headers: { Accept: 'application/json' }, redirect: 'error' });
			if (!response.ok) return this.warn(String((await members(response)).detail ?? say('failed')));
			const header = (name: string): number => Number(response.headers.get(name));
			const source = { width: header('Picture-Width'), height: header('Picture-Height') };
			const picture = await Picture.open(await response.blob());
			if (!this.dialog.open) return; // closed meanwhile
			this.opened = { opener, picture, source };
			this.change(frameOf(opener.dataset.crop ?? '', picture.size, source));
		} catch (error) {
			console.info(error); // for whoever is asked for help
			this.warn(say('offline'));
		}
	}

	/** Frames on the face, unless the picture was moved meanwhile. */
	private async frameFace(): Promise<void> {
		const { opened, frame, finder } = this;
		if (!opened || !frame || !finder) return;
		this.announcer.say(say('face-looking'));
		try {
			const faces = await finder.find(opened.picture, frame.turns);
			const face = mainFace(faces, frame);
			if (this.frame !== frame) return;
			if (face) this.change(framedOn(frame, face));
			this.announcer.sayAtRest(face ? say('face-framed') : say('face-none'));
		} catch (error) {
			console.info(error); // for whoever is asked for help
			this.announcer.say(say('face-failed'));
		}
	}

	private async save(): Promise<void> {
		const { opened, frame } = this;
		if (!opened || !frame) return;
		this.busy = true;
		const crop = cropText(frame, opened.source);
		try {
			const response = await fetch(opened.opener.dataset.frame ?? '', {
				method: 'POST', headers: { Accept: 'application/json' }, redirect: 'error', body: new URLSearchParams({ csrf_token: token(), crop }),
			});
			if (response.ok) this.taken(opened.opener, crop);
			else this.warn(String((await members(response)).detail ?? say('failed')));
		} catch {
			this.warn(say('offline'));
		} finally {
			this.busy = false;
		}
	}

	/** The server has the square. What somebody approved, or may approve, was another plan: the page must tell so. */
	private taken(opener: HTMLElement, crop: string): void {
		opener.dataset.crop = crop;
		const item = opener.closest('li');
		const field = item?.querySelector<HTMLInputElement>('input[name="crop"]');
		if (field) field.value = crop;
		const image = item?.querySelector<HTMLImageElement>('img');
		if (image) image.src = `${opener.dataset.frame}/$value?v=${encodeURIComponent(crop)}`;
		this.dialog.close();
		if (opener.closest('[data-approval]')) location.reload();
	}

	/** Esc, Cancel and the end of a save all come here. */
	private closed(): void {
		this.opened?.opener.focus();
		this.opened = this.shown = undefined;
		this.announcer.say('');
		this.redraw();
	}

	private redraw(): void {
		cancelAnimationFrame(this.drawing);
		this.drawing = requestAnimationFrame(() => this.opened && this.shown && this.stage.draw(this.opened.picture, this.shown, true));
	}

	private warn(sentence: string): void {
		const trouble = part(this.dialog, 'trouble', HTMLElement);
		trouble.textContent = sentence;
		trouble.hidden = sentence === '';
	}
}
