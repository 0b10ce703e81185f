import type { Announcer } from './announcer';
import { encode } from './crop';
import { follow } from './follow';
import { part, reasonField } from './parts';
import { say, sayTime } from './say';
import { pause, send, type Answer, type Parcel, type Refusal } from './send';
import type { Vault } from './vault';

type Confirmed = Extract<Answer, { state: 'confirmed' }>;

/** How a save ended. */
export type Outcome =
	/** It is there. seen tells whether Microsoft 365 serves it already. Without a mailbox it is in the directory only. undo is as in an Answer. */
	| { readonly saved: true; readonly etag: string; readonly directoryOnly: boolean; readonly undo: string; readonly seen: boolean; readonly photo: Blob }
	/**
	 * It isn't, and the page says why. overtaken: the photo was changed meanwhile,
	 * and the next try replaces that. kept: leaving the page loses nothing.
	 */
	| { readonly saved: false; readonly overtaken: boolean; readonly kept: boolean };

/** Where a save stands. Only while it is 'sending' does leaving the page lose anything. */
export type Phase = 'sending' | 'waiting' | 'taken';

/**
 * Saving sends a framed photo, says how far it is, and reads it back. Its parts
 * are the steps (data-step), the wait and the failure.
 */
export class Saving {
	private readonly steps: HTMLElement[];
	private readonly wait: HTMLElement;
	private readonly failure: HTMLElement;
	private stopper = new AbortController();
	private parcel: (Parcel & { square: HTMLCanvasElement }) | undefined;
	private version: string;
	private overtaken = false;
	private kept = false;

	constructor(
		private readonly root: HTMLElement,
		private readonly addresses: { readonly put: string; readonly track: string },
		private readonly vault: Vault,
		private readonly announcer: Announcer,
		private readonly reached: (phase: Phase) => void,
	) {
		this.steps = [...root.querySelectorAll<HTMLElement>('[data-step]')];
		this.wait = part(root, 'wait', HTMLElement);
		this.failure = part(root, 'failure', HTMLElement);
		this.version = root.dataset.version ?? '';
	}

	/** Saves square. It never fails. */
	async save(square: HTMLCanvasElement): Promise<Outcome> {
		this.stopper = new AbortController();
		const stopped = this.stopper.signal;
		this.forgetFailure();
		try {
			this.begin('sending', say('sending'));
			const parcel = await this.pack(square);
			await this.vault.keep(this.addresses.put, parcel);
			const taken = await this.deliver(parcel, stopped);
			if (!taken) return { saved: false, overtaken: this.overtaken, kept: this.kept };
			this.version = ''; // this page's own change
			this.begin('taken', say('taken'));
			const seen = await follow(this.addresses.track, stopped);
			return { saved: true, etag: taken.etag, directoryOnly: taken.directoryOnly, undo: taken.undo, seen, photo: parcel.photo };
		} catch (error) {
			if (!stopped.aborted) this.fail({ sentence: say('encode-failed'), reference: '', signIn: false }, error);
			return { saved: false, overtaken: false, kept: false };
		} finally {
			this.wait.hidden = true;
		}
	}

	/** Gives up. It is for the waiting: what is on its way may arrive all the same. */
	stop(): void {
		this.stopper.abort();
	}

	/** Takes what was said about a failed save off the page. */
	forgetFailure(): void {
		this.failure.hidden = true;
	}

	/** Encodes square, or finds the parcel of an earlier try: the same bytes under the same key. */
	private async pack(square: HTMLCanvasElement): Promise<Parcel> {
		if (this.parcel?.square !== square || this.overtaken) {
			this.parcel = { square, photo: await encode(square), key: crypto.randomUUID(), reason: '', version: '' };
		}
		this.overtaken = false;
		const { photo, key } = this.parcel;
		return { photo, key, reason: reasonField(this.root)?.value.trim() ?? '', version: this.version };
	}

	/** Sends until Microsoft 365 has it, and returns its answer; undefined if it is refused. */
	private async deliver(parcel: Parcel, stopped: AbortSignal): Promise<Confirmed | undefined> {
		for (;;) {
			const answer = await send(this.addresses.put, parcel, stopped);
			if (answer.state !== 'refused' || answer.refusal.arrived) await this.vault.forget(this.addresses.put);
			switch (answer.state) {
				case 'confirmed': return answer;
				case 'refused':
					this.kept = (await this.vault.find(this.addresses.put)) !== undefined; // known before it is said
					this.refuse(answer.refusal);
					return undefined;
				case 'waiting':
					await this.countDown(answer.waitMs, stopped);
					break;
				case 'unknown':
					this.announcer.say(say('unknown'));
					this.wait.textContent = say('unknown');
					this.wait.hidden = false;
					await pause(answer.waitMs, stopped);
			}
		}
	}

	private async countDown(waitMs: number, stopped: AbortSignal): Promise<void> {
		const until = performance.now() + waitMs;
		this.reached('waiting');
		this.announcer.say(say('waiting', { Time: sayTime(waitMs) })); // once, not every second
		for (let left = waitMs; left > 0; left = until - performance.now()) {
			this.wait.textContent = say('waiting', { Time: sayTime(left) });
			this.wait.hidden = false;
			await pause(Math.min(left, 1000), stopped);
		}
		this.wait.hidden = true;
		this.begin('sending', say('sending'));
	}

	/** Says what begins, and marks its step; the ones before it are done. */
	private begin(phase: 'sending' | 'taken', sentence: string): void {
		const current = phase === 'sending' ? 0 : 2; // once it is taken, reading it back is under way
		this.steps.forEach((step, i) => {
			step.dataset.state = i < current ? 'done' : i === current ? 'now' : 'next';
			if (i === current) step.setAttribute('aria-current', 'step');
			else step.removeAttribute('aria-current');
		});
		this.announcer.say(sentence);
		this.reached(phase);
	}

	private refuse(refusal: Refusal): void {
		this.overtaken = refusal.overtaken;
		if (refusal.overtaken) this.version = ''; // the person has been told, and the next try replaces what is there
		this.fail(refusal.signIn ? { ...refusal, sentence: this.kept ? say('kept') : say('not-kept') } : refusal);
	}

	private fail({ sentence, reference, signIn }: Pick<Refusal, 'sentence' | 'reference' | 'signIn'>, cause?: unknown): void {
		if (cause !== undefined) console.warn(cause); // for whoever is asked for help
		part(this.root, 'failure-text', HTMLElement).textContent = sentence;
		part(this.root, 'failure-reference', HTMLElement).textContent = reference && say('reference', { Id: reference });
		part(this.root, 'sign-in', HTMLElement).hidden = !signIn;
		this.failure.hidden = false;
	}
}
