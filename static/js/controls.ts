import type { Colour, Frame } from './frame';
import { DEEDS, type Framing } from './hands';
import { part } from './parts';
import type { Past } from './past';
import { say } from './say';

/** What the controls work on. */
export interface Controlled extends Framing {
	/** Shows a frame that was there before. */
	bring(frame: Frame | undefined): void;
	/** The colour that goes best around the picture. */
	readonly groundFor: Colour;
}

/**
 * Controls are the buttons and sliders of the editor: those with data-do="name of
 * a deed", "undo", "redo" and "fit", and the parts "slider", "tilt" and "ground".
 * Ctrl+Z and Ctrl+Y (or Ctrl+Shift+Z) go back and forth wherever the keyboard is,
 * but in a field.
 */
export class Controls {
	private readonly zoom: HTMLInputElement;
	private readonly tilt: HTMLInputElement;
	private readonly ground: HTMLInputElement;

	constructor(private readonly root: HTMLElement, private readonly editor: Controlled, private readonly past: Past) {
		this.zoom = part(root, 'slider', HTMLInputElement);
		this.tilt = part(root, 'tilt', HTMLInputElement);
		this.ground = part(root, 'ground', HTMLInputElement);
		for (const [name, deed] of Object.entries(DEEDS)) this.on(name, (frame, far) => editor.change(deed(frame, far)));
		this.on('fit', frame => editor.change(frame.fitted(frame.ground ? '' : editor.groundFor)));
		this.on('undo', () => this.go('undo'));
		this.on('redo', () => this.go('redo'));
		this.slide(this.zoom, (frame, value) => frame.zoomedToShare(value / 100));
		this.slide(this.tilt, (frame, value) => frame.straightened(value));
		this.ground.addEventListener('input', () => editor.frame && editor.change(editor.frame.fitted(this.ground.value), { gesture: 'ground' }));
		document.addEventListener('keydown', e => this.press(e));
	}

	/** Shows how frame is. */
	show(frame: Frame): void {
		set(this.zoom, frame.zoomShare * 100, frame.zoomShare, say('percent', { Percent: Math.round(frame.zoom * 100) }));
		this.zoom.disabled = frame.maxZoom === frame.minZoom;
		set(this.tilt, frame.tilt, (frame.tilt + 45) / 90, say('degrees', { Degrees: Math.round(frame.tilt) }));
		if (frame.ground) this.ground.value = frame.ground;
		part(this.root, 'ground-field', HTMLElement).hidden = !frame.ground;
		mark(this.button('fit'), 'aria-pressed', String(frame.ground !== ''));
		mark(this.button('undo'), 'aria-disabled', String(!this.past.hasBack));
		mark(this.button('redo'), 'aria-disabled', String(!this.past.hasForth));
	}

	/** The keyboard is on a slider, which speaks for itself. */
	get speaks(): boolean {
		return document.activeElement === this.zoom || document.activeElement === this.tilt;
	}

	private on(name: string, deed: (frame: Frame, far: boolean) => void): void {
		this.button(name)?.addEventListener('click', e => this.editor.frame && deed(this.editor.frame, e.shiftKey));
	}

	private slide(slider: HTMLInputElement, deed: (frame: Frame, value: number) => Frame): void {
		slider.addEventListener('input', () => {
			const { frame } = this.editor;
			if (frame) this.editor.change(deed(frame, Number(slider.value)), { gesture: slider.dataset.part ?? '' });
		});
	}

	private press(e: KeyboardEvent): void {
		if (!(e.ctrlKey || e.metaKey) || e.altKey || !this.editor.frame) return;
		if (e.target instanceof HTMLInputElement && e.target.type === 'text') return; // it has an undo of its own
		const key = e.key.toLowerCase();
		if (key !== 'z' && key !== 'y') return;
		e.preventDefault();
		this.go(key === 'y' || e.shiftKey ? 'redo' : 'undo');
	}

	private go(way: 'undo' | 'redo'): void {
		this.editor.bring(way === 'undo' ? this.past.back() : this.past.forth());
	}

	private button(name: string): HTMLElement | null {
		return this.root.querySelector<HTMLElement>(`[data-do="${name}"]`);
	}
}

/** Sets an attribute that isn't so already, which would have the page styled again for nothing. */
function mark(element: HTMLElement | null, name: string, value: string): void {
	if (element?.getAttribute(name) !== value) element?.setAttribute(name, value);
}

/** Sets a slider; share is how far along it stands, 0 to 1. */
function set(slider: HTMLInputElement, value: number, share: number, text: string): void {
	if (slider.getAttribute('aria-valuetext') === text && Number(slider.value) === value) return;
	slider.value = String(value);
	slider.style.setProperty('--share', String(share));
	slider.setAttribute('aria-valuetext', text);
}
