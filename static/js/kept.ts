import { part, unfold } from './parts';
import { say } from './say';
import { pause, send } from './send';
import type { Crop, Vault } from './vault';

/**
 * Kept offers a framed photo that this browser kept while its person was signed
 * out. Its HTML is views/kept.templ.
 */
export class Kept {
	private readonly card: HTMLElement;
	private busy = false;

	private constructor(root: HTMLElement, private readonly crop: Crop, private readonly vault: Vault) {
		unfold(root, 'kept');
		this.card = part(root, 'kept-card', HTMLElement);
		const image = part(root, 'kept-image', HTMLImageElement);
		image.src = URL.createObjectURL(crop.photo);
		image.onload = () => URL.revokeObjectURL(image.src);
		part(root, 'kept-save', HTMLButtonElement).addEventListener('click', () => void this.save());
		part(root, 'kept-drop', HTMLButtonElement).addEventListener('click', () => void this.drop());
	}

	/** Shows what is kept for the photo of this page, unless the server has something newer on the page. */
	static async offer(root: HTMLElement, vault: Vault): Promise<void> {
		const crop = await vault.find(root.dataset.put ?? '');
		if (!crop) return;
		const open = document.querySelector<HTMLElement>('[data-draft]:not([data-state="confirmed"])');
		if (open) await vault.forget(crop.put);
		else new Kept(root, crop, vault);
	}

	private async save(): Promise<void> {
		if (this.busy) return;
		this.busy = true;
		this.say(say('draft-sending'));
		const answer = await send(this.crop.put, this.crop, new AbortController().signal);
		if (answer.state === 'refused' && !answer.refusal.arrived) {
			this.say(answer.refusal.sentence);
			this.busy = false;
			return;
		}
		await this.vault.forget(this.crop.put); // the server has it, and the page tells what became of it
		if (answer.state === 'refused') {
			this.say(answer.refusal.sentence);
			await pause(2000, new AbortController().signal); // so that it can be read where the page says less
		}
		location.reload();
	}

	private async drop(): Promise<void> {
		await this.vault.forget(this.crop.put);
		this.card.hidden = true;
	}

	private say(sentence: string): void {
		part(this.card, 'kept-text', HTMLElement).textContent = sentence;
	}
}
