import { ask, follow } from './follow';
import { part } from './parts';
import { say, sayTime } from './say';
import { order, pause, type Answer } from './send';

/** A change that is being sent is looked at again after this. */
const LOOK_MS = 3000;

/**
 * DraftCard goes on with the newest change of a photo by itself: it counts down
 * while Microsoft 365 is busy and sends again, finds out what nobody answered,
 * and follows what is saved until it is seen. Its HTML is views/draft.templ.
 */
export class DraftCard {
	private readonly text: HTMLElement;
	private readonly wait: HTMLElement;
	/** Ends when the page is left. */
	private readonly left = new AbortController();

	constructor(private readonly root: HTMLElement) {
		this.text = part(root, 'draft-text', HTMLElement);
		this.wait = part(root, 'draft-wait', HTMLElement);
		addEventListener('pagehide', () => this.left.abort(), { once: true });
		this.go().catch(() => undefined); // the page was left
	}

	private async go(): Promise<void> {
		const { state = '', remote, retryMs = '0' } = this.root.dataset;
		switch (state) {
			case 'waiting':
				await this.countDown(Number(retryMs));
				return this.send();
			case 'unknown':
				await pause(Math.max(Number(retryMs), 1), this.left.signal);
				return this.send();
			case 'sending': return this.look();
			case 'confirmed': return remote === undefined ? undefined : this.follow();
		}
	}

	/** Sends what is waiting, until Microsoft 365 has it or doesn't take it. */
	private async send(): Promise<void> {
		for (;;) {
			this.tell(say('draft-sending'));
			const answer: Answer = await order(this.root.dataset.send ?? '', { method: 'POST' }, this.left.signal);
			switch (answer.state) {
				case 'confirmed': return location.reload(); // the whole page is about the new photo now
				case 'refused':
					return this.tell(answer.refusal.sentence);
				case 'waiting':
					await this.countDown(answer.waitMs);
					break;
				case 'unknown':
					this.tell(say('draft-unknown'));
					await pause(answer.waitMs, this.left.signal);
			}
		}
	}

	/** Waits for another window that is sending it. */
	private async look(): Promise<void> {
		for (;;) {
			await pause(LOOK_MS, this.left.signal);
			const tracked = await ask(this.root.dataset.track ?? '', this.left.signal);
			if (tracked && tracked.state !== 'sending') return location.reload();
		}
	}

	private async follow(): Promise<void> {
		const seen = await follow(this.root.dataset.track ?? '', this.left.signal);
		this.tell(seen ? say('draft-seen') : say('draft-unseen'));
	}

	private async countDown(waitMs: number): Promise<void> {
		const until = performance.now() + waitMs;
		for (let left = waitMs; left > 0; left = until - performance.now()) {
			this.wait.textContent = say('draft-countdown', { Time: sayTime(left) });
			this.wait.hidden = false;
			await pause(Math.min(left, 1000), this.left.signal);
		}
		this.wait.hidden = true;
	}

	private tell(sentence: string): void {
		this.text.textContent = sentence;
	}
}
