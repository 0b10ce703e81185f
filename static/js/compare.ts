import type { Announcer } from './announcer';
import { blank, contextOf, part } from './parts';
import type { Previews } from './previews';
import { say } from './say';

/**
 * Compare shows the present photo in the window and the previews, in place of the
 * framed one: the button with data-do="compare" and the image with
 * data-part="present". The button is there where the root has data-present, the
 * photo's address.
 */
export class Compare {
	private readonly button: HTMLElement | null;
	private readonly image: HTMLImageElement;

	constructor(
		private readonly root: HTMLElement,
		private readonly previews: Previews,
		private readonly announcer: Announcer,
		private readonly back: () => void,
	) {
		this.image = part(root, 'present', HTMLImageElement);
		this.button = root.querySelector<HTMLElement>('[data-do="compare"]');
		this.button?.addEventListener('click', () => (this.isOn ? this.end() : void this.begin()));
	}

	get isOn(): boolean {
		return !this.image.hidden;
	}

	/** Shows the framed photo again. */
	end(): void {
		if (!this.isOn) return;
		this.off();
		this.back();
		this.announcer.say(say('compare-new'));
	}

	/** Is over, and nothing is drawn again. */
	off(): void {
		this.image.hidden = true;
		this.button?.setAttribute('aria-pressed', 'false');
	}

	private async begin(): Promise<void> {
		this.image.src = this.root.dataset.present ?? '';
		this.button?.setAttribute('aria-pressed', 'true');
		try {
			await this.image.decode();
		} catch {
			this.off();
			this.announcer.say(say('compare-failed'));
			return;
		}
		if (this.button?.getAttribute('aria-pressed') !== 'true') return; // no longer wanted
		this.image.hidden = false;
		const square = blank(this.image.naturalWidth, this.image.naturalWidth, true);
		contextOf(square).drawImage(this.image, 0, 0, square.width, square.height);
		this.previews.show(square);
		this.announcer.say(say('compare-present'));
	}
}
