import { part } from './parts';
import { say } from './say';

/** What becomes of what people bring. */
export interface Receiver {
	/** False while a photo is being saved: then nothing is taken. */
	readonly mayTake: boolean;
	take(file: Blob, remark: string): void;
	refuse(sentence: string): void;
}

/**
 * Intake takes pictures in: chosen with a button, dropped anywhere on the page,
 * or pasted. The buttons are those with data-do="choose" and data-do="paste".
 */
export class Intake {
	private readonly input: HTMLInputElement;
	private readonly veil: HTMLElement;

	constructor(root: HTMLElement, private readonly receiver: Receiver) {
		this.input = part(root, 'file', HTMLInputElement);
		this.input.accept = 'image/*,.heic,.heif'; // with scripts more kinds can be opened; Windows has no type for these
		this.veil = part(root, 'drop', HTMLElement);
		this.input.addEventListener('change', () => this.chosen());
		for (const button of root.querySelectorAll<HTMLElement>('[data-do="choose"]')) {
			button.addEventListener('click', () => this.input.click());
		}
		for (const button of root.querySelectorAll<HTMLElement>('[data-do="paste"]')) {
			button.hidden = typeof navigator.clipboard?.read !== 'function';
			button.addEventListener('click', () => void this.readClipboard());
		}
		document.addEventListener('paste', e => this.pasted(e));
		this.watchDrops();
	}

	private chosen(): void {
		this.takeFirst([...(this.input.files ?? [])]);
		this.input.value = ''; // so that the same file can be chosen again
	}

	private takeFirst(files: File[]): void {
		const [first] = files;
		if (!first || !this.receiver.mayTake) return;
		this.receiver.take(first, files.length > 1 ? say('first-of-many', { Count: files.length }) : '');
	}

	private watchDrops(): void {
		document.addEventListener('dragover', e => {
			if (!e.dataTransfer || isText(e.dataTransfer)) return;
			e.preventDefault(); // else the browser opens the file and the page is gone
			e.dataTransfer.dropEffect = this.receiver.mayTake ? 'copy' : 'none';
			this.veil.hidden = !this.receiver.mayTake;
		});
		document.addEventListener('dragleave', e => {
			if (!e.relatedTarget) this.veil.hidden = true; // left the window, not just an element
		});
		document.addEventListener('drop', e => {
			this.veil.hidden = true;
			if (!e.dataTransfer || isText(e.dataTransfer)) return;
			e.preventDefault();
			const files = [...e.dataTransfer.files];
			if (files.length > 0) this.takeFirst(files);
			else if (this.receiver.mayTake) this.receiver.refuse(say('drop-nothing'));
		});
	}

	private pasted(e: ClipboardEvent): void {
		const files = [...(e.clipboardData?.files ?? [])];
		if (files.length === 0) return; // text, for a field perhaps
		e.preventDefault();
		this.takeFirst(files);
	}

	private async readClipboard(): Promise<void> {
		if (!this.receiver.mayTake) return;
		try {
			for (const item of await navigator.clipboard.read()) {
				const type = item.types.find(t => t.startsWith('image/') && t !== 'image/svg+xml');
				if (type) return this.receiver.take(await item.getType(type), '');
			}
			this.receiver.refuse(say('paste-nothing'));
		} catch {
			this.receiver.refuse(say('paste-refused')); // the person or the browser said no
		}
	}
}

/** Something dragged within the page or from a text: none of our business. */
function isText(transfer: DataTransfer): boolean {
	return !transfer.types.includes('Files') && !transfer.types.includes('text/uri-list');
}
