import { say } from './say';

/** How long an answer may take: a little longer than the server gives Microsoft 365. */
const ANSWER_MS = 110_000;

/** A waiting photo is sent again no sooner and no later than this, whatever the clocks say. */
const WAIT_MS = { least: 1_000, most: 10 * 60_000, unknown: 10_000 };

/** A framed photo, ready to go. */
export interface Parcel {
	readonly photo: Blob;
	/** The same for every try to send the same photo: the server can tell a repeat. */
	readonly key: string;
	/** What the helpdesk changes it for; "" where nobody asks. */
	readonly reason: string;
	/** The photo's version on the page; "" to replace whatever is there. */
	readonly version: string;
}

/** What the server makes of a save. */
export type Answer =
	/** undo is what brings back what was there: an id of the history, "none" where there was nothing, "" where it can't be undone. */
	| { readonly state: 'confirmed'; readonly etag: string; readonly directoryOnly: boolean; readonly undo: string }
	/** Microsoft 365 is busy, or didn't say whether it has the photo. The same order goes on after waitMs. */
	| { readonly state: 'waiting' | 'unknown'; readonly waitMs: number }
	| { readonly state: 'refused'; readonly refusal: Refusal };

/** Why a save failed, in a sentence, and what the person can do about it. */
export interface Refusal {
	readonly sentence: string;
	/** Where the server's log tells more; "" for none. */
	readonly reference: string;
	/** Signing in again would help. */
	readonly signIn: boolean;
	/** Somebody else, or another window, changed the photo meanwhile. */
	readonly overtaken: boolean;
	/** The server has seen the photo: it keeps it, or there is no use in keeping it. */
	readonly arrived: boolean;
}

/** Sends a photo to address, once. It fails only when stopped is aborted. */
export function send(address: string, { photo, key, reason, version }: Parcel, stopped: AbortSignal): Promise<Answer> {
	const headers = {
		'Content-Type': 'image/jpeg',
		'Idempotency-Key': key,
		...(reason && { 'X-Reason': encodeURIComponent(reason) }),
		...(version && { 'X-Photo-Version': version }),
	};
	return order(address, { method: 'PUT', body: photo, headers }, stopped);
}

/** Asks the server for a change, once. It fails only when stopped is aborted. */
export async function order(address: string, request: RequestInit, stopped: AbortSignal): Promise<Answer> {
	try {
		const response = await fetch(address, {
			...request,
			headers: {
				...request.headers,
				'Accept': 'application/json',
				'X-CSRF-Token': document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? '',
			},
			redirect: 'error',
			signal: AbortSignal.any([stopped, AbortSignal.timeout(ANSWER_MS)]),
		});
		return await understand(response);
	} catch (error) {
		stopped.throwIfAborted();
		const late = error instanceof DOMException && error.name === 'TimeoutError';
		return { state: 'refused', refusal: { sentence: late ? say('no-answer') : say('offline'), reference: '', signIn: false, overtaken: false, arrived: false } };
	}
}

async function understand(response: Response): Promise<Answer> {
	const body = await members(response);
	const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
	if (response.status === 200 && body.state === 'confirmed') {
		return { state: 'confirmed', etag: text('etag'), directoryOnly: body.directoryOnly === true, undo: text('undo') };
	}
	if (response.status === 202) return { state: body.state === 'unknown' ? 'unknown' : 'waiting', waitMs: waitMs(response, body.retryAt) };
	const signIn = response.status === 401 || body.next === 'sign-in';
	const sentence = text('detail') || (signIn ? say('signed-out') : say('failed'));
	const known = text('requestId') !== ''; // it was Portrait that answered
	return { state: 'refused', refusal: { sentence, reference: text('requestId'), signIn, overtaken: response.status === 409, arrived: known && !signIn } };
}

/** The members of a JSON answer; none where it isn't one, as from a proxy. */
export async function members(response: Response): Promise<Record<string, unknown>> {
	const body: unknown = await response.json().catch(() => ({}));
	return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

/** How long to wait until retryAt, by the server's clock: this device's may be wrong. */
function waitMs(response: Response, retryAt: unknown): number {
	const now = Date.parse(response.headers.get('Date') ?? '') || Date.now();
	const wait = Date.parse(String(retryAt)) - now;
	return Number.isNaN(wait) ? WAIT_MS.unknown : Math.min(WAIT_MS.most, Math.max(WAIT_MS.least, wait));
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
