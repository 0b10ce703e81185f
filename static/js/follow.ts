import { members, pause } from './send';

/** When it is asked whether the photo is there, in ms after each answer: for about 20 s, which Microsoft 365 may take. */
const PAUSES_MS = [250, 750, 1500, 2000, 3000, 4000, 4000, 4000];

/** What became of the newest change of a photo. */
export interface Tracked {
	readonly state: string;
	/** Microsoft 365 serves it. */
	readonly seen: boolean;
}

/** Follows the newest change until Microsoft 365 serves it, and tells whether it does in time. */
export async function follow(track: string, stopped: AbortSignal): Promise<boolean> {
	for (const pauseMs of PAUSES_MS) {
		await pause(pauseMs, stopped);
		if ((await ask(track, stopped))?.seen) return true;
	}
	return false;
}

/** Asks once what became of the newest change; undefined if that can't be told now. */
export async function ask(track: string, stopped: AbortSignal): Promise<Tracked | undefined> {
	try {
		const response = await fetch(track, { cache: 'no-store', redirect: 'error', signal: stopped, headers: { Accept: 'application/json' } });
		if (!response.ok) return undefined;
		const body = await members(response);
		return { state: String(body.state), seen: body.seen === true };
	} catch {
		stopped.throwIfAborted();
		return undefined; // the connection is broken for now; there is another try
	}
}
