import type { Shrinker } from './batchshrink';
import { say } from './say';
import { members, pause } from './send';

/** How many pictures are on their way at once. */
const AT_ONCE = 3;

/** How long is waited before a picture is sent again, in ms; the last one again and again while the connection is gone. */
const PAUSES_MS = [1_000, 3_000, 10_000];

/** How often a picture is sent while the server answers that it can't take it now. */
const MAX_TRIES = 8;

/** How long an answer may take. */
const ANSWER_MS = 110_000;

/** A file to send, and its number in the batch. */
export interface Numbered {
	readonly n: number;
	readonly name: string;
	readonly file: File;
}

/** How far an upload is. */
export interface Sent {
	done: number;
	bytes: number;
}

/** Why a file wasn't taken, in a sentence. */
class Refused extends Error {}

/**
 * Uploader sends the pictures of a batch, a few at a time, and doesn't give up
 * when the connection does. A file keeps its number, so that sending it again is
 * harmless.
 */
export class Uploader {
	readonly sent: Sent = { done: 0, bytes: 0 };
	private readonly never = new AbortController().signal;

	constructor(
		private readonly path: string,
		private readonly shrinker: Shrinker,
		private readonly told: { progress(): void; failed(name: string, why: string): void; lost(): void },
	) {}

	/** Sends all files; those that are refused are told and left out. */
	async send(files: readonly Numbered[]): Promise<void> {
		const queue = [...files];
		await Promise.all(Array.from({ length: AT_ONCE }, async () => {
			for (let next = queue.shift(); next; next = queue.shift()) await this.sendOne(next);
		}));
	}

	private async sendOne({ n, name, file }: Numbered): Promise<void> {
		const { body, crop } = await this.shrinker.shrink(file);
		try {
			await this.put(n, name, body, crop);
			this.sent.bytes += body.size;
		} catch (error) {
			this.told.failed(name, error instanceof Refused ? error.message : say('failed'));
		}
		this.sent.done++;
		this.told.progress();
	}

	private async put(n: number, name: string, body: Blob, crop: string): Promise<void> {
		for (let tries = 0; ; tries++) {
			const response = await this.once(n, name, body, crop);
			if (response?.ok) return;
			const later = !response || response.status === 503 || response.status === 502 || response.status === 504;
			if (response && (!later || tries >= MAX_TRIES)) throw new Refused(String((await members(response)).detail ?? say('failed')));
			if (!response) this.told.lost();
			await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]!, this.never);
		}
	}

	/** Sends a picture once; undefined where no answer came. */
	private async once(n: number, name: string, body: Blob, crop: string): Promise<Response | undefined> {
		try {
			return await fetch(`${this.path}/files/${n}`, {
				method: 'PUT', body, redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS),
				headers: { 'X-CSRF-Token': token(), 'X-File-Name': encodeURIComponent(name), ...(crop && { 'X-Crop': crop }), Accept: 'application/json' },
			});
		} catch {
			return undefined;
		}
	}
}

/** The numbers that the batch at path has. It fails if the server doesn't answer. */
export async function numbersOf(path: string): Promise<Set<number>> {
	const response = await fetch(`${path}/state`, { headers: { Accept: 'application/json' }, cache: 'no-store', redirect: 'error' });
	if (!response.ok) throw new Error(`the batch answers ${response.status}`);
	const { files } = await members(response);
	return new Set(Array.isArray(files) ? files.map(Number) : []);
}

/** The session's token, as the page has it. */
export function token(): string {
	return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '';
}
