import { say } from './say';

/** How long an answer to a save may take. The server itself waits at most a few seconds for Microsoft 365. */
const ANSWER_MS = 60_000;

/** A waiting photo is sent again no sooner and no later than this, whatever the clocks say. */
const WAIT_MS = { least: 1_000, most: 10 * 60_000, unknown: 10_000 };

/** A framed photo, ready to go. */
export interface Parcel {
	readonly photo: Blob;
	/** The same for every try to send the same photo: the server can tell a repeat. */
	readonly key: string;
	/** What the helpdesk changes it for; "" where nobody asks. */
	readonly reason: string;
}

/** What the server makes of a save. */
export type Answer =
	| { readonly state: 'confirmed'; readonly etag: string; readonly directoryOnly: boolean }
	| { readonly state: 'waiting'; readonly waitMs: number }
	| { readonly state: 'refused'; readonly refusal: Refusal };

/** Why a save failed, in a sentence, and what the person can do about it. */
export interface Refusal {
	readonly sentence: string;
	/** Where the server's log tells more; "" for none. */
	readonly reference: string;
	/** Signing in again would help. */
	readonly signIn: boolean;
}

/** Sends a photo to address, once. It fails only when stopped is aborted. */
export async function send(address: string, { photo, key, reason }: Parcel, stopped: AbortSignal): Promise<Answer> {
	try {
		const response = await fetch(address, {
			method: 'PUT',
			body: photo,
			headers: {
				'Accept': 'application/json',
				'Content-Type': 'image/jpeg',
				'Idempotency-Key': key,
				...(reason && { 'X-Reason': encodeURIComponent(reason) }),
				'X-CSRF-Token': document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '',
			},
			redirect: 'error',
			signal: AbortSignal.any([stopped, AbortSignal.timeout(ANSWER_MS)]),
		});
		return await understand(response);
	} catch (error) {
		stopped.throwIfAborted();
		const late = error instanceof DOMException && error.name === 'TimeoutError';
		return refused(late ? say('no-answer') : say('offline'));
	}
}

async function understand(response: Response): Promise<Answer> {
	const body = await members(response);
	if (response.status === 200 && typeof body.etag === 'string') {
		return { state: 'confirmed', etag: body.etag, directoryOnly: body.directoryOnly === true };
	}
	if (response.status === 202) return { state: 'waiting', waitMs: waitMs(response, body.retryAt) };
	const signIn = response.status === 401 || body.next === 'sign-in';
	const detail = typeof body.detail === 'string' ? body.detail : '';
	return refused(detail || (signIn ? say('signed-out') : say('failed')), typeof body.requestId === 'string' ? body.requestId : '', signIn);
}

/** The members of a JSON answer; none where it isn't one, as from a proxy. */
async function members(response: Response): Promise<Record<string, unknown>> {
	const body: unknown = await response.json().catch(() => ({}));
	return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

/** How long to wait until retryAt, by the server's clock: this device's may be wrong. */
function waitMs(response: Response, retryAt: unknown): number {
	const now = Date.parse(response.headers.get('Date') ?? '') || Date.now();
	const wait = Date.parse(String(retryAt)) - now;
	return Number.isNaN(wait) ? WAIT_MS.unknown : Math.min(WAIT_MS.most, Math.max(WAIT_MS.least, wait));
}

function refused(sentence: string, reference = '', signIn = false): Answer {
	return { state: 'refused', refusal: { sentence, reference, signIn } };
}

/** Waits, unless stopped is aborted: then it fails. */
export function pause(ms: number, stopped: AbortSignal): Promise<void> {
	return new Promise((done, fail) => {
		const timer = setTimeout(done, ms);
		stopped.addEventListener('abort', () => {
			clearTimeout(timer);
			fail(stopped.reason);
		}, { once: true });
	});
}
